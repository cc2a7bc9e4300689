"""Queries that are worked out once, by Django and by PostgreSQL.

For a list with its voices Django's compiler takes 2 ms and PostgreSQL's planner 0.7 ms, and finding the rows 0.2 ms. So the SQL
is kept here, and PostgreSQL keeps the plan: these are the only statements that are prepared on the server (`prepare_threshold`).
"""

from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from django.db import connection, models
from django.db.models import Case, Q, Value, When
from django.db.models.lookups import IsNull
from django.db.models.query import ModelIterable, get_related_populators
from psycopg import RawCursor
from psycopg.sql import Literal

M = TypeVar("M", bound=models.Model)
MOST_KINDS = 64

# What stands for a value while the SQL is worked out; nobody has these. The first two stand for whoever looks.
_VIEWER, _PERSONAS = 2_000_000_010, ("stand-in", -1)
_STAND_INS: dict[type, Callable[[int], Any]] = {
    int: lambda number: 2_000_000_011 + number,
    str: lambda number: f"stand-in-{number}",
    UUID: lambda number: UUID(int=number + 1),
    datetime: lambda number: datetime(1, 1, 1, microsecond=number, tzinfo=UTC),
    list: lambda number: ("stand-in", number),
}


# Where a key is a member's own, it is a field of the other kind.
@models.ForeignObject.register_lookup
@models.Field.register_lookup
class Among(models.Lookup):
    """`pk__among=keys`: as `pk__in`, but one parameter however many there are, or an array that the database makes."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, parameters = self.process_lhs(compiler, connection)
        keys, more = compiler.compile(self.rhs) if hasattr(self.rhs, "as_sql") else ("%s", [self.rhs])
        return f"{column} = ANY({keys})", [*parameters, *more]


def mostly(condition: Q) -> Q:
    """The same condition, told as one that nearly every row fulfils.

    PostgreSQL takes each part that has to be looked up to be true of half the rows. With a few of them it expects twenty of
    thousands, and then it may well fetch and sort all, where the first ones in the order of an index are enough. It looks at
    nothing in a CASE, and takes nearly everything not to be NULL.
    """
    return Q(IsNull(Case(When(condition, then=Value(1))), False)) if condition else condition


def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement of one's own, prepared as those below; `$1` stands for the first of `values`."""
    connection.ensure_connection()
    with connection._prepare_cursor(RawCursor(connection.connection)) as cursor:  # type: ignore[attr-defined]
        cursor.execute(sql, values)
        return cursor.fetchall()


def byte_array(values: Iterable[bytes]) -> str:
    """For `= ANY(%s::bytea[])`: a PostgreSQL array in words. Binding fifty keys one by one takes three times as long."""
    return "{" + ",".join(f'"\\\\x{value.hex()}"' for value in values) + "}"


def reach(viewer: Any) -> Hashable:
    """The kind of viewer that seeing depends on: whether one is a member, and the groups one is in.

    What depends on who exactly it is, such as blocks, asks for `viewer.pk` and `viewer.persona_keys` alone: those are
    parameters, whatever the kind.
    """
    return viewer.is_authenticated and viewer.group_ids


class _Somebody:
    """Stands for every viewer of a kind while the SQL is worked out."""

    is_authenticated = True
    pk, persona_keys = _VIEWER, _PERSONAS

    def __init__(self, viewer: Any) -> None:
        self.group_ids = viewer.group_ids


class _Compiled(NamedTuple):
    sql: str
    # The values it takes, each once, however often it stands there.
    names: tuple[str, ...]
    read: Callable[[tuple[Any, ...]], Any]


class Prepared(Generic[M]):
    """A list of rows that is asked for again and again: models, or tuples where the queryset is one of values.

    `build(viewer, **values)` makes the queryset; `values` says which values it takes and of which types. Its SQL is kept for
    each `kind` of viewer, and may depend on nothing else of them but their key and those of their personas.
    """

    def __init__(self, build: Callable[..., models.QuerySet[M]], **values: type) -> None:
        self.build, self.values = build, values
        self._of_kind: dict[Hashable, _Compiled] = {}

    def rows(self, viewer: Any, kind: Hashable, **values: Any) -> list[M]:
        """The rows as `build` would give them for this viewer, who is of that kind.

        `personas` among the values are the keys of the only personas of the viewer that matter here; else it is all of them.
        """
        connection.ensure_connection()
        compiled = self._of_kind.get(kind)
        if compiled is None:
            if len(self._of_kind) >= MOST_KINDS:
                self._of_kind.clear()
            compiled = self._of_kind[kind] = self._compile(viewer)
        with self._cursor() as cursor:
            cursor.execute(compiled.sql, self._given({name: _value(name, viewer, values) for name in compiled.names}))
            return [compiled.read(row) for row in cursor.fetchall()]

    def first(self, viewer: Any, kind: Hashable, **values: Any) -> M | None:
        return next(iter(self.rows(viewer, kind, **values)), None)

    # The statement goes to PostgreSQL as it is: looking for names in it takes psycopg half a millisecond each time.

    def _cursor(self) -> Any:
        return connection._prepare_cursor(RawCursor(connection.connection))  # type: ignore[attr-defined]

    def _given(self, values: dict[str, Any]) -> Any:
        return list(values.values())

    def _told(self, sql: str, parameters: Iterable[str | Literal], names: tuple[str, ...]) -> str:
        """The SQL with what stands for each value, and what is always the same told as it is."""
        places = {name: f"${place}" for place, name in enumerate(names, start=1)}
        return sql % tuple(places[each] if isinstance(each, str) else _as_sql(each) for each in parameters)

    def _compile(self, viewer: Any) -> _Compiled:
        stand_ins = {name: _STAND_INS[kind](number) for number, (name, kind) in enumerate(self.values.items())}
        somebody = _Somebody(viewer) if viewer is not None and viewer.is_authenticated else viewer
        rows = self.build(somebody, **stand_ins)
        compiler = rows.query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        names = {value: name for name, value in stand_ins.items()} | {_VIEWER: "viewer", _PERSONAS: "personas"}
        # What is always the same goes into the statement, or PostgreSQL could use no index that is for that alone.
        told = [names[each] if each in names else Literal(each) for each in parameters]
        wanted = tuple(dict.fromkeys(names[each] for each in parameters if each in names))
        read = _reader(compiler, of_models=rows._iterable_class is ModelIterable)
        return _Compiled(self._told(sql, told, wanted), wanted, read)


class Planned(Prepared[M]):
    """The same where the best way hangs on the values, such as words that stand in few texts or in nearly all: the SQL is kept, and
    PostgreSQL plans it anew each time."""

    def _cursor(self) -> Any:
        return connection.cursor()

    def _given(self, values: dict[str, Any]) -> Any:
        return values

    def _told(self, sql: str, parameters: Iterable[str | Literal], names: tuple[str, ...]) -> str:
        told = (f"%({each})s" if isinstance(each, str) else _as_sql(each).replace("%", "%%") for each in parameters)
        return sql.replace("%%", "%%%%") % tuple(told)


def _value(name: str, viewer: Any, values: dict[str, Any]) -> Any:
    if name == "personas" and name in values:
        return key_array(values[name])
    if name in values:
        return values[name]
    return viewer.pk if name == "viewer" else key_array(viewer.persona_keys)


def key_array(keys: Iterable[int | None]) -> str:
    """In words, as `byte_array`: as a list it would take longer, and have a type that depends on how large the keys are."""
    return f"{{{','.join('NULL' if key is None else str(key) for key in keys)}}}"


def _as_sql(literal: Literal) -> str:
    return literal.as_string(connection.connection)


def _converted(row: Any, steps: list[Any]) -> Any:
    """As the compiler would do it, to one row."""
    row = list(row)
    for place, (converters, expression) in steps:
        for convert in converters:
            row[place] = convert(row[place], expression, connection)
    return row


def _reader(compiler: Any, *, of_models: bool) -> Callable[[tuple[Any, ...]], Any]:
    """What makes a model with its related ones of a row, as Django's own iterator does."""
    select, klass_info = compiler.select, compiler.klass_info
    # As little as possible is kept: a compiler has the whole query with it.
    steps = list(compiler.get_converters([column[0] for column in select]).items())
    if not of_models:
        return (lambda row: tuple(_converted(row, steps))) if steps else lambda row: row
    fields = klass_info["select_fields"]
    start, end = fields[0], fields[-1] + 1
    names = [column[0].target.attname for column in select[start:end]]
    from_db, alias = klass_info["model"].from_db, compiler.using or "default"
    populators = get_related_populators(klass_info, select, alias)  # type: ignore[call-arg]
    annotations = list(compiler.annotation_col_map.items())

    def read(row: tuple[Any, ...]) -> Any:
        if steps:
            row = _converted(row, steps)
        made = from_db(alias, names, row[start:end])
        for populator in populators:
            populator.populate(row, made)
        for name, place in annotations:
            setattr(made, name, row[place])
        return made

    return read
