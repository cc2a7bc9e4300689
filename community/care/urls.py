from django.urls import path

from . import pages

urlpatterns = [path("help/", pages.help_view, name="help")]
