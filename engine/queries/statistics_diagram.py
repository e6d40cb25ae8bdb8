"""What finished cases did on the diagram: heat, variants, bottlenecks."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, Select, func, select

from engine.definitions import load_definition
from engine.errors import NotFound
from engine.handlers.access import visible_cases
from engine.people import Actor
from engine.queries.reader import Reader
from engine.queries.statistics_scope import facts
from engine.queries.statistics_waiting import waiting
from engine.statistics.facts import lasts
from engine.statistics.histogram import NOTHING, Durations
from engine.statistics.selection import Selection
from engine.statistics.views import Bottleneck, Bottlenecks, ElementHeat, FlowHeat, Heat, Variant
from engine.storage.tables import case_fact, case_path, process_definition, process_instance, visit_fact
from engine.workbench.coverage import flows_of

_f, _v, _p = case_fact.c, visit_fact.c, case_path.c


def heat(reader: Reader, actor: Actor, selection: Selection, definition_key: int) -> Heat:
    """Return what the cases of a selection did on the diagram of one version; every element and flow of it.

    Raises:
        NotFound: no such version.
    """
    of = process_definition.c
    version = reader.conn.execute(select(process_definition).where(of.key == definition_key)).first()
    if version is None:
        raise NotFound("没有该流程版本。", f"Expected a process definition {definition_key}, found none.")
    here = replace(selection, procedure="", definition=definition_key)
    took, late = _stays(reader, facts(reader, actor, here))
    cases, visits, having = _passed(reader, facts(reader, actor, here))
    every = replace(selection, procedure=version.process_id, definition=None)
    of_all = int(reader.conn.execute(facts(reader, actor, every, func.count())).scalar_one())
    process = load_definition(reader.conn, definition_key).process
    return Heat(
        definition_key,
        version.process_id,
        version.name,
        version.version,
        cases,
        of_all - cases,
        tuple(
            ElementHeat(
                node.id,
                node.name,
                node.type,
                visits["elements", node.id],
                having["elements", node.id],
                took[definition_key, node.id].spread() if lasts(node.type) else NOTHING,
                late[definition_key, node.id],
            )
            for node in process.nodes.values()
        ),
        tuple(
            FlowHeat(
                flow.id,
                visits["flows", flow.id],
                having["flows", flow.id],
                flow.name,
                process.nodes[flow.source].name,
                process.nodes[flow.target].name,
            )
            for flow in flows_of(process)
        ),
    )


def _stays(
    reader: Reader, chosen: Select[Any]
) -> tuple[dict[tuple[int, str], Durations], Counter[tuple[int, str]]]:
    """Return how long tokens stayed at the elements of versions, and how often it was late."""
    rows = reader.conn.execute(
        chosen.with_only_columns(
            _f.definition_key,
            _v.element_id,
            _v.working_days,
            func.count().label("visits"),
            func.sum(_v.seconds).label("seconds"),
            func.sum(_v.late).label("late"),
        )
        .join(visit_fact, _v.instance_key == _f.instance_key)
        .group_by(_f.definition_key, _v.element_id, _v.working_days)
    )
    took: dict[tuple[int, str], Durations] = defaultdict(Durations)
    late: Counter[tuple[int, str]] = Counter()
    for row in rows:
        where = (row.definition_key, row.element_id)
        took[where].add(row.working_days, row.visits, int(row.seconds))
        late[where] += int(row.late)
    return took, late


def _passed(
    reader: Reader, chosen: Select[Any]
) -> tuple[int, Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Return how many cases there are, how often each element and flow was visited, and in how many cases."""
    counts = (
        chosen.with_only_columns(_f.path_key, func.count().label("cases")).group_by(_f.path_key).subquery()
    )
    rows = reader.conn.execute(
        select(counts.c.cases, _p.elements, _p.flows).join(case_path, _p.key == counts.c.path_key)
    )
    cases, visits, having = 0, Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in rows:
        cases += row.cases
        for kind in ("elements", "flows"):
            for name, times in getattr(row, kind).items():
                visits[kind, name] += times * row.cases
                having[kind, name] += row.cases
    return cases, visits, having


def variants(
    reader: Reader, actor: Actor, selection: Selection, limit: int = 50
) -> tuple[tuple[Variant, ...], int]:
    """Return the variants of a procedure, the most frequent first, and how many there are.

    Args:
        selection: Names a procedure or a version, as a rule; of several procedures each has its own variants.
    """
    paths = facts(reader, actor, selection).join(case_path, _p.key == _f.path_key)
    number = func.count().label("cases")
    rows = reader.conn.execute(paths.with_only_columns(_p.variant, number).group_by(_p.variant)).all()
    whole = sum(row.cases for row in rows)
    top = sorted(rows, key=lambda row: (-row.cases, row.variant))[:limit]
    shown = [row.variant for row in top]
    took: dict[int, Durations] = defaultdict(Durations)
    mine = paths.where(_p.variant.in_(shown))
    days = mine.with_only_columns(_p.variant, _f.working_days, number, func.sum(_f.seconds).label("seconds"))
    for row in reader.conn.execute(days.group_by(_p.variant, _f.working_days)):
        took[row.variant].add(row.working_days, row.cases, int(row.seconds))
    hours = _f.seconds // 3600
    for row in reader.conn.execute(
        mine.with_only_columns(_p.variant, hours.label("hours"), number).group_by(_p.variant, hours)
    ):
        took[row.variant].hours[int(row.hours)] += row.cases
    steps = _steps(reader, shown)
    found = [
        Variant(
            str(row.variant),
            steps[row.variant].process_id,
            row.cases,
            row.cases / whole,
            took[row.variant].spread(),
            tuple((element_id, name) for element_id, name in steps[row.variant].steps),
            _example(reader, actor, selection, row.variant),
        )
        for row in top
    ]
    return tuple(found), len(rows)


def _steps(reader: Reader, shown: Iterable[int]) -> dict[int, Row[Any]]:
    """Return one path of each variant, of the newest version."""
    query = select(case_path).where(_p.variant.in_(list(shown))).order_by(_p.definition_key)
    return {row.variant: row for row in reader.conn.execute(query)}


def _example(reader: Reader, actor: Actor, selection: Selection, variant: int) -> int | None:
    one = replace(selection, variant=str(variant))
    query = facts(reader, actor, one, _f.instance_key).join(
        process_instance, process_instance.c.key == _f.instance_key
    )
    found = reader.conn.execute(query.where(visible_cases(reader.conn, actor)).limit(1)).scalar()
    return None if found is None else int(found)


def bottlenecks(reader: Reader, actor: Actor, selection: Selection) -> Bottlenecks:
    """Return the elements that took the most working days of finished cases, and where running cases wait now.

    Of running cases only procedure, version, parties, level and area of a selection are asked.
    """
    took, late = _stays(reader, facts(reader, actor, selection))
    of = process_definition.c
    versions = reader.conn.execute(select(of.key, of.process_id, of.name).order_by(of.version)).all()
    found: dict[tuple[str, str], tuple[Any, Durations, int]] = {}
    for version in versions:
        for (key, element_id), durations in took.items():
            if key == version.key:
                before = found.get((version.process_id, element_id))
                joined = _joined(durations, before[1]) if before else durations
                missed = late[key, element_id] + (before[2] if before else 0)
                found[version.process_id, element_id] = (version, joined, missed)
    spreads = {where: kept[1].spread() for where, kept in found.items()}
    whole = sum(spread.total for spread in spreads.values())
    rows = []
    for (process_id, element_id), (newest, _, missed) in found.items():
        node = load_definition(reader.conn, newest.key).process.nodes.get(element_id)
        spread = spreads[process_id, element_id]
        rows.append(
            Bottleneck(
                process_id,
                newest.name,
                element_id,
                node.name if node is not None else element_id,
                node.type if node is not None else "",
                spread,
                spread.total / whole if whole else 0.0,
                missed,
            )
        )
    rows.sort(key=lambda row: (-row.days.total, row.process_id, row.element_id))
    return Bottlenecks(tuple(rows), waiting(reader, actor, selection))


def _joined(one: Durations, other: Durations) -> Durations:
    return Durations(one.days + other.days, one.hours + other.hours, one.seconds + other.seconds)
