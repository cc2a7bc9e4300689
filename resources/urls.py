from django.urls import path

from .views import resources

resource = "resources/<uuid:public_id>/"

urlpatterns = [
    path("resources/", resources.resource_list, name="resource_list"),
    path(resource, resources.resource_detail, name="resource_detail"),
]
