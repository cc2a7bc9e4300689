from procrastinate.contrib.django import app

from . import figures, watching
from . import unmasking as seals


@app.task
def open_unmasking(unmasking: int) -> None:
    """Find out who speaks under an alias, once two people agreed to it."""
    seals.carry_out(unmasking)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="moderation.forget_unmaskings")
def forget_unmaskings(timestamp: int) -> None:
    """Every ten minutes, forget the answers whose time is over, and do what a killed worker left behind."""
    seals.forget()
    seals.carry_out_waiting()


@app.periodic(cron="37 2 * * *")
@app.task(queueing_lock="moderation.count_months")
def count_months(timestamp: int) -> None:
    """Every night, count the months that are over; each is counted once."""
    figures.count_what_is_over()


@app.periodic(cron="*/3 * * * *")
@app.task(queueing_lock="moderation.tell_of_what_is_late", lock="moderation.tell_of_what_is_late")
def tell_of_what_is_late(timestamp: int) -> None:
    """Every three minutes, mail those on duty when something waits for longer than was said."""
    watching.tell_of_what_is_late()
