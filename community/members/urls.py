from django.urls import path

from . import views

urlpatterns = [
    path("accounts/signup/", views.sign_up, name="account_signup"),
    path("members/<str:handle>/", views.member_detail, name="member_detail"),
    path("members/<str:handle>/block/", views.block_create, name="block_create"),
    path("members/<str:handle>/block/delete/", views.block_delete, name="block_delete"),
    path("settings/", views.profile_edit, name="profile_edit"),
    path("settings/name/", views.name_edit, name="name_edit"),
    path("settings/window/", views.window_create, name="window_create"),
    path("settings/picture/", views.picture_create, name="picture_create"),
    path("settings/picture/delete/", views.picture_delete, name="picture_delete"),
    path("settings/export/", views.export_create, name="export_create"),
    path("settings/roles/", views.office_list, name="office_list"),
    path("settings/roles/<uuid:public_id>/steps/<int:pk>/", views.step_take, name="step_take"),
    path("settings/roles/<uuid:public_id>/delete/", views.office_delete, name="office_delete"),
    path("avatars/<uuid:public_id>.webp", views.avatar_image, name="avatar_image"),
    path("agreements/", views.agreement_list, name="agreement_list"),
    path("agreements/<int:pk>/acceptance/", views.acceptance_create, name="acceptance_create"),
    path("agreements/<int:pk>/acceptance/delete/", views.acceptance_delete, name="acceptance_delete"),
]
