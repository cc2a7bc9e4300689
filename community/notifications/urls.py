from django.urls import path

from . import views

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read/", views.inbox_read, name="inbox_read"),
    path("inbox/settings/", views.notification_settings, name="notification_settings"),
    path("inbox/<uuid:public_id>/", views.inbox_item, name="inbox_item"),
]
