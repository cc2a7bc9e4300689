"""Looking at the addresses in the library, slowly: what is due is taken, looked at and noted, one after another.

A few addresses a minute in all, and one of each site. An address counts as broken only when it failed again and again for days,
and silence only when others answered meanwhile: it may be this place that has no way out.
"""

import functools
import operator
import re
from collections import Counter, deque
from datetime import datetime, timedelta
from time import monotonic
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from community.notifications.models import notify

from . import fetching
from .addresses import key_of, tidy
from .models import Fault, LinkState, Resource

A_MINUTE = timedelta(minutes=1)
MOST_A_MINUTE = 4
# How many due ones are looked through for different sites.
WINDOW = 200
# Seconds after which no other look is begun: a worker that is to end can wait no longer.
LONGEST_TURN = 8
# Others of a site that are due stand in a row, a minute apart; longer rows form anew.
LONGEST_ROW = 50
# When what was taken is due again, should whoever took it be gone.
TAKEN_FOR = timedelta(hours=1)
USUALLY = timedelta(days=30)
RETRIES = [timedelta(hours=1), timedelta(days=1), timedelta(days=3)]
BROKEN_AFTER = timedelta(days=3)

# Names that stand for others in examples: there is nothing to be seen.
_INVENTED = re.compile(r"(?:.*\.)?(?:example\.(?:com|net|org)|example|test|invalid|localhost)")
_SILENT = frozenset({Fault.SILENT, Fault.NAME})


def look_at_due(*, line: fetching.Line = fetching.DIRECT) -> None:
    """Look at what is due, as far as it may be now. Safe to call as often as one likes."""
    taken, until = deque(take()), monotonic() + LONGEST_TURN
    while taken and monotonic() < until:
        pk, address = taken.popleft()
        note(pk, address, fetching.look(address, line=line))
    left = [pk for pk, _address in taken]
    Resource.objects.filter(pk__in=left, look_next_at__isnull=False).update(look_next_at=timezone.now())


# Taking what is due -----------------------------------------------------------------------------------------------------


@transaction.atomic
def take() -> list[tuple[int, str]]:
    """The keys and addresses to be looked at now, each of another site. Whoever comes at the same time gets others, or none."""
    _one_at_a_time()
    now = timezone.now()
    lately = [_site(address) for address in _looked_at_lately(now)]
    busy, in_row, taken = set(lately), Counter[str](), []
    due = list(Resource.objects.to_look_at().select_for_update(skip_locked=True, of=("self",)).only("pk", "address")[:WINDOW])
    for resource in due:
        site = _site(resource.address)
        if not site or _INVENTED.fullmatch(site):
            resource.look_next_at = None
        elif site in busy:
            in_row[site] += 1
            resource.look_next_at = now + A_MINUTE * min(in_row[site], LONGEST_ROW)
        elif len(lately) + len(taken) < MOST_A_MINUTE:
            busy.add(site)
            taken.append((resource.pk, resource.address))
            resource.look_next_at = now + TAKEN_FOR
    Resource.objects.bulk_update(due, ["look_next_at"])
    return taken


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('resources.look', 1))")


def _looked_at_lately(now: datetime) -> list[str]:
    """The addresses that were taken or looked at in the last minute: each is due again a known time after that."""
    waits = [TAKEN_FOR, USUALLY, *RETRIES]
    spans = (Q(look_next_at__gt=now + wait - A_MINUTE, look_next_at__lte=now + wait) for wait in waits)
    return list(Resource.objects.filter(functools.reduce(operator.or_, spans)).values_list("address", flat=True)[:WINDOW])


def _site(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


# Noting what was found --------------------------------------------------------------------------------------------------


@transaction.atomic
def note(pk: int, address: str, answer: fetching.Answer) -> None:
    """Write down what was found at `address`, unless the thing has another one by now or is not to be looked at any more."""
    wanted = Resource.objects.up().filter(pk=pk, address=address, unchecked_at=None, look_next_at__isnull=False)
    resource = wanted.select_for_update(of=("self",)).first()
    if resource is None:
        return
    before = _shown(resource)
    resource.looked_at, resource.fault = timezone.now(), answer.fault or ""
    if answer.state is None:
        resource.look_next_at = resource.looked_at + (USUALLY if answer.fault in (Fault.CIRCLES, Fault.PORT) else RETRIES[1])
    elif answer.state == LinkState.FAILING:
        _fail(resource)
    else:
        _stand(resource, answer.state, answer.moved_to)
    resource.save(
        update_fields=["link_state", "fault", "looked_at", "look_next_at", "failing_since", "failures", "moved_to"],
    )
    if _shown(resource) != before:
        resource.touch()
    if resource.link_state == LinkState.BROKEN != before[0] and resource.keeper:
        notify([resource.keeper], "resources.resource_broke", target=resource)


def _shown(resource: Resource) -> tuple[object, ...]:
    """What its page says of its address; since when, only where it is broken."""
    is_broken = resource.link_state == LinkState.BROKEN
    return resource.link_state, resource.fault == Fault.BARRED, resource.moved_to, is_broken and resource.looked_at


def _stand(resource: Resource, state: LinkState, moved_to: str) -> None:
    """It opens, somewhere."""
    resource.failing_since, resource.failures = None, 0
    resource.link_state, resource.moved_to = state, _new_address(resource, moved_to)
    if state == LinkState.MOVED and not resource.moved_to:
        resource.link_state = LinkState.FINE
    resource.look_next_at = timezone.now() + USUALLY


def _new_address(resource: Resource, moved_to: str) -> str:
    """Where it has gone; nowhere, if that is only another spelling of its address or cannot be kept as one."""
    if not moved_to:
        return ""
    try:
        moved_to = tidy(moved_to)
        return "" if key_of(moved_to) == key_of(resource.address) else moved_to
    except ValidationError:
        return ""


def _fail(resource: Resource) -> None:
    now = timezone.now()
    resource.failing_since = resource.failing_since or now
    resource.failures = min(resource.failures + 1, 1_000)
    is_long = resource.failures > len(RETRIES) and now - resource.failing_since >= BROKEN_AFTER
    if resource.link_state == LinkState.BROKEN or (is_long and not _may_be_ours(resource)):
        resource.link_state, resource.look_next_at = LinkState.BROKEN, now + USUALLY
    else:
        resource.link_state = LinkState.FAILING
        resource.look_next_at = now + RETRIES[min(resource.failures, len(RETRIES)) - 1]


def _may_be_ours(resource: Resource) -> bool:
    """Did nobody at all answer since it fell silent?"""
    answering = [LinkState.FINE, LinkState.MOVED, LinkState.LOCKED]
    meanwhile = Resource.objects.filter(looked_at__gte=resource.failing_since, link_state__in=answering, look_next_at__isnull=False)
    return resource.fault in _SILENT and not meanwhile.exists()
