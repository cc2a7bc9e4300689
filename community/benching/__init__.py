"""What pages cost: the community's ruler, for `./run bench`.

    pages.py     what a page is to be measured by; every app names its own in `bench.py`
    place.py     a community of the wanted size in a database of its own, and the real server on it
    wsgi.py      what that server serves: the house, and beside it the floor that every page is compared with
    load.py      the process that asks, apart from everything that is measured
    cost.py      CPU time and memory, as the operating system counts them
    rounds.py    floor, page, floor, page: what is asked in which order, and what comes of it
    topics.py    what is measured beside pages, by name: every app names its own in `bench.py`, too
    report.py    the table, the file, and what changed since another file

Stands on nothing but `serving` and `database`. Start with `rounds.py`.
"""
