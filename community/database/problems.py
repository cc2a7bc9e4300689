"""What can go wrong."""


class DatabaseError(Exception):
    """The embedded database cannot do what was asked; the text is a sentence for the person at the keyboard."""
