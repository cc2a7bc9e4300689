from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from resources.models import ResourceFile
from resources.serving import download


@require_safe
@login_not_required
def resource_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The file of something that one may see."""
    files = ResourceFile.objects.about().visible_to(request.user).select_related("resource")
    return download(request, get_object_or_404(files, resource__public_id=public_id))
