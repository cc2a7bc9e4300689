from typing import Any

from django import template
from django.template import Context

from community.decisions.models import Decision
from community.moderation.forms import AppealForm
from community.moderation.models import Appeal
from community.moderation.permissions import can_appeal_decision

register = template.Library()


@register.inclusion_tag("moderation/_appeal.html", takes_context=True)
def ask_again(context: Context, decision: Decision) -> dict[str, Any]:
    """On the page of a decision: asking for another look in one press, or how that stands.

    {% load appeals %}{% ask_again decision %}
    """
    appeal = Appeal.objects.filter(decision=decision).first()
    verdict = None if appeal else can_appeal_decision(context["request"].user, decision)
    shown: dict[str, Any] = {"decision": decision, "appeal": appeal, "verdict": verdict, "csrf_token": context["csrf_token"]}
    return shown | ({"form": AppealForm()} if verdict else {})
