"""Becoming a mentor: what somebody tells of themselves, the training before it, and what is still to do before it is handed in."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from community.members.models import User
from community.tags import applying
from community.times import now_in_steps

from .models import Lesson, LessonDone, Mentor
from .models.holding import hold_people
from .renewing import renew_mentor


class Step(NamedTuple):
    """A step of the training, and how its mentor took it, if they did."""

    lesson: Lesson
    done: LessonDone | None


@transaction.atomic
def tell(user: User, *, tags: Iterable[str], helps: Iterable[Any], not_about: Iterable[str], **fields: Any) -> Mentor:
    """Keep what a member tells of themselves as a mentor, from the first time on; what it stands in for finding is made anew."""
    hold_people(user.pk)
    mentor = Mentor.objects.select_for_update(no_key=True, of=("self",)).filter(user=user).first() or Mentor(user=user)
    capacity, before = fields.pop("capacity"), mentor.as_kept()
    brings_back = mentor.hidden_at is None and mentor.brings_back({name: str(fields.get(name, "")) for name in mentor.own_words})
    for name, value in fields.items():
        setattr(mentor, name, value)
    mentor.save()
    if brings_back or (mentor.sent_back_at and mentor.as_kept() != before):
        mentor.send_again()
    applying.apply(mentor, tags)
    mentor.helps.set(helps)
    mentor.set_not_about(applying.resolve(not_about))
    mentor.set_capacity(capacity)
    renew_mentor(mentor)
    return mentor


def steps(mentor: Mentor) -> list[Step]:
    """The training as it is now."""
    done = {each.lesson_id: each for each in mentor.lessons_done.all()}
    return [Step(lesson, done.get(lesson.pk)) for lesson in Lesson.objects.in_use()]


@transaction.atomic
def take(mentor: Mentor, lesson: Lesson, words: str = "") -> None:
    """Note that a step was taken: read and agreed to, or a case answered in these words."""
    LessonDone.objects.update_or_create(mentor=mentor, lesson=lesson, defaults={"words": words, "at": now_in_steps()})


@transaction.atomic
def agree_again(mentor: Mentor) -> None:
    """Agree to everything as it stands now, and ask to go on."""
    again = [LessonDone(mentor=mentor, lesson=step.lesson) for step in steps(mentor) if not step.lesson.is_case]
    LessonDone.objects.bulk_create(again, update_conflicts=True, unique_fields=["mentor", "lesson"], update_fields=["at"])
    mentor.ask_to_go_on()


def still_to_do(mentor: Mentor) -> list[str]:
    """What is missing before it can be handed in, each as one says it in a sentence."""
    has_told = mentor.story and mentor.hours and mentor.languages
    missing = [] if has_told else [_("what you tell of yourself")]
    return missing + [_("“%(lesson)s”") % {"lesson": step.lesson.name} for step in steps(mentor) if step.done is None]
