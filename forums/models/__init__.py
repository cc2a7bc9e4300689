"""The nouns of the room: `Board`, `Topic` and `Reply` (conversations.py), who may read them (audience.py), what they ask for
(modes.py), and how far somebody has read (reading.py)."""

from .audience import Audience
from .conversations import PAGE, Board, Closed, Reply, Topic
from .modes import Mode
from .reading import ReadMark

__all__ = ["PAGE", "Audience", "Board", "Closed", "Mode", "ReadMark", "Reply", "Topic"]
