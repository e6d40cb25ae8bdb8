"""Statistics over finished cases, for auditors and managing departments (domain C.6): counts, spreads, and the cases behind them.

Call `Engine.statistics.catch_up()` before: it looks at what ended since, within a bound.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from engine.people import Actor
from engine.queries.reader import Reader
from engine.queries.statistics_cases import FILE_PAGE as FILE_PAGE
from engine.queries.statistics_cases import PAGE as PAGE
from engine.queries.statistics_cases import cases_behind as cases_behind
from engine.queries.statistics_diagram import bottlenecks as bottlenecks
from engine.queries.statistics_diagram import heat as heat
from engine.queries.statistics_diagram import variants as variants
from engine.queries.statistics_scope import facts, may_see, month_text
from engine.speech import Bilingual
from engine.statistics.histogram import Durations
from engine.statistics.rates import RATES
from engine.statistics.selection import EVERYTHING, Selection
from engine.statistics.views import Choices, Group, Overview, Rate
from engine.storage.tables import case_fact, process_definition, process_instance

__all__ = [
    "FILE_PAGE",
    "PAGE",
    "bottlenecks",
    "by",
    "cases_behind",
    "choices",
    "heat",
    "may_see",
    "overview",
    "variants",
]
_f = case_fact.c
_COUNTS = tuple(dict.fromkeys(flag for rate in RATES for flag in (rate.part_flag, rate.whole_flag)))
_SUMS = tuple(func.sum(_f[name]).label(name) for name in _COUNTS)
_HOURS = _f.seconds // 3600
Label = Callable[[Any], str]


def choices(reader: Reader, actor: Actor) -> Choices:
    """Return what a selection can be made of.

    Raises:
        NotAllowed: the reader is neither an auditor nor of a managing department; so all questions here.
    """

    def found(column: ColumnElement[Any]) -> list[Any]:
        rows = reader.conn.execute(facts(reader, actor, EVERYTHING, column).distinct()).scalars()
        return [value for value in rows if value not in (None, "")]

    def departments(column: ColumnElement[Any]) -> tuple[tuple[str, str], ...]:
        return tuple(sorted(((str(key), reader.org(key)) for key in found(column)), key=lambda c: c[1]))

    of = process_definition.c
    known = reader.conn.execute(
        select(of.key, of.process_id, of.version, of.name).order_by(of.version.desc())
    )
    versions = [row for row in known if row.key in set(found(_f.definition_key))]
    names: dict[str, str] = {}
    for row in versions:
        names.setdefault(row.process_id, row.name)
    months = sorted(found(_f.month))
    return Choices(
        tuple(sorted(names.items())),
        tuple((str(row.key), row.process_id, _version(row.version)) for row in versions),
        departments(_f.department_key),
        departments(_f.using_key),
        departments(_f.providing_key),
        tuple(sorted(found(_f.level))),
        tuple(sorted(found(_f.area))),
        tuple(sorted(found(_f.result))),
        (month_text(months[0]), month_text(months[-1])) if months else ("", ""),
    )


def overview(reader: Reader, actor: Actor, selection: Selection) -> Overview:
    """Return the rates and the duration of all cases of a selection."""
    months = (func.min(_f.month).label("first"), func.max(_f.month).label("last"))
    row = reader.conn.execute(
        facts(reader, actor, selection, func.count().label("cases"), *months, *_SUMS)
    ).one()
    took = _durations(reader, lambda *columns: facts(reader, actor, selection, *columns))[""]
    span = (month_text(row.first), month_text(row.last))
    return Overview(row.cases, _rates([row]), took.spread(), span, _waiting(reader))


def by(reader: Reader, actor: Actor, selection: Selection, dimension: str) -> tuple[Group, ...]:
    """Return the cases of a selection in groups: months in order, all others the largest first.

    Args:
        dimension: One of `engine.statistics.selection.DIMENSIONS`.
    """
    column, value, name = _dimension(reader, dimension)

    def grouped(*columns: Any) -> Select[Any]:
        return facts(reader, actor, selection, column.label("of"), *columns).group_by(column)

    rows: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in reader.conn.execute(grouped(func.count().label("cases"), *_SUMS)):
        rows[value(row.of)].append(row)
    took = _durations(reader, grouped, value)
    groups = [
        Group(
            which,
            name(which),
            sum(row.cases for row in its),
            _rates(its),
            took.get(which, Durations()).spread(),
        )
        for which, its in rows.items()
    ]
    if dimension == "month":
        return tuple(sorted(groups, key=lambda group: group.value))
    return tuple(sorted(groups, key=lambda group: (-group.cases, group.name, group.value)))


def _dimension(reader: Reader, dimension: str) -> tuple[ColumnElement[Any], Label, Label]:
    """Return the column that cases are grouped by, what a selection calls its values, and their names."""
    if dimension in ("procedure", "version"):
        of = process_definition.c
        rows = reader.conn.execute(
            select(of.key, of.process_id, of.version, of.name).order_by(of.version)
        ).all()
        if dimension == "version":
            texts = {str(row.key): _named(row.name, _version(row.version)) for row in rows}
            return _f.definition_key, str, lambda value: texts.get(value, "")
        ids, names = {row.key: row.process_id for row in rows}, {row.process_id: row.name for row in rows}
        return _f.definition_key, lambda key: ids.get(key, ""), lambda value: names.get(value, "")
    if dimension in ("department", "using", "providing"):
        return (
            _f[f"{dimension}_key"],
            lambda key: "" if key is None else str(key),
            lambda value: reader.org(int(value)) if value else "",
        )
    if dimension == "month":
        return _f.month, month_text, str
    if dimension not in ("level", "area", "result"):
        raise ValueError(f"Expected one of the dimensions, found {dimension}.")
    return _f[dimension], str, str


def _durations(
    reader: Reader, grouped: Callable[..., Select[Any]], value: Label = lambda of: ""
) -> dict[str, Durations]:
    """Return how long cases took that were not annulled, by group."""
    found: dict[str, Durations] = defaultdict(Durations)
    counts = (func.count().label("cases"), func.sum(_f.seconds).label("seconds"))
    for row in reader.conn.execute(
        grouped(_f.working_days, *counts).where(_f.valid == 1).group_by(_f.working_days)
    ):
        found[value(getattr(row, "of", None))].add(row.working_days, row.cases, int(row.seconds))
    hours = grouped(_HOURS.label("hours"), counts[0]).where(_f.valid == 1).group_by(_HOURS)
    for row in reader.conn.execute(hours):
        found[value(getattr(row, "of", None))].hours[int(row.hours)] += row.cases
    return found


def _rates(rows: Iterable[Row[Any]]) -> tuple[Rate, ...]:
    kept = list(rows)

    def total(flag: str) -> int:
        return sum(int(getattr(row, flag) or 0) for row in kept)

    return tuple(Rate(rate.key, total(rate.part_flag), total(rate.whole_flag)) for rate in RATES)


def _waiting(reader: Reader) -> int:
    of = process_instance.c
    ended = select(func.count(of.ended_at)).scalar_subquery()
    known = select(func.count()).select_from(case_fact).scalar_subquery()
    return max(0, int(reader.conn.execute(select(ended - known)).scalar_one()))


def _named(process: str, version: Bilingual) -> Bilingual:
    return Bilingual(f"{process}{version}", f"{process}, {version.en}")


def _version(number: int) -> Bilingual:
    return Bilingual(f"第{number}版", f"Version {number}")
