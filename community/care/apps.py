from django.apps import AppConfig


class CareConfig(AppConfig):
    name = "community.care"
    label = "care"
