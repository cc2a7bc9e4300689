"""A text-search column that PostgreSQL keeps up to date and that pages never pay for."""

from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models


class _UnreadVector(SearchVectorField):
    """Selects as NULL, so that no list carries kilobytes of lexemes that only WHERE needs."""

    def select_format(self, compiler, sql, params):
        return "NULL", []


class SearchColumn(models.GeneratedField):
    """`to_tsvector('hearth', …)` over the named fields, stored and indexed; its value in Python is always None."""

    db_returning = False  # type: ignore[assignment]

    def __init__(self, *fields: str, **kwargs):
        self.fields = fields
        if fields:
            kwargs["expression"] = SearchVector(*fields, config="hearth")
        kwargs.setdefault("output_field", _UnreadVector())
        kwargs["db_persist"] = True
        super().__init__(**kwargs)

    def deconstruct(self):
        name, path, _args, kwargs = super().deconstruct()
        kwargs.pop("expression", None)
        kwargs.pop("output_field", None)
        kwargs.pop("db_persist", None)
        return name, path, list(self.fields), kwargs
