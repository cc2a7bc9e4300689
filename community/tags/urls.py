from django.urls import path

from . import views

urlpatterns = [
    path("", views.tag_list, name="tag_list"),
    path("suggest/", views.tag_suggest, name="tag_suggest"),
    path("<str:slug>/", views.tag_detail, name="tag_detail"),
    path("<str:slug>/follow/", views.tag_follow, name="tag_follow"),
    path("<str:slug>/follow/delete/", views.tag_unfollow, name="tag_unfollow"),
]
