"""One vocabulary for every room: tags with synonyms, merged and followed.

Stands on members' floor: it knows people, and no room. Start with `models.py` (`Tag`, `Tagged`), then `applying.py`, the only
way a tag gets onto anything.
"""
