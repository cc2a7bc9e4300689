from procrastinate.contrib.django import app

from .models import Topic


@app.periodic(cron="19 4 * * *")
@app.task(queueing_lock="forums.close_memorials", lock="forums.close_memorials")
def close_memorials(timestamp: int) -> None:
    """Every night, close conversations in memory of somebody whose last day is over."""
    for topic in Topic.objects.done_remembering().with_place():
        topic.close_memorial()
