"""Told conversations: rows as the application itself would have written them, each at its own time.

The verbs write at this moment, and a community in which everything was said at this moment would be none. So the rows are made
here, for the demo and for a community of any size alike, and a test holds that the verbs make the same ones. What is told
stands as in `demo.toml`, whose head says what each field means.
"""

from .teller import HIDDEN_BECAUSE, Teller

__all__ = ["HIDDEN_BECAUSE", "Teller"]
