"""`Held`: a row that is held until the transaction ends, as it stands by then."""

from django.db import models


class Held(models.Model):
    class Meta:
        abstract = True

    def _hold_row(self, *, no_key: bool) -> None:
        """Hold this row until the transaction ends, and see its newest state. With `no_key` others can still point at it."""
        fresh = type(self)._default_manager.select_for_update(no_key=no_key, of=("self",)).get(pk=self.pk)
        for field in self._meta.concrete_fields:
            setattr(self, field.attname, getattr(fresh, field.attname))
