from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from resources.models import ResourceFile
from resources.serving import download


@require_safe
@login_not_required
def resource_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The file of something that one may see, or that one brought oneself whether it is up or not."""
    files = ResourceFile.objects.about().filter(resource__public_id=public_id).select_related("resource")
    if seen := files.visible_to(request.user).first():
        return download(request, seen)
    if not request.user.is_authenticated:
        raise Http404
    return download(request, get_object_or_404(files.brought_by(request.user)), is_public=False)
