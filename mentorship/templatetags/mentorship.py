"""Mentors on pages."""

from django import template

from community.tags import showing
from mentorship.models import Fact, Mentor

register = template.Library()


@register.simple_tag
def lived(mentor: Mentor) -> list[showing.Shown]:
    """The tags of a listed mentor as links, if they let others know of them; no query."""
    return showing.shown(mentor.tag_names) if mentor.tells(Fact.LIVED) else []  # type: ignore[attr-defined]
