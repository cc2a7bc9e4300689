from procrastinate.contrib.django import app

from . import chain


@app.periodic(cron="*/5 * * * *")
@app.task(queueing_lock="audit.extend", pass_context=False)
def extend_chain(timestamp: int) -> None:
    """Link new audit entries every five minutes."""
    chain.extend()
