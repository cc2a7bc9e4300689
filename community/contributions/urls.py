from django.urls import path

from . import filtering, views, written

urlpatterns = [
    path("write/preview/", views.preview, name="preview"),
    path("write/draft/", views.draft_save, name="draft_save"),
    path("kept/", views.kept, name="kept"),
    path("leaving/", views.leaving, name="leaving"),
    path("not-shown/", views.gap_detail, name="gap_detail"),
    path("wrote/", written.wrote_list, name="wrote_list"),
    path("wrote/<uuid:public_id>/", written.wrote_detail, name="wrote_detail"),
    path("wrote/<uuid:public_id>/change/delete/", written.change_delete, name="change_delete"),
    path("wrote/<uuid:public_id>/withdraw/", written.wrote_withdraw, name="wrote_withdraw"),
    path("settings/filters/", filtering.filter_list, name="filter_list"),
    path("settings/filters/delete/", filtering.filter_delete, name="filter_delete"),
    path("settings/blocks/<uuid:alias>/delete/", filtering.alias_block_delete, name="alias_block_delete"),
    path("members/<str:handle>/person/", filtering.member_person, name="member_person"),
]
