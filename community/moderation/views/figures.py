"""How this place is looked after, in numbers, for everybody."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from community.moderation import figures
from community.moderation.models import Month
from community.pages import page

MOST_MONTHS = 24


@require_safe
@login_not_required
def month_list(request: HttpRequest) -> HttpResponse:
    months = list(Month.objects.all()[:MOST_MONTHS])
    version = [(month.pk, month.figures) for month in months]
    context = {"months": [(month.month, figures.sections(month)) for month in months], "few": figures.FEW}
    return page(request, "moderation/month_list.html", context, version=version)
