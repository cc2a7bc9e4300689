"""Looking after what others write: what is told, the desk where it waits, other looks, and finding out who speaks under an alias.

Stands on contributions; works for anything that is one, and for anything else with an address. What waits, and what is measured, is
named by each app for itself (sources.py, measuring.py). Start with `models/`, then `queue.py`.
"""
