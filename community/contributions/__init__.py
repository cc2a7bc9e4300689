"""What members write: the abstract `Contribution`, revisions, references, drafts and exactly-once posting.

Stands on members. Start with `Contribution` in `models.py`; rooms extend it.
"""
