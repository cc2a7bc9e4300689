"""Files that other programs wrote, read into rows. Nothing here touches the database, and no row sinks a file.

    reading.py     bytes in, rows out: which kind of file it is, told from what is in it. Start here, with `read`
    files.py       bytes into text: encodings, and what is no text at all
    rows.py        `Row`: what became of one row, with what is wrong with it
    bookmarks.py   bookmarks of browsers (HTML)
    tables.py      CSV: Pocket, Raindrop, Pinboard, our own, any with a column of addresses
    records.py     JSON: Pinboard, our own
    lists.py       Markdown lists

Time grows with the length of a file only, whatever stands in it; nothing calls itself however deep the file goes.
"""

from .reading import Format, Reading, read
from .rows import Row

__all__ = ["Format", "Reading", "Row", "read"]
