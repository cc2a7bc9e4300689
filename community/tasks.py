from datetime import UTC, datetime

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Job, Status

# A worker says that it lives every three seconds; after this many it is gone, and its jobs are free.
GONE_SECONDS = 30
# A job that takes its worker down this often is the reason, not the victim.
MOST_ATTEMPTS = 10
KEPT_HOURS = 30 * 24


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="community.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Give back every minute what a killed worker left half done. Every task may run twice, so this is safe."""
    for job in await context.app.job_manager.get_stalled_jobs(seconds_since_heartbeat=GONE_SECONDS):
        await _give_back(context, job)


@app.periodic(cron="23 4 * * *")
@app.task(queueing_lock="community.forget_ended", pass_context=True)
async def forget_ended(context: JobContext, timestamp: int) -> None:
    """Forget jobs that failed once a month has passed: what they were given names members and posts."""
    await context.app.job_manager.delete_old_jobs(KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True)


async def _give_back(context: JobContext, job: Job) -> None:
    jobs = context.app.job_manager
    if job.attempts >= MOST_ATTEMPTS:
        await jobs.finish_job(job, status=Status.FAILED, delete_job=False)
        return
    try:
        await jobs.retry_job(job, retry_at=datetime.now(UTC))
    except UniqueViolation:
        # Its twin waits already, which will do the same work.
        await jobs.finish_job(job, status=Status.ABORTED, delete_job=True)
