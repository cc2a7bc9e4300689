"""The demo's vocabulary, and one of any size."""

from datetime import datetime, timedelta
from itertools import product

from django.db import transaction
from django.utils import timezone

from community.seeding import Size, tidy_up, write

from .models import Tag
from .naming import slug_of

BEFORE = timedelta(days=200)
# Each with the words that lead there.
VOCABULARY: dict[str, tuple[str, ...]] = {
    "asking for help": ("help from others",),
    "at home": (),
    "beginnings": ("being new", "newcomers"),
    "caring": ("carers", "looking after somebody"),
    "children": ("kids",),
    "company": ("loneliness", "being alone"),
    "cooking": ("meals",),
    "energy": ("fatigue", "exhaustion", "being tired"),
    "far away": ("from a distance",),
    "grief": ("bereavement", "mourning"),
    "guilt": ("carer’s guilt",),
    "long illness": ("chronic illness",),
    "moving safely": ("falls",),
    "new parents": ("new baby",),
    "nights": ("night time", "3 a.m."),
    "out of the house": ("walks",),
    "panic attacks": ("panic", "PA"),
    "papers": ("forms", "paperwork"),
    "rest": ("respite", "time off"),
    "sleep": ("insomnia", "can’t sleep"),
    "somebody to talk to": ("helplines",),
    "starting again": (),
    "telling family": ("telling people",),
    "waiting": ("waiting lists",),
    "words to use": ("what to say",),
    "work": ("jobs",),
}
# What a larger vocabulary is made of: each before each.
_BEFORE = (
    "early late quiet steady broken hidden open slow sudden shared chronic daily distant first gentle heavy late-life lasting "
    "minor modern new-born nightly old-age part-time plain private public rare recent rural school second severe single small "
    "social spoken spring step-by-step summer sunday teenage third travel unseen urban winter working written young"
).split()
_AFTER = (
    "anger appetite asthma balance bills boredom burnout calls care change choices colds company cooking cough courage crowds debt "
    "decisions diets distance doubt dreams driving eating emails evenings exams exercise eyesight falls family fears fever flats "
    "focus forms friends gardens goodbyes grief habits headaches hearing hobbies holidays homes hope hospital housing humour "
    "hunger injuries jobs journeys kitchens knees language laughter law letters limits listening lists loneliness losses meals "
    "medicine meetings memory migraine mobility money mornings moving music naps neighbours nerves news noise nursing pain "
    "parenting parties patience peace pets phones plans pride prayer questions quarrels reading recovery rent rest routines sleep"
).split()
MOST = 5_000


@transaction.atomic
def fill_demo(*, now: datetime | None = None) -> None:
    """Lay in a small vocabulary; does nothing where there is one already."""
    if Tag.objects.exists():
        return
    accepted_at = (now or timezone.now()) - BEFORE
    tags = {name: Tag(name=name, slug=slug_of(name), accepted_at=accepted_at) for name in VOCABULARY}
    Tag.objects.bulk_create(tags.values())
    Tag.objects.bulk_create(
        Tag(name=synonym, slug=slug_of(synonym), alias_of=tags[name], accepted_at=accepted_at)
        for name, synonyms in VOCABULARY.items()
        for synonym in synonyms
    )


def names(number: int) -> list[str]:
    """So many names, always the same."""
    return [f"{before} {after}" for after, before in product(_AFTER, _BEFORE)][:number]


def fill(size: Size, *, now: datetime | None = None) -> None:
    """A vocabulary for a community of that size: one tag for each conversation, up to what one library has."""
    accepted_at = (now or timezone.now()) - BEFORE
    write(Tag(name=name, slug=slug_of(name), accepted_at=accepted_at) for name in names(min(MOST, max(size.topics, 50))))
    tidy_up([Tag])
