"""Cohorts: the best matching of many newcomers and mentors, exactly, with its proof and its reasons.

    pool.py      everybody against everybody: who may meet whom, and the score of each pair
    solving.py   the best matching of a pool, with what is pinned and forbidden
    proof.py     the prices of places, and that no better matching exists
    reasons.py   why somebody has this mentor or nobody, and whom the programme should look for

    pool = gather(newcomers, mentors)
    matching = solve(pool, pins={…}, forbidden={…})
    rows = explain(pool, matching)

Stands on NumPy and SciPy, which take half a second and 50 MB: only the task that matches a cohort imports it, inside.
"""

import os

# Products of matrices on one core: the worker shares the machine, and on a busy one two cores wait for each other at every product.
# NumPy reads this when it is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from .pool import FLAGGED, HARD, WAITED, Pool, gather
from .proof import NotOptimal
from .reasons import Ahead, Cost, Funnel, Row, Sought, cost_of_pin, explain, funnel, sought
from .solving import FIT, MANY, CannotPin, Certificate, Matching, Pair, solve

__all__ = [
    "FIT",
    "FLAGGED",
    "HARD",
    "MANY",
    "WAITED",
    "Ahead",
    "CannotPin",
    "Certificate",
    "Cost",
    "Funnel",
    "Matching",
    "NotOptimal",
    "Pair",
    "Pool",
    "Row",
    "Sought",
    "cost_of_pin",
    "explain",
    "funnel",
    "gather",
    "solve",
    "sought",
]
