"""What members write: the abstract `Contribution`, revisions, references, drafts and exactly-once posting;
notes on what words are about, and what a reader would rather not see.

Stands on members. Start with `Contribution` in `models.py`; rooms extend it.
"""
