"""Getting people to help: help services by country, the help page that needs nothing, leaving quickly.

Stands on the floors without tables and on audit. Start with `middleware.py`.
"""
