"""A room: the tagged library of what helped somebody. Members suggest, librarians look at it, everybody finds it.

Stands on the foundation, never on another room. Start with `Resource` in `models/resources.py`.
"""
