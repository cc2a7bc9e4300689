"""How this place is looked after, in numbers, for everybody."""

from django.contrib.auth.decorators import login_not_required
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from community.members.deciding import PauseForm, TimedForm
from community.members.models.standing import LONGEST
from community.moderation import figures
from community.moderation.models import DeskSettings, Month
from community.moderation.models.reports import is_somebody_here
from community.moderation.watching import quiet_hours
from community.pages import page

MOST_MONTHS = 24


@require_safe
@login_not_required
def month_list(request: HttpRequest) -> HttpResponse:
    """With how soon somebody looks, and what can be decided: nobody is to learn of that only when it is about them."""
    months, desk = list(Month.objects.all()[:MOST_MONTHS]), DeskSettings.current()
    is_here, longest = is_somebody_here(desk), TimedForm.base_fields["days"].choices[-1][1]
    version = [[(month.pk, month.figures) for month in months], model_to_dict(desk), desk.changes_at, is_here, quiet_hours()]
    context = {"desk": desk, "is_somebody_here": is_here, "longest": longest}
    context |= {"longest_pause": dict(PauseForm.base_fields["days"].choices)[LONGEST.days]}
    context |= {"months": [(month.month, figures.sections(month)) for month in months], "few": figures.FEW}
    return page(request, "moderation/month_list.html", context, version=version)
