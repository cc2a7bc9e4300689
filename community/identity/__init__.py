"""Who stands behind an alias: `Persona`, its seal, and the one place that can break it.

Stands on nothing. Start with `seal.py`: it finds, makes and (in the worker alone) opens.
"""
