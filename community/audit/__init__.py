"""Who did what, when and why: entries that are only ever added, linked into a chain.

Stands on nothing. Start with `record()` in `models.py`, the only way to write one.
"""
