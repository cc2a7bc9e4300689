"""The people: `User`, `Profile`, joining, what they agreed to, and the gentle limits of the first days.

Stands on notifications, identity and audit. Start with `models/users.py`, then `adapters.py` for signing up.
"""
