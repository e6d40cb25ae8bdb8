"""Many at once: each its own command, a person signs knowingly, and one failure stops none of the others."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import commands as c
from engine.app import Engine
from engine.bulk import MOST, closed_options, own_fields
from engine.definitions import load_definition
from engine.demo.answers import reply
from engine.demo.cases import Desk, deliver
from engine.periods import beijing_day
from engine.storage.tables import event, notice, process_instance, user_task
from engine.verbs import VERBS, WHY
from tests.conftest import at_once
from tests.processes.office import open_tasks, task
from tests.web.conftest import Browser

SignIn = Callable[[str], Browser]
BULK = "bulk0001"


def html(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.status_code
    return str(response.data.decode())


def events_of(engine: Engine) -> int:
    with engine.database.reading() as conn:
        return int(conn.execute(select(func.count()).select_from(event)).scalar_one())


def owner(engine: Engine, key: int) -> int | None:
    with engine.database.reading() as conn:
        return conn.execute(select(user_task.c.assignee).where(user_task.c.key == key)).scalar()


@pytest.fixture
def received(desk: Desk) -> list[int]:
    """Tasks of three cases that wait in rst's department for the check of form."""
    found, n = [], 0
    while len(found) < 3:
        key = int(at_once(deliver(desk, n)))
        n += 1
        waiting = task(desk, key, "T12-04")
        if desk.actor(waiting.organisation_key, "handler").username == "rst.jb":
            found.append(waiting.key)
        assert n < 60
    return found


@pytest.fixture
def signing(desk: Desk) -> list[int]:
    """Cases whose replies wait for the signature of one head."""
    by_head: dict[str, list[int]] = {}
    for n in range(60):
        key = int(at_once(deliver(desk, n)))
        desk.do(key, "T12-04", {"check_result": "accept"})
        application = desk.variables(key)["application"]
        desk.do(key, "T12-07", reply(application, beijing_day(desk.now), "refuse"))
        waiting = task(desk, key, "T12-08")
        head = desk.actor(waiting.organisation_key, "head").username
        by_head.setdefault(head, []).append(waiting.key)
        if len(by_head[head]) == 3:
            desk.head = head  # type: ignore[attr-defined]
            return by_head[head]
    raise AssertionError("Expected three replies of one head")


def chosen(verb: str, keys: list[int]) -> str:
    return f"/bulk?verb={verb}&" + "&".join(f"task={key}" for key in keys)


def test_the_dialogue_shows_what_it_does_to_each_and_why_not_to_some(
    desk: Desk, engine: Engine, received: list[int], signed_in: SignIn
) -> None:
    colleague = engine.accounts.actor_named("rst.jb2")
    engine.handle(c.ClaimTask(actor=colleague, task_key=received[0]))
    before = events_of(engine)

    page = html(signed_in("rst.jb").get(chosen("claim", [*received, 12345])))

    assert "所选4项，其中可以认领2项" in page
    assert page.count(VERBS["claim"].effect.zh) == 3  # the heading and two rows
    assert f"已由{colleague.name}认领" in page
    assert "没有该任务，或者您无权查看" in page
    assert len(re.findall(r'name="task"[^>]* checked', page)) == 2
    assert len(re.findall(r'name="task"[^>]* disabled', page)) == 2
    assert events_of(engine) == before


def test_one_failure_stops_none_of_the_others_and_a_repeat_changes_nothing(
    engine: Engine, received: list[int], signed_in: SignIn
) -> None:
    colleague, me = engine.accounts.actor_named("rst.jb2"), engine.accounts.actor_named("rst.jb")
    reader = signed_in("rst.jb")
    html(reader.get(chosen("claim", received)))
    engine.handle(c.ClaimTask(actor=colleague, task_key=received[1]))  # meanwhile
    post = {"verb": "claim", "task": received, "chosen": received, "bulk_id": BULK}

    page = html(reader.post("/bulk", post))
    assert "2项已办理" in page and "未办理（1）" in page
    assert f"该任务已由{colleague.name}认领" in page
    assert [owner(engine, key) for key in received] == [me.user_key, colleague.user_key, me.user_key]

    before = events_of(engine)
    assert html(reader.post("/bulk", post)).count('class="unable"') == 1
    assert events_of(engine) == before


def test_slices_do_the_same_and_the_page_then_lists_the_stored_answers(
    engine: Engine, received: list[int], signed_in: SignIn
) -> None:
    reader = signed_in("rst.jb")
    reader.get(chosen("claim", received))
    for key in received:
        answer = reader.post(f"/bulk/{BULK}/run", {"verb": "claim", "task": [key]})
        assert answer.json == {"done": 1, "failed": 0, "invalid": False}

    before = events_of(engine)
    page = html(reader.post("/bulk", {"verb": "claim", "task": received, "bulk_id": BULK}))
    assert "3项已办理。全部完成。" in page
    assert events_of(engine) == before


def test_many_are_given_back_or_handed_to_one_colleague(
    engine: Engine, received: list[int], signed_in: SignIn
) -> None:
    reader = signed_in("rst.jb")
    assert WHY["not_yours"].zh in html(reader.get(chosen("unclaim", received)))
    page = html(reader.get(chosen("assign", received)))
    assert '<option value="rst.jb2"' in page

    done = html(reader.post("/bulk", {"verb": "assign", "task": received, "person": "rst.jb2"}))
    assert "3项已办理" in done
    colleague = engine.accounts.actor_named("rst.jb2").user_key
    assert {owner(engine, key) for key in received} == {colleague}


def test_alike_replies_are_signed_once_by_a_person_who_says_so(
    desk: Desk, engine: Engine, signing: list[int], signed_in: SignIn
) -> None:
    head = signed_in(desk.head)  # type: ignore[attr-defined]
    page = html(head.get(chosen("complete", signing)))
    assert "其中可以办理同类答复3项" in page
    assert page.count("届满）停止计时") + page.count("照常计算") + page.count("转入下一环节") >= 3
    post = {"verb": "complete", "task": signing, "chosen": signing, "bulk_id": BULK, "decision": "sign"}

    before = events_of(engine)
    assert "请核对所列事项后勾选确认" in html(head.post("/bulk", post), 422)
    assert events_of(engine) == before

    assert "3项已办理。全部完成。" in html(head.post("/bulk", {**post, "sure": "1"}))
    after = events_of(engine)
    assert after > before
    assert "3项已办理。全部完成。" in html(head.post("/bulk", {**post, "sure": "1"}))
    assert events_of(engine) == after
    with engine.database.reading() as conn:
        keys = conn.execute(select(user_task.c.instance_key).where(user_task.c.key.in_(signing))).scalars()
        assert not any("T12-08" in open_tasks(desk, key) for key in keys)


def test_a_form_that_every_one_is_refused_for_comes_back_with_its_errors(
    desk: Desk, engine: Engine, signing: list[int], signed_in: SignIn
) -> None:
    head = signed_in(desk.head)  # type: ignore[attr-defined]
    post = {"verb": "complete", "task": signing, "chosen": signing, "bulk_id": BULK, "sure": "1"}
    before = events_of(engine)

    page = html(head.post("/bulk", post), 422)

    assert "error-summary" in page
    assert events_of(engine) == before


def test_what_is_of_another_step_is_left_out_even_if_it_is_sent(
    desk: Desk, engine: Engine, signing: list[int], signed_in: SignIn
) -> None:
    head = signed_in(desk.head)  # type: ignore[attr-defined]
    with engine.database.reading() as conn:
        mine = engine.accounts.actor_named(desk.head)  # type: ignore[attr-defined]
        other = conn.execute(
            select(user_task.c.key)
            .where(user_task.c.state == "open", user_task.c.element_id != "T12-08")
            .join(process_instance, process_instance.c.key == user_task.c.instance_key)
            .where(process_instance.c.providing_key == mine.org_key)
            .limit(1)
        ).scalar()
    keys = [*signing, *([other] if other else [12345])]
    page = html(
        head.post(
            "/bulk", {"verb": "complete", "task": keys, "bulk_id": BULK, "decision": "sign", "sure": "1"}
        )
    )

    assert "3项已办理" in page and "未办理（1）" in page


def test_a_form_that_asks_what_differs_from_case_to_case_is_done_one_by_one(
    desk: Desk, engine: Engine, received: list[int], signed_in: SignIn
) -> None:
    """Files, tables, and choices that come from the case are not for many at once."""
    with engine.database.reading() as conn:
        [key] = conn.execute(
            select(process_instance.c.definition_key)
            .join(user_task, user_task.c.instance_key == process_instance.c.key)
            .where(user_task.c.key == received[0])
        ).scalars()
        forms = load_definition(conn, key).forms
    assert own_fields(forms["F12-G"])
    assert own_fields(forms["F12-A"])
    assert own_fields(forms["F12-E"]) == []
    # A reply that grants names data items of its own case; one that refuses may be the same for many.
    assert closed_options(forms["F12-E"]) == {"decision": ("agree", "partly")}


def test_nonsense_is_refused(received: list[int], signed_in: SignIn) -> None:
    reader = signed_in("rst.jb")
    assert reader.get("/bulk").status_code == 422
    assert reader.get("/bulk?verb=explode&task=1").status_code == 422
    assert (
        reader.get("/bulk?verb=claim&" + "&".join(f"task={n}" for n in range(1, MOST + 2))).status_code == 422
    )
    assert reader.post("/bulk", {"verb": "explode", "task": ["1"]}).status_code == 422
    assert reader.post("/bulk/x/run", {"verb": "claim", "task": ["1"]}).status_code == 422
    assert "请至少勾选一项" in html(reader.post("/bulk", {"verb": "claim", "chosen": received}), 422)


def test_a_stranger_sees_and_does_nothing(engine: Engine, received: list[int], signed_in: SignIn) -> None:
    for name in ("audit", "designer", "admin", "scj.jb"):
        stranger = signed_in(name)
        html(stranger.get(chosen("claim", received)))
        page = html(stranger.post("/bulk", {"verb": "claim", "task": received}))
        assert "已办理。" not in page
    assert {owner(engine, key) for key in received} == {None}


def test_many_are_urged_by_whoever_waits_and_once_a_day(
    desk: Desk, engine: Engine, received: list[int], signed_in: SignIn
) -> None:
    with engine.database.reading() as conn:
        cases = select(user_task.c.instance_key).where(user_task.c.key == received[0])
        row = conn.execute(select(process_instance).where(process_instance.c.key.in_(cases))).one()
    waiting = desk.actor(row.using_key, "handler").username
    reader = signed_in(waiting)
    assert VERBS["urge"].effect.zh in html(reader.get(chosen("urge", received[:1])))

    assert "1项已办理" in html(
        reader.post("/bulk", {"verb": "urge", "task": received[:1], "text": "请尽快。"})
    )
    with engine.database.reading() as conn:
        told = conn.execute(select(notice).where(notice.c.kind == "urge")).all()
    assert told and all("请尽快。" in row.text for row in told)
    assert WHY["already_urged"].zh in html(reader.get(chosen("urge", received[:1])))


def test_copies_are_marked_as_read(
    desk: Desk, engine: Engine, received: list[int], signed_in: SignIn
) -> None:
    with engine.database.reading() as conn:
        case = conn.execute(
            select(user_task.c.instance_key).where(user_task.c.key == received[0])
        ).scalar_one()
    sender = engine.accounts.actor_named("rst.jb")
    engine.handle(c.CopyCase(actor=sender, instance_key=case, people=("rst.jb2",)))
    reader = signed_in("rst.jb2")
    assert VERBS["mark_read"].effect.zh in html(reader.get(f"/bulk?verb=mark_read&case={case}"))

    post = {"verb": "mark_read", "task": [case], "bulk_id": BULK}
    assert "1项已办理" in html(reader.post("/bulk", post))
    assert "1项已办理" in html(reader.post("/bulk", post))
    assert "没有抄送您的未阅事项" in html(reader.get(f"/bulk?verb=mark_read&case={case}"))
