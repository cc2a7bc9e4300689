"""The nouns of the room: `Board` (boards.py), `Topic` (topics.py) with what volunteers do with it (steering.py,
remembering.py), `Reply` (replies.py), who may read them (audience.py), what they ask for (modes.py), and how far somebody has read
(reading.py)."""

from .audience import Audience
from .boards import Board
from .modes import Mode
from .reading import ReadMark
from .replies import Reply
from .topics import PAGE, Closed, Topic

__all__ = ["PAGE", "Audience", "Board", "Closed", "Mode", "ReadMark", "Reply", "Topic"]
