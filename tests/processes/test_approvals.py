"""Several people decide: 会签, 或签, 依次, 票签."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.accounts import load_actor
from engine.demo.cases import Desk, pair
from engine.errors import Conflict, InvalidDefinition, NotAllowed, Refused, WrongState
from engine.handlers.incidents import NotSkippable
from engine.people import Actor
from engine.storage.tables import organisation, user, user_task
from tests.processes.office import administrators, case, incidents, open_tasks
from tests.processes.small_models import model, nodes

FORM = {
    "id": "V",
    "title": "意见",
    "components": [
        {
            "key": "vote",
            "type": "radio",
            "label": "意见",
            "values": [{"value": "yes", "label": "同意"}, {"value": "no", "label": "不同意"}],
            "validate": {"required": True},
        }
    ],
}
NAMES = ["p1", "p2", "p3"]


AGREES = "opinion['vote'] == 'yes'"


def definition(
    approval: str, several: str = "", separate: str = "", agrees: str = AGREES
) -> dict[str, bytes]:
    task = (
        f'<userTask id="A" {separate}><extensionElements><shixian:form id="V" variable="opinion"/>'
        f'<shixian:approval agrees="{agrees}" result="round" members="who" {approval}/>'
        f"</extensionElements>{several}</userTask>"
    )
    first = (
        '<userTask id="First"><extensionElements>'
        "<shixian:assign variable=\"who\" expression=\"['p1', 'p2', 'p3', 'nobody']\"/>"
        '<shixian:assign variable="limit" expression="\'一\'"/></extensionElements></userTask>'
    )
    body = nodes("startEvent:S userTask:Then endEvent:E") + first + task
    xml = model(body, "S>First First>A A>Then Then>E", variables="opinion round who limit")
    return {"process.bpmn": xml, "forms/V.json": json.dumps(FORM).encode()}


@pytest.fixture
def begin(desk: Desk) -> Callable[..., int]:
    def start(approval: str, several: str = "", separate: str = "", agrees: str = AGREES) -> int:
        using, entry = pair(desk, 1, "conditional")
        with desk.engine.database.reading() as conn:
            code = conn.execute(select(organisation.c.code).where(organisation.c.key == using)).scalar_one()
        for name in NAMES:
            desk.engine.handle(
                c.RegisterUser(
                    actor=None,
                    username=name,
                    name=name,
                    org_code=code,
                    roles=("handler",),
                    password="Shixian-2026",
                )
            )
        desk.engine.handle(
            c.DeployDefinition(actor=None, files=definition(approval, several, separate, agrees))
        )
        starter = desk.actor(using, "handler")
        command = c.StartInstance(actor=starter, process_id="small", resource_key=entry)
        answer = desk.engine.handle(command)
        first = int(answer["user_task_key"])
        if separate:
            desk.engine.handle(c.AssignTask(actor=starter, task_key=first, assignee="p1"))
            starter = person(desk, "p1")
        desk.engine.handle(c.CompleteTask(actor=starter, task_key=first, values={}))
        return int(answer["instance_key"])

    return start


def person(desk: Desk, name: str) -> Actor:
    with desk.engine.database.reading() as conn:
        key = conn.execute(select(user.c.key).where(user.c.username == name)).scalar_one()
        return load_actor(conn, key, desk.engine.clock)


def waiting(desk: Desk, key: int) -> dict[str, int]:
    """Return the open tasks of A by whose they are."""
    with desk.engine.database.reading() as conn:
        rows = conn.execute(
            select(user.c.username, user_task.c.key)
            .join(user_task, user_task.c.assignee == user.c.key)
            .where(
                user_task.c.instance_key == key, user_task.c.element_id == "A", user_task.c.state == "open"
            )
        )
        return {name: task for name, task in rows}


def vote(desk: Desk, key: int, *votes: str) -> dict[str, Any]:
    """Cast votes like "p1 yes" and return the round."""
    for name, answer in (text.split() for text in votes):
        task = waiting(desk, key)[name]
        desk.engine.handle(c.CompleteTask(actor=person(desk, name), task_key=task, values={"vote": answer}))
    found: dict[str, Any] = case(desk, key).variables["round"]
    return found


def test_countersigning_needs_everybody(desk: Desk, begin: Callable[..., int]) -> None:
    key = begin('kind="all"')
    assert set(waiting(desk, key)) == set(NAMES)

    vote(desk, key, "p2 yes", "p1 no")
    assert open_tasks(desk, key) == {"A"}
    result = vote(desk, key, "p3 yes")

    assert open_tasks(desk, key) == {"Then"}
    assert (result["total"], result["agreed"], result["passed"]) == (3, 2, False)
    assert [(item["name"], item["agrees"]) for item in result["items"]] == [
        ("p2", True),
        ("p1", False),
        ("p3", True),
    ]


def test_the_first_who_signs_decides_and_the_others_are_cancelled(
    desk: Desk, begin: Callable[..., int]
) -> None:
    key = begin('kind="first"')
    late = waiting(desk, key)["p1"]

    assert vote(desk, key, "p3 yes")["passed"] is True

    assert open_tasks(desk, key) == {"Then"}
    with pytest.raises(WrongState, match="已撤销"):
        desk.engine.handle(c.CompleteTask(actor=person(desk, "p1"), task_key=late, values={"vote": "no"}))


def test_one_after_another_stops_at_the_first_refusal(desk: Desk, begin: Callable[..., int]) -> None:
    key = begin('kind="sequential"')
    assert set(waiting(desk, key)) == {"p1"}
    vote(desk, key, "p1 yes")
    assert set(waiting(desk, key)) == {"p2"}

    assert vote(desk, key, "p2 no")["passed"] is False

    assert open_tasks(desk, key) == {"Then"}


@pytest.mark.parametrize(
    ("needed", "votes", "passed"),
    [
        pytest.param("2", ("p1 yes", "p3 yes"), True, id="2 of 3"),
        pytest.param("2", ("p1 no", "p2 no"), False, id="cannot be reached any more"),
        pytest.param("60%", ("p1 yes", "p2 no", "p3 yes"), True, id="a share"),
        pytest.param("100%", ("p1 no",), False, id="all of them"),
    ],
)
def test_votes(
    desk: Desk, begin: Callable[..., int], needed: str, votes: tuple[str, ...], passed: bool
) -> None:
    key = begin(f'kind="votes" needed="{needed}"')

    assert vote(desk, key, *votes)["passed"] is passed

    assert open_tasks(desk, key) == {"Then"}
    assert waiting(desk, key) == {}


def test_the_standard_markers_mean_the_same(desk: Desk, begin: Callable[..., int]) -> None:
    several = (
        '<multiInstanceLoopCharacteristics isSequential="true">'
        "<completionCondition>round['agreed'] == 2</completionCondition></multiInstanceLoopCharacteristics>"
    )
    key = begin("", several)
    assert set(waiting(desk, key)) == {"p1"}

    vote(desk, key, "p1 yes", "p2 yes")

    assert open_tasks(desk, key) == {"Then"}


def test_nobody_decides_what_they_have_done_themselves(desk: Desk, begin: Callable[..., int]) -> None:
    key = begin('kind="all"', separate='shixian:separateFrom="First"')

    assert set(waiting(desk, key)) == {"p2", "p3"}


def test_a_task_handed_over_gives_no_second_vote(desk: Desk, begin: Callable[..., int]) -> None:
    key = begin('kind="all"')
    vote(desk, key, "p1 yes")
    task = waiting(desk, key)["p2"]
    with pytest.raises(Conflict):
        desk.engine.handle(c.CompleteTask(actor=person(desk, "p3"), task_key=task, values={"vote": "yes"}))
    desk.engine.handle(c.AssignTask(actor=person(desk, "p2"), task_key=task, assignee="p1"))

    with pytest.raises(NotAllowed, match="已经办理过"):
        desk.engine.handle(c.CompleteTask(actor=person(desk, "p1"), task_key=task, values={"vote": "yes"}))


@pytest.mark.parametrize("wrong", ['kind="most"', 'kind="votes" needed="0"', 'kind="votes" needed="120%"'])
def test_a_wrong_rule_is_found_when_it_is_deployed(desk: Desk, wrong: str) -> None:
    with pytest.raises(InvalidDefinition, match="A："):
        desk.engine.handle(c.DeployDefinition(actor=None, files=definition(wrong)))


def test_a_vote_that_cannot_be_counted_keeps_nobody_else_from_voting(
    desk: Desk, begin: Callable[..., int]
) -> None:
    """What says who agrees fails over a text, until an operator corrects it to a number."""
    key = begin('kind="all"', agrees="limit + 1 == 2")
    vote(desk, key, "p1 yes", "p2 yes")
    held = incidents(desk, key)
    assert [(h.step, h.token.partition("#")[2]) for h in held] == [("completion", "0"), ("completion", "1")]
    assert set(waiting(desk, key)) == {"p3"}
    operator = administrators(desk)[0]
    reason = "该项数据应为数字，已经核实。"
    with pytest.raises(NotSkippable, match="意见须计入"):
        desk.engine.handle(c.SkipIncident(actor=operator, incident_key=held[0].key, reason=reason))

    mended = c.ResolveIncident(
        actor=operator, incident_key=held[0].key, corrections={"limit": 1}, reason=reason
    )
    assert desk.engine.handle(mended) == {"resolved": True}
    vote(desk, key, "p3 yes")
    assert desk.engine.handle(c.ResolveIncident(actor=operator, incident_key=held[1].key)) == {
        "resolved": True
    }

    found = case(desk, key).variables["round"]
    assert (found["agreed"], found["passed"]) == (3, True)
    assert [item["name"] for item in found["items"]] == ["p1", "p3", "p2"], "each in their own name"
    assert open_tasks(desk, key) == {"Then"}


def test_a_round_takes_no_added_signer_and_a_vote_is_not_recalled(
    desk: Desk, begin: Callable[..., int]
) -> None:
    key = begin('kind="all"')
    mine = waiting(desk, key)
    add = c.AddSigners(actor=person(desk, "p1"), task_key=mine["p1"], people=("p2",), before=True)
    with pytest.raises(Refused) as found:
        desk.engine.handle(add)
    assert found.value.code == "approval_round"

    vote(desk, key, "p1 yes")
    with pytest.raises(Refused) as found:
        desk.engine.handle(c.RecallTask(actor=person(desk, "p1"), task_key=mine["p1"]))
    assert found.value.code == "approval_round"


def test_what_led_to_a_round_is_recalled_while_nobody_has_voted(
    desk: Desk, begin: Callable[..., int]
) -> None:
    key = begin('kind="all"')
    with desk.engine.database.reading() as conn:
        first = conn.execute(
            select(user_task).where(user_task.c.instance_key == key, user_task.c.element_id == "First")
        ).one()
        actor = load_actor(conn, first.ended_by, desk.engine.clock)

    desk.engine.handle(c.RecallTask(actor=actor, task_key=first.key))
    assert open_tasks(desk, key) == {"First"}
    desk.engine.handle(c.CompleteTask(actor=actor, task_key=first.key, values={}))

    assert set(waiting(desk, key)) == set(NAMES)


def test_after_a_vote_nothing_is_recalled(desk: Desk, begin: Callable[..., int]) -> None:
    key = begin('kind="all"')
    vote(desk, key, "p1 yes")
    with desk.engine.database.reading() as conn:
        first = conn.execute(
            select(user_task).where(user_task.c.instance_key == key, user_task.c.element_id == "First")
        ).one()
        actor = load_actor(conn, first.ended_by, desk.engine.clock)

    with pytest.raises(Refused) as found:
        desk.engine.handle(c.RecallTask(actor=actor, task_key=first.key))
    assert found.value.code == "already_acted"
