from procrastinate.contrib.django import app

from . import along, drafting, renewing
from .models import Cohort, Mentor


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="mentorship.renew_sets", lock="mentorship.renew_sets")
def renew_sets(timestamp: int) -> None:
    """Every ten minutes, make anew what is kept ready for finding where tags were merged meanwhile; until then the rows decide."""
    renewing.renew_sets()


@app.periodic(cron="2 * * * *")
@app.task(queueing_lock="mentorship.renew_clocks", lock="mentorship.renew_clocks")
def renew_clocks(timestamp: int) -> None:
    """Every hour, for those whose clocks were put forward or back."""
    renewing.renew_clocks()


@app.task
def draft_cohort(cohort_id: int) -> None:
    """Work the draft of a cohort out, after a coordinator has pressed."""
    drafting.draft(cohort_id)


@app.task
def weigh_pairing(pairing_id: int, mentor_id: int) -> None:
    """Find out what it would cost others if these two were together."""
    drafting.weigh(pairing_id, mentor_id)


@app.periodic(cron="47 4 * * *")
@app.task(queueing_lock="mentorship.forget_drafts", lock="mentorship.forget_drafts")
def forget_drafts(timestamp: int) -> None:
    """Every morning, forget drafts that nobody has touched for a month, and of published ones all but who was asked."""
    for cohort in Cohort.objects.to_forget():
        cohort.forget()


# Along the way. Each of these may run twice, and never beside itself.


@app.periodic(cron="12 * * * *")
@app.task(queueing_lock="mentorship.see_off_the_gone", lock="mentorship.along")
def see_off_the_gone(timestamp: int) -> None:
    """Every hour, end what somebody was part of whose account is not there any more."""
    along.see_off_the_gone()


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="mentorship.let_run_out", lock="mentorship.along")
def let_run_out(timestamp: int) -> None:
    """Every ten minutes, take back questions whose week is over, and let searches rest."""
    along.let_run_out()


@app.periodic(cron="22 * * * *")
@app.task(queueing_lock="mentorship.ask_how_it_goes", lock="mentorship.along")
def ask_how_it_goes(timestamp: int) -> None:
    """Every hour, ask those how it goes for whom that is due."""
    along.ask_how_it_goes()


@app.periodic(cron="32 * * * *")
@app.task(queueing_lock="mentorship.look_after_the_quiet", lock="mentorship.along")
def look_after_the_quiet(timestamp: int) -> None:
    """Every hour, ask pairs that have gone quiet, and set free those that stayed so."""
    along.look_after_the_quiet()


@app.periodic(cron="42 * * * *")
@app.task(queueing_lock="mentorship.keep_to_planned_ends", lock="mentorship.along")
def keep_to_planned_ends(timestamp: int) -> None:
    """Every hour, remind of last days and keep to them."""
    along.keep_to_planned_ends()


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="mentorship.bring_together_again", lock="mentorship.along")
def bring_together_again(timestamp: int) -> None:
    """Every ten minutes, see whether there is a place for those who asked for each other again."""
    along.bring_together_again()


@app.periodic(cron="17 5 * * *")
@app.task(queueing_lock="mentorship.let_mentors_lapse", lock="mentorship.let_mentors_lapse")
def let_mentors_lapse(timestamp: int) -> None:
    """Every morning, tell mentors whose approval runs out soon, and let those go where it ran out; each by themselves."""
    for mentor in Mentor.objects.to_tell().select_related("user"):
        mentor.tell_of_lapse()
    for mentor in Mentor.objects.to_let_go().select_related("user"):
        mentor.let_lapse()
