"""The foundation: everything the rooms stand on. It knows no room.

The floors, from the top (imports go down only):
moderation · contributions · members, care and tags · decisions · notifications · identity and audit · permissions, text, pages and
times.
Start with `permissions.py`, then `contributions/models.py`.
"""
