"""Looking after what others write: reports, and who is working on what.

Stands on contributions; works for anything that is one, and for anything else with an address. Start with `models.py`.
"""
