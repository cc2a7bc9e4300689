"""Decisions about what somebody wrote or may do, each with its reasons for whoever it concerns.

Stands on identity, audit and notifications. Whatever takes away words or standing calls `decide()` in the same transaction.
Start with `models.py`.
"""
