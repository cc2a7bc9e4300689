"""Where sessions are kept: Django's table, with a look-up that is worked out once, since every page of a member begins with it."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from community.prepared import Prepared

_session = Prepared(lambda _viewer, key, now: Session.objects.filter(session_key=key, expire_date__gt=now), key=str, now=datetime)


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Any:
        found = _session.first(None, None, key=self.session_key, now=timezone.now()) if self.session_key else None
        if found is None:
            self._session_key = None
        return found

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        """To the hour: this date is renewed whenever something is kept here, and that moment shall tell nothing."""
        return super().get_expiry_date(**kwargs).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
