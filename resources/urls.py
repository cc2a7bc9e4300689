from django.urls import path

from .views import bringing, resources

resource = "resources/<uuid:public_id>/"

urlpatterns = [
    path("resources/", resources.resource_list, name="resource_list"),
    path("resources/new/", bringing.resource_create, name="resource_create"),
    path(resource, resources.resource_detail, name="resource_detail"),
    path(resource + "edit/", bringing.resource_edit, name="resource_edit"),
    path(resource + "withdraw/", bringing.resource_withdraw, name="resource_withdraw"),
    path(resource + "report/", bringing.resource_report, name="resource_report"),
]
