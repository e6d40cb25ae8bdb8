"""Statistics: every rate equals one computed the slow way from raw events; nobody counts what C.6 hides."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from engine import commands as c
from engine import events as e
from engine.app import Engine
from engine.demo.cases import BEGIN, Desk, deliver
from engine.demo.driver import play
from engine.errors import NotAllowed, NotFound
from engine.history.chain import PLATFORM
from engine.people import Actor
from engine.queries import statistics as q
from engine.statistics.projection import Maker, _forget, _move
from engine.statistics.rates import RATES
from engine.statistics.selection import DIMENSIONS, EVERYTHING, Selection, narrowed
from engine.storage import tables as t
from engine.storage.tables.statistics import FLAGS
from tests.conftest import at_once, beijing, open_engine
from tests.databases import Databases
from tests.engine import slow_statistics as slow
from tests.engine.lives import LIVES
from tests.engine.test_calendar_notices import CLOSED, applied, closure, named
from tests.processes.office import wait_until


@pytest.fixture(scope="module")
def shown(databases: Databases) -> Iterator[Engine]:
    """The demonstration, and an auditor of the province who belongs to no party of it."""
    where = databases.new()
    engine = open_engine(where, BEGIN)
    play(engine)
    register(engine, "tester", "辽宁省人民政府办公厅", "auditor")
    settle(engine)
    yield engine
    engine.close()
    databases.drop(where)


@pytest.fixture(scope="module")
def auditor(shown: Engine) -> Actor:
    return shown.accounts.actor_named("tester")


@pytest.fixture(scope="module")
def cases(shown: Engine) -> list[slow.Slow]:
    return slow.finished(shown)


def register(engine: Engine, username: str, department: str, *roles: str) -> Actor:
    with engine.database.reading() as conn:
        code = conn.execute(
            select(t.organisation.c.code).where(t.organisation.c.name == department)
        ).scalar_one()
    command = c.RegisterUser(
        actor=None, username=username, name=username, org_code=code, roles=roles, password="Shixian-2026"
    )
    engine.handle(command)
    return engine.accounts.actor_named(username)


def settle(engine: Engine) -> None:
    while not engine.statistics.catch_up():
        pass


def ask(engine: Engine, *question: Any) -> Any:
    return engine.queries.search(*question)


def told(rates: Any) -> dict[str, tuple[int, int]]:
    return {rate.key: (rate.part, rate.whole) for rate in rates}


def same_durations(spread: Any, cases: list[slow.Slow]) -> None:
    """A spread is that of the cases: each number by itself."""
    valid = [case for case in cases if not case.void]
    days = [case.working_days for case in valid]
    hours = [case.seconds // 3600 for case in valid]
    found = (spread.count, spread.total, spread.median, spread.p90, spread.median_hours, spread.p90_hours)
    wanted = [slow.middle(values, share) for values in (days, hours) for share in (0.5, 0.9)]
    assert found == (len(valid), sum(days), *wanted)
    if valid:
        assert spread.mean == pytest.approx(sum(days) / len(days))
        assert spread.mean_seconds == pytest.approx(sum(case.seconds for case in valid) / len(valid))


def test_every_rate_equals_one_computed_the_slow_way_from_raw_events(
    shown: Engine, auditor: Actor, cases: list[slow.Slow]
) -> None:
    overview = ask(shown, q.overview, auditor, EVERYTHING)

    assert overview.cases == len(cases) > 80
    assert overview.waiting == 0
    assert told(overview.rates) == slow.rates(cases)
    assert all(0 < rate.part < rate.whole for rate in overview.rates)
    assert set(told(overview.rates)) == {rate.key for rate in RATES}
    same_durations(overview.days, cases)


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_every_rate_by_every_dimension_equals_the_slow_one(
    shown: Engine, auditor: Actor, cases: list[slow.Slow], dimension: str
) -> None:
    groups = ask(shown, q.by, auditor, EVERYTHING, dimension)

    wanted = slow.groups(shown, cases, dimension)
    assert {group.value for group in groups} == set(wanted)
    for group in groups:
        its = wanted[group.value]
        assert (group.cases, told(group.rates)) == (len(its), slow.rates(its))
        same_durations(group.days, its)
        if group.value:
            chosen = narrowed(EVERYTHING, dimension, group.value)
            assert ask(shown, q.overview, auditor, chosen).cases == len(its)
    if dimension == "month":
        assert [group.value for group in groups] == sorted(wanted)


def test_every_figure_opens_the_cases_behind_it(
    shown: Engine, auditor: Actor, cases: list[slow.Slow]
) -> None:
    for rate in RATES:
        for figure, wanted in {
            rate.key: [x.key for x in cases if all(x.counts[rate.key])],
            f"{rate.key}.of": [x.key for x in cases if x.counts[rate.key][1]],
            f"{rate.key}.not": [x.key for x in cases if x.counts[rate.key] == (False, True)],
        }.items():
            found, after = [], ""
            while True:
                page = ask(shown, q.cases_behind, auditor, EVERYTHING, figure, after, 7)
                found += [line.key for line in page.lines]
                assert (page.total, page.hidden) == (len(wanted), 0)
                if page.next is None:
                    break
                after = page.next
            assert sorted(found) == sorted(wanted), figure


def test_a_case_behind_a_figure_says_what_it_counts_for(shown: Engine, auditor: Actor) -> None:
    page = ask(shown, q.cases_behind, auditor, EVERYTHING, "cases", "", 500)

    ends = [(line.ended_at, line.key) for line in page.lines]
    assert ends == sorted(ends, reverse=True)
    for rate in told(ask(shown, q.overview, auditor, EVERYTHING).rates).items():
        parts = [(part, whole) for line in page.lines for key, part, whole in line.rates if key == rate[0]]
        assert (sum(p for p, _ in parts), sum(w for _, w in parts)) == rate[1]
    assert all(line.working_days >= 0 and line.business_id and line.process_name for line in page.lines)


def test_a_figure_that_is_none_is_not_found(shown: Engine, auditor: Actor) -> None:
    for figure in ("nothing", "on_time.nothing", ""):
        with pytest.raises(NotFound):
            ask(shown, q.cases_behind, auditor, EVERYTHING, figure)


def test_the_heat_of_a_diagram_is_what_the_events_say_of_its_user_tasks(
    shown: Engine, auditor: Actor, cases: list[slow.Slow]
) -> None:
    tasks = 0
    for definition in {case.definition for case in cases}:
        its = [case for case in cases if case.definition == definition]
        heat = ask(shown, q.heat, auditor, EVERYTHING, definition)

        assert (heat.cases, heat.left_out) == (len(its), 0)
        assert {x.element_id for x in heat.elements} <= slow.element_ids(shown, definition)
        for element in heat.elements:
            if element.type != "userTask":
                continue
            visits = [task for case in its for task in case.tasks if task[0] == element.element_id]
            which = [[x[0] for x in case.tasks] + case.skipped for case in its]
            assert element.days.count == len(visits), element
            assert element.visits == sum(ids.count(element.element_id) for ids in which), element
            assert element.cases == sum(element.element_id in ids for ids in which)
            assert element.late == sum(late for *_, late in visits), element
            days = [number for _, number, *_ in visits]
            assert element.days.total == sum(days), element
            assert (element.days.median, element.days.p90) == tuple(slow.middle(days, s) for s in (0.5, 0.9))
            if visits:
                mean = sum(seconds for *_, seconds, _ in visits) / len(visits)
                assert element.days.mean_seconds == pytest.approx(mean)
            behind = ask(shown, q.cases_behind, auditor, EVERYTHING, f"element:{element.element_id}")
            late = ask(shown, q.cases_behind, auditor, EVERYTHING, f"late:{element.element_id}")
            assert behind.total == element.cases
            assert late.total == sum(
                any(x[0] == element.element_id and x[3] for x in case.tasks) for case in its
            )
            tasks += len(visits)
        for flow in heat.flows:
            behind = ask(
                shown, q.cases_behind, auditor, Selection(definition=definition), f"flow:{flow.flow_id}"
            )
            assert behind.total == flow.cases <= flow.taken
        ends = sum(e.visits for e in heat.elements if e.type == "startEvent" and not e.days.count)
        assert ends >= heat.cases  # every case came in at a start
    assert tasks == sum(len(case.tasks) for case in cases) > 400


def test_bottlenecks_are_where_the_working_days_went(
    shown: Engine, auditor: Actor, cases: list[slow.Slow]
) -> None:
    found = ask(shown, q.bottlenecks, auditor, EVERYTHING)

    totals: dict[tuple[str, str], int] = {}
    for case in cases:
        for element_id, days, *_ in case.tasks:
            where = (case.process_id, element_id)
            totals[where] = totals.get(where, 0) + days
    people = {(b.process_id, b.element_id): b.days.total for b in found.finished if b.type == "userTask"}
    assert people == totals
    days = [b.days.total for b in found.finished]
    assert days == sorted(days, reverse=True)
    assert sum(b.share for b in found.finished) == pytest.approx(1)


def test_running_cases_are_counted_where_they_wait_now(shown: Engine, auditor: Actor) -> None:
    waiting = ask(shown, q.bottlenecks, auditor, EVERYTHING).waiting

    with shown.database.reading() as conn:
        of = t.process_instance.c
        query = select(
            t.user_task.c.element_id, of.process_id, of.key, of.received_at, of.awaits_receipt
        ).join(t.process_instance, of.key == t.user_task.c.instance_key)
        rows = conn.execute(query.where(t.user_task.c.state == "open")).all()
    delivered = [row for row in rows if row.received_at is not None or not row.awaits_receipt]
    assert sum(w.tasks for w in waiting) == len(delivered) > 10
    for place in waiting:
        here = {
            r.key for r in delivered if (r.process_id, r.element_id) == (place.process_id, place.element_id)
        }
        chosen = Selection(procedure=place.process_id)
        page = ask(shown, q.cases_behind, auditor, chosen, f"waiting:{place.element_id}")
        assert page.total == place.cases == len(here)
        assert {line.key for line in page.lines} == here
        assert place.days.count == place.tasks and place.since <= shown.clock.now()


def test_variants_are_the_ways_that_cases_took(shown: Engine, auditor: Actor, cases: list[slow.Slow]) -> None:
    process = "ln_art12_application"
    found, number = ask(shown, q.variants, auditor, Selection(procedure=process))

    its = [case for case in cases if case.process_id == process]
    assert sum(v.cases for v in found) == len(its) and number == len(found) > 5
    assert sum(v.share for v in found) == pytest.approx(1)
    assert [v.cases for v in found] == sorted((v.cases for v in found), reverse=True)
    done = {case.key: case.done for case in its}
    for variant in found:
        page = ask(shown, q.cases_behind, auditor, Selection(procedure=process, variant=variant.key))
        assert page.total == variant.cases and variant.example in {line.key for line in page.lines}
        for line in page.lines:
            assert done[line.key] <= {element_id for element_id, _ in variant.steps}
    assert len(ask(shown, q.variants, auditor, Selection(procedure=process), 2)[0]) == 2


def test_a_selection_narrows_every_figure_alike(
    shown: Engine, auditor: Actor, cases: list[slow.Slow]
) -> None:
    chosen = Selection(
        procedure="ln_art12_application", level="province", month_from="2026-05", month_until="2026-05"
    )
    process = [x for x in slow.groups(shown, cases, "level")["province"] if x.month == "2026-05"]
    its = [x for x in process if x.process_id == chosen.procedure]

    assert 0 < len(its) < len(cases)
    overview = ask(shown, q.overview, auditor, chosen)
    assert (overview.cases, told(overview.rates)) == (len(its), slow.rates(its))
    assert overview.months == ("2026-05", "2026-05")
    heat = ask(shown, q.heat, auditor, chosen, its[0].definition)
    assert heat.cases == len(its)
    nothing = ask(shown, q.overview, auditor, Selection(result="no such"))
    assert (nothing.cases, nothing.days.median, nothing.rates[0].share) == (0, None, None)


def test_a_selection_is_read_from_an_address_and_what_is_none_of_it_is_left_out() -> None:
    found = {
        "procedure": "p",
        "month_from": "2026-05",
        "month_until": "05/2026",
        "department": "12",
        "using": "x",
    }

    chosen = Selection.of({**found, "else": "1"})

    assert chosen == Selection(procedure="p", month_from="2026-05", department=12)
    assert Selection.of(chosen.chosen()) == chosen


# Who (C.6)


def test_only_auditors_and_managing_departments_have_figures(shown: Engine) -> None:
    for username, may in (
        ("tester", True),
        ("ysj.jb", True),
        ("mzt.jb", False),
        ("designer", False),
        ("admin", False),
    ):
        actor = shown.accounts.actor_named(username)
        assert ask(shown, q.may_see, actor) is may
        for question in (
            (q.overview, actor, EVERYTHING),
            (q.choices, actor),
            (q.bottlenecks, actor, EVERYTHING),
            (q.cases_behind, actor, EVERYTHING, "waiting:T12-07"),
        ):
            if not may:
                with pytest.raises(NotAllowed):
                    ask(shown, *question)


def test_a_managing_department_counts_lower_levels_and_opens_only_what_it_may_see(
    shown: Engine, cases: list[slow.Slow]
) -> None:
    manager = shown.accounts.actor_named("ysj.jb")
    shown_to = [case for case in cases if case.withheld != manager.org_key]

    page = ask(shown, q.cases_behind, manager, EVERYTHING, "cases", "", 500)

    assert page.total == len(shown_to) < len(cases)
    assert 0 < page.hidden == page.total - len(page.lines)
    for line in page.lines:
        assert shown.queries.case(manager, line.key).head.business_id == line.business_id


def test_a_city_counts_its_own_area_and_what_lies_in_it(shown: Engine, cases: list[slow.Slow]) -> None:
    city = register(shown, "city.jb", "沈阳市营商环境建设局", "handler")
    inside = slow.groups(shown, cases, "area")
    wanted = {x.key for area in ("沈阳市", "沈阳市和平区") for x in inside.get(area, [])}
    wanted |= {x.key for x in cases if x.parties["managing"] == city.org_key}

    overview = ask(shown, q.overview, city, EVERYTHING)

    assert overview.cases == len(wanted) < len(cases)
    assert {value for value, _ in ask(shown, q.choices, city).departments} <= {
        str(x.department) for x in cases if x.key in wanted
    }


def test_an_auditor_of_a_city_counts_the_cases_of_the_level(shown: Engine, cases: list[slow.Slow]) -> None:
    auditor = register(shown, "city.audit", "大连市卫生健康委员会", "auditor")
    with shown.database.reading() as conn:
        peers = set(
            conn.execute(select(t.organisation.c.key).where(t.organisation.c.level == "city")).scalars()
        )

    page = ask(shown, q.cases_behind, auditor, EVERYTHING, "cases", "", 500)

    wanted = {x.key for x in cases if {x.parties["managing"], x.parties["providing"]} & peers}
    assert {line.key for line in page.lines} == wanted and page.hidden == 0


def test_what_is_withheld_from_a_department_is_counted_for_none_of_its_people(
    shown: Engine, cases: list[slow.Slow]
) -> None:
    audit = shown.accounts.actor_named("audit")  # of the department that some cases are about

    hidden = [case for case in cases if case.withheld == audit.org_key]

    assert hidden and ask(shown, q.overview, audit, EVERYTHING).cases == len(cases) - len(hidden)


# The projection


def rows(engine: Engine) -> list[list[Any]]:
    with engine.database.reading() as conn:
        return [
            sorted(map(repr, conn.execute(select(table)).all()))
            for table in (t.case_fact, t.visit_fact, t.case_path)
        ]


def test_facts_made_anew_are_the_same(shown: Engine) -> None:
    before = rows(shown)

    assert shown.statistics.rebuild() == len(before[0])

    assert rows(shown) == before


def test_a_node_that_goes_on_meanwhile_takes_nothing_out_of_a_rebuilding(shown: Engine) -> None:
    before, node = rows(shown), shown.statistics
    with shown.database.writing() as conn:
        _forget(conn)  # as `shixian statistics rebuild` does in a process of its own, and then stops

    settle(shown)

    assert rows(shown) == before
    assert node.catch_up()


def test_a_node_does_not_move_the_cursor_over_what_was_thrown_away_behind_its_back(shown: Engine) -> None:
    before, node = rows(shown), shown.statistics
    with shown.database.reading() as conn:
        top = conn.execute(select(t.statistics_progress.c.position)).scalar_one()
    node.catch_up()
    with shown.database.writing() as conn:
        _forget(conn)
        _move(top, top + 1, conn)  # a slice that the node had begun before
        assert conn.execute(select(t.statistics_progress.c.position)).scalar_one() == 0

    settle(shown)

    assert rows(shown) == before


def test_facts_of_another_edition_are_made_anew(shown: Engine) -> None:
    before = rows(shown)
    with shown.database.writing() as conn:
        conn.execute(t.statistics_progress.update().values(edition=0))
        conn.execute(delete(t.visit_fact))

    settle(shown)

    assert rows(shown) == before


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES.keys())
def test_over_the_lives_every_rate_equals_the_slow_one(desk: Desk, engine: Engine, life: Any) -> None:
    for command in life(desk):
        engine.handle(command)
        settle(engine)
    reader = register(engine, "tester", "辽宁省人民政府办公厅", "auditor")

    overview = ask(engine, q.overview, reader, EVERYTHING)

    its = slow.finished(engine)
    assert (overview.cases, overview.waiting, told(overview.rates)) == (len(its), 0, slow.rates(its))
    same_durations(overview.days, its)
    kept = rows(engine)
    engine.statistics.rebuild()
    assert rows(engine) == kept


def ended(desk: Desk) -> int:
    """Play an application that is withdrawn a week after its receipt."""
    key: int = at_once(deliver(desk, 4))
    wait_until(desk, beijing("2026-06-15T10:00"))
    desk.withdraw(key, "业务调整，不再需要。")
    settle(desk.engine)
    return key


def fact(engine: Engine, key: int) -> Any:
    with engine.database.reading() as conn:
        return conn.execute(select(t.case_fact).where(t.case_fact.c.instance_key == key)).one()


def test_a_notice_confirmed_later_does_not_change_a_fact(desk: Desk, engine: Engine) -> None:
    key = ended(desk)
    before = rows(engine)
    owner = fact(engine, key).department_key
    wait_until(desk, beijing("2026-06-16T10:00"))

    first, second = named(engine, "admin"), named(engine, "admin2")
    applied(engine, first, second, closure(owner, CLOSED))
    engine.statistics.rebuild()

    assert not engine.calendar(owner).is_working_day(CLOSED)
    assert rows(engine) == before
    assert fact(engine, key).working_days == 5


def test_what_happens_after_the_end_is_looked_at_again(desk: Desk, engine: Engine) -> None:
    key = ended(desk)
    before = fact(engine, key)
    other = before.using_key

    record(engine, key, e.CaseWithheld(other))
    settle(engine)

    after = fact(engine, key)
    assert after.seq == before.seq + 1 and after.withheld_key == other
    record(engine, key, e.InstanceEnded("closed_late", "granted", True))
    settle(engine)
    again = fact(engine, key)
    assert (again.result, again.withdrawn, again.seconds > before.seconds) == ("granted", 0, True)
    with engine.database.reading() as conn:
        assert conn.execute(select(t.case_fact)).all() == [again]


def test_a_voided_case_counts_for_nothing_but_the_annulments(desk: Desk, engine: Engine) -> None:
    key: int = at_once(deliver(desk, 4))
    wait_until(desk, beijing("2026-06-24T10:00"))  # its limit has run out
    office = named(engine, "admin")

    engine.handle(c.VoidCase(actor=office, instance_key=key, reason="登记有误，全案作废，另行办理。"))
    settle(engine)

    voided = fact(engine, key)
    counts = {flag: getattr(voided, flag) for flag in FLAGS}
    assert counts == dict.fromkeys(FLAGS, 0) | {"finished": 1, "voided": 1}
    reader = register(engine, "tester", "辽宁省人民政府办公厅", "auditor")
    overview = ask(engine, q.overview, reader, EVERYTHING)
    assert (overview.cases, overview.days.count, told(overview.rates)["void"]) == (1, 0, (1, 1))


def test_running_cases_have_no_facts_and_looking_costs_nothing_twice(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(desk)
    at_once(deliver(desk, 1))
    settle(engine)
    before = rows(engine)
    monkeypatch.setattr(engine.statistics, "_look", lambda *_: pytest.fail("there is nothing new"))

    settle(engine)

    assert len(before[0]) == 1 and rows(engine) == before


def test_one_case_that_cannot_be_read_keeps_no_other_from_the_figures(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad: int = at_once(deliver(desk, 4))
    desk.withdraw(bad, "业务调整，不再需要。")
    good = ended(desk)
    made = Maker.facts

    def failing(maker: Maker, events: Any) -> Any:
        if events[0].stream == bad:
            raise ValueError("broken")
        return made(maker, events)

    monkeypatch.setattr(Maker, "facts", failing)
    engine.statistics.rebuild()

    with engine.database.reading() as conn:
        assert list(conn.execute(select(t.case_fact.c.instance_key)).scalars()) == [good]
    assert str(bad) in caplog.text
    reader = register(engine, "tester", "辽宁省人民政府办公厅", "auditor")
    assert ask(engine, q.overview, reader, EVERYTHING).waiting == 1


def record(engine: Engine, stream: int, event: e.Event) -> None:
    """Append an event to a case, as nothing in the product does any more once it is over."""
    with engine.database.reading() as conn:
        uow = engine._work(conn, PLATFORM, engine.clock.now() + timedelta(minutes=1))
        uow.record(stream, event)
    engine.writer.commit(uow)
