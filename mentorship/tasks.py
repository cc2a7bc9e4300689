from procrastinate.contrib.django import app

from . import drafting, renewing


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
