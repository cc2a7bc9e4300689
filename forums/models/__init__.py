"""The nouns of the room: `Board` (boards.py); `Topic` (topics.py), how it is answered (answering.py) and what volunteers do with it
(steering.py, remembering.py); `Reply` (replies.py); who may read them (audience.py), what they ask for (modes.py), and how far
somebody has read (reading.py)."""

from .answering import Closed
from .audience import Audience
from .boards import Board
from .modes import Mode
from .reading import ReadMark
from .replies import Reply
from .topics import PAGE, Topic

__all__ = ["PAGE", "Audience", "Board", "Closed", "Mode", "ReadMark", "Reply", "Topic"]
