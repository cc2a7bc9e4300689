from procrastinate.contrib.django import app

from . import chain, witness


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="audit.extend", pass_context=False)
def extend_chain(timestamp: int) -> None:
    """Link new audit entries every five minutes."""
    chain.extend()


@app.periodic(cron="7 5 * * *")
@app.task(queueing_lock="audit.mail_head", pass_context=False)
def mail_head(timestamp: int) -> None:
    """Every morning, mail the newest link to the owners."""
    witness.mail_head()
