"""Widening a living grant: a new application that names the grant it supersedes (R12-03)."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.demo.answers import application, reply
from engine.demo.cases import Desk, provide, replied
from engine.errors import InvalidForm
from engine.handlers.governments import GOVERNMENT
from engine.periods import beijing_day
from engine.storage.tables import grant, organisation, process_instance
from tests.conftest import at_once, beijing
from tests.processes.office import case, open_tasks, told, trail, wait_until


def grants(desk: Desk, key: int) -> list[Any]:
    with desk.engine.database.reading() as conn:
        return list(conn.execute(select(grant).where(grant.c.instance_key == key)))


def life_of(desk: Desk, key: int) -> int:
    """Return the case that lives as long as the grant that a case led to."""
    desk.engine.sweep()
    with desk.engine.database.reading() as conn:
        rows = conn.execute(select(process_instance).where(process_instance.c.process_id == "ln_art12_grant"))
        return next(int(r.key) for r in rows if r.variables["origin"]["instance_key"] == str(key))


def granted(desk: Desk) -> int:
    key = int(at_once(replied(desk, 1, "agree", timedelta(0))))
    provide(desk, key)
    desk.do(key, "T12-10", {"ok": "usable"})
    return key


def again(desk: Desk, first: int, **changes: Any) -> int:
    row = case(desk, first)
    key = desk.start(row.using_key, int(row.variables["resource"]["key"]))
    values = application(desk.variables(key)["resource"], beijing_day(desk.now), 1)
    desk.do(key, "T12-01", {**values, "title": "扩大共享授权范围的申请", **changes})
    desk.do(key, "T12-02", {"decision": "agree"})
    return key


def replaced(desk: Desk) -> tuple[int, int]:
    first = granted(desk)
    life_of(desk, first)
    [old] = grants(desk, first)
    resource = desk.variables(first)["resource"]
    second = again(
        desk,
        first,
        supersedes=str(old.key),
        data_items=resource["items"],
        all_items_reason="均为核验所必需。",
    )
    assert open_tasks(desk, second) == {"T12-04"}
    return first, second


def agree(desk: Desk, key: int) -> None:
    desk.do(key, "T12-04", {"check_result": "accept"})
    desk.do(key, "T12-07", reply(desk.variables(key)["application"], beijing_day(desk.now), "agree"))
    desk.do(key, "T12-08", {"decision": "sign"})


def test_r12_03_an_application_that_supersedes_nothing_is_blocked_by_a_living_grant(desk: Desk) -> None:
    first = granted(desk)
    second = again(desk, first)

    assert open_tasks(desk, second) == {"T12-01"}
    assert "所替代的授权" in desk.variables(second)["check"]["defects"][0]


def test_r12_03_the_named_grant_ends_on_the_day_the_wider_one_begins(desk: Desk) -> None:
    first, second = replaced(desk)
    [old] = grants(desk, first)
    assert old.ended_on is None

    agree(desk, second)

    [old], [new] = grants(desk, first), grants(desk, second)
    assert (old.ended_on, old.superseded_by) == (new.valid_from, new.key)
    assert "GrantSuperseded" in trail(desk, second)
    assert "GrantSuperseded" in trail(desk, life_of(desk, first))
    texts = [(who, text) for who, text, _ in told(desk, second) if "替代" in text]
    row = case(desk, second)
    sides = [(org, role) for org in (row.using_key, row.providing_key) for role in ("handler", "head")]
    assert {desk.actor(*side).username for side in sides} <= {who for who, _ in texts}
    assert case(desk, first).business_id in texts[0][1]


def test_r12_03_the_superseded_grants_own_case_ends_at_the_beginning_of_that_day(desk: Desk) -> None:
    first, second = replaced(desk)
    agree(desk, second)
    life = life_of(desk, first)

    wait_until(desk, beijing("2026-06-21T23:59"))
    assert case(desk, life).ended_at is None
    wait_until(desk, beijing("2026-06-22T00:00"))

    assert case(desk, life).ended_at == beijing("2026-06-22T00:00")
    actor = desk.actor(case(desk, first).using_key, "handler")
    entry = desk.engine.queries.entry(actor, int(desk.variables(first)["resource"]["key"]))
    assert len(entry.grants) == 1


def test_r12_03_the_entry_page_says_that_a_grant_will_be_replaced(desk: Desk) -> None:
    first, second = replaced(desk)
    agree(desk, second)

    actor = desk.actor(case(desk, first).using_key, "handler")
    entry = desk.engine.queries.entry(actor, int(desk.variables(first)["resource"]["key"]))
    assert any("至2026-06-21（次日起由新授权替代）" in text for text in entry.grants)


def test_r12_03_a_refused_application_leaves_the_old_grant_alone(desk: Desk) -> None:
    first, second = replaced(desk)
    desk.do(second, "T12-04", {"check_result": "accept"})
    desk.do(second, "T12-07", reply(desk.variables(second)["application"], beijing_day(desk.now), "refuse"))
    desk.do(second, "T12-08", {"decision": "sign"})

    assert grants(desk, first)[0].ended_on is None


def test_r12_03_only_a_living_grant_of_the_department_can_be_named(desk: Desk) -> None:
    first = granted(desk)
    row = case(desk, first)
    with desk.engine.database.reading() as conn:
        orgs = (
            conn.execute(
                select(organisation.c.key).where(~organisation.c.managing, organisation.c.kind != GOVERNMENT)
            )
            .scalars()
            .all()
        )
    other = next(org for org in orgs if org not in (row.using_key, row.providing_key))
    key = desk.start(other, int(row.variables["resource"]["key"]))
    values = application(desk.variables(key)["resource"], beijing_day(desk.now), 1)

    with pytest.raises(InvalidForm, match="supersedes"):
        desk.do(key, "T12-01", {**values, "supersedes": str(grants(desk, first)[0].key)})
