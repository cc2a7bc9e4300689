"""A room: talking things through. Boards hold topics, topics hold replies.

Stands on the foundation, never on another room. Start with `Topic.reply` in `models/answering.py`.
"""
