"""The head's overview (部门总览): its figures are those of the lists behind them."""

import pytest

from engine import commands as c
from engine.demo.cases import Desk
from engine.errors import NotAllowed, NotFound
from engine.queries.overview import overview, task_list
from tests.conftest import beijing
from tests.engine.test_substitution import Department, wait
from tests.processes.office import task


@pytest.fixture
def office(desk: Desk) -> Department:
    return Department(desk)


def test_load_by_person_and_lane(office: Department) -> None:
    engine, ask = office.desk.engine, office.desk.engine.queries.search
    head = office.actor(office.head)
    before = ask(overview, head)
    assert {x.who: x.open for x in before.lanes} == {"handler": 1, "head": 0, "window": 0}

    engine.handle(
        c.ClaimTask(actor=office.actor("sub.one"), task_key=task(office.desk, office.case, "T12-07").key)
    )

    after = ask(overview, head)
    load = {x.who: x for x in after.people}
    assert (load["sub.one"].open, load["sub.two"].open) == (1, 0)
    assert next(x.open for x in after.lanes if x.who == "handler") == 0
    assert load[office.author or ""].done == 1  # T12-04
    assert load["sub.one"].days_open == pytest.approx(0, abs=0.1)
    assert load["sub.two"].days_open is None


@pytest.mark.parametrize(
    ("at", "overdue", "soon"),
    [
        pytest.param("2026-06-08T12:00", 0, 1, id="due on the fifth working day"),
        pytest.param("2026-06-15T23:59", 0, 1, id="due today"),
        pytest.param("2026-06-16T00:00", 1, 0, id="late"),
    ],
)
def test_what_is_late_and_what_will_be(office: Department, at: str, overdue: int, soon: int) -> None:
    engine, ask = office.desk.engine, office.desk.engine.queries.search
    key = task(office.desk, office.case, "T12-07").key
    engine.handle(c.ClaimTask(actor=office.actor("sub.one"), task_key=key))
    wait(office.desk, beijing(at))

    view = ask(overview, office.actor(office.head))

    load = next(x for x in view.people if x.who == "sub.one")
    assert (load.overdue, load.soon) == (overdue, soon)
    assert [line.task_key for line in view.late] == [key][:soon]


def test_every_figure_is_the_length_of_its_list(office: Department) -> None:
    ask, head = office.desk.engine.queries.search, office.actor(office.head)
    view = ask(overview, head)

    for load in (*view.people, *view.lanes):
        for which in ("open", "overdue", "soon", "done"):
            figure = getattr(load, which)
            if figure is not None:
                assert len(ask(task_list, head, view.org_key, load.who, which).lines) == figure
    with pytest.raises(NotFound):
        ask(task_list, head, view.org_key, "nobody", "open")


def test_who_is_away_and_until_when(office: Department) -> None:
    office.rule(office.author, "sub.one", role="handler")

    view = office.desk.engine.queries.search(overview, office.actor(office.head))

    assert [(x.substitute, x.valid_until.isoformat()) for x in view.away] == [("代办one", "2026-06-12")]
    assert next(x for x in view.people if x.who == office.author).away == "代办one代理至6月12日"


def test_only_the_head_of_the_department_sees_it(office: Department) -> None:
    ask = office.desk.engine.queries.search
    other = next(
        org
        for org, role in office.actor("ysj.fz" if office.head != "ysj.fz" else "gat.fz").roles
        if role == "head"
    )
    for username in ("sub.one", "admin", "audit"):
        with pytest.raises(NotAllowed):
            ask(overview, office.actor(username))
    with pytest.raises(NotAllowed):
        ask(overview, office.actor(office.head), other)
