import pytest


@pytest.fixture(autouse=True)
def outbox(settings):
    """Mail takes the way it takes outside the suite, and ends in a list."""
    settings.EMAIL_BACKEND = "community.notifications.mail.OutboxBackend"
    settings.MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.SITE_URL = "https://hearth.example"
