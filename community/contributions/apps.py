from django.apps import AppConfig


class ContributionsConfig(AppConfig):
    name = "community.contributions"
    label = "contributions"
