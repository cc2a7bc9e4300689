"""The parts of the leak matrix: a house full of secrets (house.py), every way something could come out (channels.py), and the one
table that says who may see what where (table.py). `tests/test_leaks.py` puts them together."""
