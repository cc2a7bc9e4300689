from datetime import timedelta
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from .devices import HELD_FOR, LET_GO_AT
from .models import Standing, User
from .models.appointing import begin_those_ready, end_those_over, remind
from .models.standing import carry_out


@app.periodic(cron=f"{LET_GO_AT} * * * *")
@app.task(queueing_lock="members.forget_unconfirmed")
def forget_unconfirmed(timestamp: int) -> None:
    """Forget accounts whose address nobody confirmed in two days; their names are free again."""
    User.objects.never_arrived(before=timezone.now() - timedelta(seconds=HELD_FOR)).delete()


@app.periodic(cron="23 3 * * *")
@app.task(queueing_lock="members.forget_sessions")
def forget_sessions(timestamp: int) -> None:
    """Forget sessions that have run out, and with them from where and on which device they were."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


@app.task(retry=RetryStrategy(max_attempts=10, exponential_wait=2))
def carry_out_pause(decision: str) -> None:
    """Pause whoever stands behind the alias that was decided about, or let them write again."""
    carry_out(UUID(decision))


@app.periodic(cron="29 3 * * *")
@app.task(queueing_lock="members.forget_standings")
def forget_standings(timestamp: int) -> None:
    """Forget pauses that are over."""
    Standing.forget()


@app.periodic(cron="41 3 * * *")
@app.task(queueing_lock="members.end_offices")
def end_offices(timestamp: int) -> None:
    """End the roles whose time is over, remind those whose end is near, and begin what waits for nothing any more."""
    begin_those_ready()
    now = timezone.now()
    end_those_over(now)
    remind(now)
