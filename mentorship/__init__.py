"""A room: somebody who has been there. Newcomers ask for a mentor, experienced members guide them, both choose.

Stands on the foundation, never on another room. Start with `Match` in `models/matches.py`, then `scoring.py` and `matching.py`.
"""
