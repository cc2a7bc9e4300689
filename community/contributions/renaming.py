"""When a member has another name: what quotes them or calls them says it as it is now, as soon as the worker has been there."""

from typing import Any

from community.notifications.jobs import defer


def renamed(member: Any) -> None:
    defer("community.contributions.tasks.renew_name", {"member": member.pk})
