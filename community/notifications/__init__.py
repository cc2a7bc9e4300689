"""Telling people: `notify()`, the inbox, what each member wants to hear of, and all outgoing mail.

Stands on identity. Start with `notify()` in `models.py`; mail goes through `mail.py`.
"""
