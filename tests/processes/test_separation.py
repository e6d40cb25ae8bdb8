"""Who acted for one side judges nothing of it for another, whatever roles the person has (C.6, R20-15)."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from engine import commands as c
from engine.demo import disputes, leads
from engine.demo import rectification_answers as answers
from engine.demo.answers import reply
from engine.demo.cases import Desk, deliver
from engine.errors import NotAllowed
from engine.people import Actor
from engine.periods import beijing_day
from engine.storage.tables import user_role, user_task
from tests.conftest import at_once
from tests.processes import rectification as r
from tests.processes import test_ln_art08_catalogue_update as art08
from tests.processes import test_ln_art12_dispute as dispute
from tests.processes import test_ln_art13_verification as art13
from tests.processes.office import open_tasks, task, trail, wait_until

# Rules of a procedure: the database decides nothing here; chains, grants and replay run on both.
pytestmark = pytest.mark.only("sqlite")

SIGN = {"decision": "sign"}


def author(desk: Desk, key: int, element_id: str) -> Actor:
    """Return who did a step."""
    with desk.engine.database.reading() as conn:
        found = (
            select(user_task.c.ended_by, user_task.c.organisation_key, user_task.c.role)
            .where(user_task.c.instance_key == key, user_task.c.element_id == element_id)
            .order_by(user_task.c.key.desc())
        )
        row = conn.execute(found).first()
    assert row is not None
    actor = desk.actor(row.organisation_key, row.role)
    assert actor.user_key == row.ended_by
    return actor


def in_two_departments(person: Actor, org: int, role: str) -> Actor:
    return dataclasses.replace(person, roles=person.roles | {(org, role)})


def refused(desk: Desk, key: int, done: str, judging: str, values: dict[str, Any]) -> None:
    """Let who did one step try another, with a role in that department too; then let somebody else do it."""
    waiting = task(desk, key, judging)
    both = in_two_departments(author(desk, key, done), waiting.organisation_key, waiting.role)
    before = trail(desk, key)

    with pytest.raises(NotAllowed, match="同一人"):
        desk.engine.handle(c.CompleteTask(actor=both, task_key=waiting.key, values=values))

    assert trail(desk, key) == before
    desk.do(key, judging, values)
    assert task(desk, key, judging).state == "completed"


@pytest.mark.parametrize("done", ["T20-07", "T20-08"])
def test_who_reported_for_the_target_does_not_check_the_report_nor_strike_it_off(
    desk: Desk, done: str
) -> None:
    key = r.served(desk)
    r.reported(desk, key)

    refused(desk, key, done, "T20-09", answers.check(r.requirements(desk, key), True))
    refused(desk, key, done, "T20-10", {})


def test_who_reported_in_an_earlier_round_does_not_check_the_next_report(desk: Desk) -> None:
    key = r.served(desk)
    first = desk.actor(int(desk.variables(key)["target_dept"]), "handler")
    r.reported(desk, key)
    r.failed(desk, key)
    waiting = task(desk, key, "T20-07")
    second = in_two_departments(
        desk.actor(waiting.organisation_key, "head"), waiting.organisation_key, "handler"
    )
    report = answers.report(r.requirements(desk, key), beijing_day(desk.now), True)
    desk.engine.handle(c.CompleteTask(actor=second, task_key=waiting.key, values=report))
    desk.engine.handle(
        c.CompleteTask(
            actor=in_two_departments(first, waiting.organisation_key, "head"),
            task_key=task(desk, key, "T20-08").key,
            values=SIGN,
        )
    )

    check = task(desk, key, "T20-09")
    both = in_two_departments(first, check.organisation_key, "handler")
    values = answers.check(r.requirements(desk, key), True)
    with pytest.raises(NotAllowed, match="同一人"):
        desk.engine.handle(c.CompleteTask(actor=both, task_key=check.key, values=values))


def test_not_even_in_a_managing_department_of_one_person(desk: Desk) -> None:
    key = r.served(desk)
    r.reported(desk, key)
    check = task(desk, key, "T20-09")
    reporter = author(desk, key, "T20-07")
    _only(desk, check.organisation_key)
    values = answers.check(r.requirements(desk, key), True)

    both = in_two_departments(reporter, check.organisation_key, "handler")
    with pytest.raises(NotAllowed, match="同一人"):
        desk.engine.handle(c.CompleteTask(actor=both, task_key=check.key, values=values))

    alone = in_two_departments(desk.actor(check.organisation_key, "handler"), check.organisation_key, "head")
    desk.engine.handle(c.CompleteTask(actor=alone, task_key=check.key, values=values))
    strike = task(desk, key, "T20-10")
    desk.engine.handle(c.CompleteTask(actor=alone, task_key=strike.key, values={}))
    assert open_tasks(desk, key) == set()


def _only(desk: Desk, org: int) -> None:
    """Leave a department with the one handler that the desk takes."""
    keep = desk.actor(org, "handler").user_key
    with desk.engine.database.writing() as conn:
        conn.execute(
            delete(user_role).where(user_role.c.organisation_key == org, user_role.c.user_key != keep)
        )


@pytest.mark.parametrize("done", ["T08-1", "T08-2"])
def test_who_updated_or_approved_an_entry_does_not_review_it(desk: Desk, done: str) -> None:
    key, _, _ = art08.submitted(desk)

    refused(desk, key, done, "T08-4", {"decision": "pass"})


@pytest.mark.parametrize("judging", ["T12-04", "T12-07", "T12-08"])
def test_who_applied_decides_nothing_about_the_application(desk: Desk, judging: str) -> None:
    key = int(at_once(deliver(desk, 1)))
    for step, values in (
        ("T12-04", {"check_result": "accept"}),
        ("T12-07", reply(desk.variables(key)["application"], beijing_day(desk.now), "agree")),
        ("T12-08", SIGN),
    ):
        if step == judging:
            refused(desk, key, "T12-01", step, values)
            return
        desk.do(key, step, values)


def test_who_was_silent_for_the_provider_does_not_supervise_it(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    desk.do(key, "T12-04", {"check_result": "accept"})
    wait_until(desk, desk.now + timedelta(days=14))

    refused(
        desk, key, "T12-04", "T12-12", {"action": "justified", "reason": "节日期间系统停机，属正当理由。"}
    )


def test_who_verified_for_the_provider_does_not_accept_the_result_for_the_user(desk: Desk) -> None:
    key = art13.verified(desk)

    refused(desk, key, "T13-03", "T13-07", {"accept": "yes"})


@pytest.mark.parametrize("judging", ["TD-2", "TD-4", "TD-6"])
def test_a_party_s_official_neither_takes_up_nor_coordinates_nor_decides_its_dispute(
    desk: Desk, judging: str
) -> None:
    key = dispute.submitted(desk)
    steps: tuple[tuple[str, Callable[[], dict[str, Any]]], ...] = (
        ("TD-2", lambda: {"decision": "accept"}),
        ("TD-3", disputes.statement),
        ("TD-4", lambda: disputes.coordination(desk, key, "no", "share")),
        ("TD-6", lambda: SIGN),
    )
    for step, values in steps:
        if step == judging:
            refused(desk, key, "TD-0", step, values())
            return
        desk.do(key, step, values())


def test_who_reported_a_lead_from_elsewhere_does_not_decide_on_it(desk: Desk) -> None:
    key = int(at_once(leads.reported(desk, "辽宁省民政厅", "辽宁省公安厅", ["18-5"])))

    refused(
        desk, key, "T18-01", "T18-02", {"outcome": "unfounded", "reason": "经核实，所反映的情况与事实不符。"}
    )


def test_who_signed_for_the_target_does_not_annul_its_notice(desk: Desk) -> None:
    key = r.served(desk)
    desk.do(key, "T20-04", {})
    managing = int(desk.variables(key)["managing_dept"])
    both = in_two_departments(author(desk, key, "T20-04"), managing, "head")
    values = {"reason": "通知对象有误，另行立案处理。"}

    with pytest.raises(NotAllowed, match="同一人"):
        desk.engine.handle(c.SendMessage(actor=both, instance_key=key, element_id="ES20-V", values=values))

    r.annul(desk, key)
