"""The nouns of the room: `Board` (boards.py), `Topic` and `Reply` (conversations.py), who may read them (audience.py), what they
ask for (modes.py), and how far somebody has read (reading.py)."""

from .audience import Audience
from .boards import Board
from .conversations import PAGE, Closed, Reply, Topic
from .modes import Mode
from .reading import ReadMark

__all__ = ["PAGE", "Audience", "Board", "Closed", "Mode", "ReadMark", "Reply", "Topic"]
