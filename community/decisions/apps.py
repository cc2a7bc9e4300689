from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    name = "community.decisions"
    label = "decisions"
