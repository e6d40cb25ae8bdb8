"""取回 where tokens wait for each other: the join forgets the token that was taken back, and the others stay."""

from typing import Any

from sqlalchemy import select

from engine import commands as c
from engine.demo.cases import Desk, pair
from engine.people import Actor
from engine.storage.tables import user_task
from tests.processes.office import open_tasks
from tests.processes.small_models import model, nodes


def started(desk: Desk, body: str, flows: str) -> tuple[int, Actor]:
    using, entry = pair(desk, 1, "conditional")
    xml = model(nodes(body), flows)
    desk.engine.handle(c.DeployDefinition(actor=None, files={"process.bpmn": xml}))
    actor = desk.actor(using, "handler")
    answer = desk.engine.handle(c.StartInstance(actor=actor, process_id="small", resource_key=entry))
    return int(answer["instance_key"]), actor


def key_of(desk: Desk, case: int, element_id: str) -> int:
    with desk.engine.database.reading() as conn:
        query = select(user_task.c.key).where(
            user_task.c.instance_key == case, user_task.c.element_id == element_id
        )
        return int(conn.execute(query.order_by(user_task.c.key.desc()).limit(1)).scalar_one())


def done(desk: Desk, case: int, actor: Actor, element_id: str) -> dict[str, Any]:
    task = key_of(desk, case, element_id)
    return desk.engine.handle(c.CompleteTask(actor=actor, task_key=task, values={}))


def test_a_token_that_waits_at_a_join_comes_back(desk: Desk) -> None:
    case, actor = started(
        desk,
        "startEvent:S parallelGateway:Fork userTask:A userTask:B parallelGateway:Join userTask:C endEvent:E",
        "S>Fork Fork>A Fork>B A>Join B>Join Join>C C>E",
    )
    done(desk, case, actor, "A")
    desk.engine.handle(c.RecallTask(actor=actor, task_key=key_of(desk, case, "A")))
    assert open_tasks(desk, case) == {"A", "B"}

    done(desk, case, actor, "B")
    assert open_tasks(desk, case) == {"A"}
    done(desk, case, actor, "A")
    assert open_tasks(desk, case) == {"C"}


def test_a_token_that_was_split_is_one_again(desk: Desk) -> None:
    case, actor = started(
        desk,
        "startEvent:S userTask:First parallelGateway:Fork userTask:A userTask:B parallelGateway:Join endEvent:E",
        "S>First First>Fork Fork>A Fork>B A>Join B>Join Join>E",
    )
    done(desk, case, actor, "First")
    assert open_tasks(desk, case) == {"A", "B"}

    desk.engine.handle(c.RecallTask(actor=actor, task_key=key_of(desk, case, "First")))

    assert open_tasks(desk, case) == {"First"}
    done(desk, case, actor, "First")
    done(desk, case, actor, "A")
    assert desk.engine.queries.case(actor, case).head.ended_at is None
    done(desk, case, actor, "B")
    assert desk.engine.queries.case(actor, case).head.ended_at is not None
