from django.urls import path

from .views import appeals, unmaskings

urlpatterns = [
    # What was decided about oneself
    path("decisions/<uuid:public_id>/appeal/", appeals.appeal_create, name="appeal_create"),
    path("appeals/<uuid:public_id>/", appeals.appeal_detail, name="appeal_detail"),
    path("aliases/<uuid:alias>/found-out/", unmaskings.unmasking_list, name="unmasking_list"),
]
