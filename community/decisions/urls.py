from django.urls import path

from . import views

urlpatterns = [
    path("decisions/", views.decision_list, name="decision_list"),
    path("decisions/<uuid:public_id>/", views.decision_detail, name="decision_detail"),
]
