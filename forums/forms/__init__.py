"""Words in the room (words.py): conversations (topics.py) and answers (replies.py)."""

from .replies import ReplyEditForm, ReplyForm, excerpt_of, quotable, reply_box
from .topics import TopicEditForm, TopicForm

__all__ = ["ReplyEditForm", "ReplyForm", "TopicEditForm", "TopicForm", "excerpt_of", "quotable", "reply_box"]
