"""Leaving a post (离职转办): the preview says what will happen, and it happens, each thing once."""

from typing import Any

import pytest
from sqlalchemy import func, select

from engine import commands as c
from engine.app import Engine
from engine.demo.answers import reply
from engine.demo.cases import Desk
from engine.errors import InvalidInput, NotAllowed, NotFound, NotSignedIn, WrongState
from engine.handlers import leavings as handlers
from engine.history.replay import rebuild
from engine.periods import beijing_day
from engine.queries.leavings import people, preview, progress
from engine.storage.tables import event, organisation, process_instance, task_part, user_task
from tests.engine.test_substitution import LAST, Department
from tests.processes.office import task
from tests.test_replay import tables

REASON = "试人〔2026〕示例9号，调离。"


@pytest.fixture
def office(desk: Desk) -> Department:
    """The author of the department has the draft of a reply, an application of their own, and a substitute."""
    office = Department(desk)
    engine, author = desk.engine, office.actor(office.author)
    engine.handle(
        c.ClaimTask(actor=author, task_key=task(desk, office.case, "T12-07").key),
    )
    office.rule(office.author, "sub.two", role="handler", doc_no="", valid_until=LAST)
    return office


def leave(office: Department, by: str | None = None, **successors: str) -> int:
    command = c.BeginLeaving(
        actor=office.actor(by or office.head),
        username=office.author or "",
        reason=REASON,
        successors=successors,
    )
    return int(office.desk.engine.handle(command)["leaving_key"])


def run(engine: Engine) -> None:
    while engine.sweep():
        pass


def shown(items: Any) -> list[tuple[str, int, str, str, str]]:
    return sorted((i.kind, i.key, i.outcome, i.to_name, i.reason) for i in items)


def started(office: Department) -> int:
    """Have the author begin an application of their own."""
    engine, author = office.desk.engine, office.actor(office.author)
    entries = engine.queries.catalogue(author, sharing_type="conditional").rows
    entry = next(row.key for row in entries if row.provider_name != author.org_name)
    command = c.StartInstance(actor=author, process_id="ln_art12_application", resource_key=entry)
    return int(engine.handle(command)["instance_key"])


@pytest.mark.parametrize(
    "successors",
    [
        pytest.param({"all": "sub.one"}, id="one for all"),
        pytest.param({"handler": "sub.one", "cases": "sub.two"}, id="one for each group"),
        pytest.param({}, id="nobody: everything goes back"),
        pytest.param({"all": "HEAD"}, id="the head does not hold the role"),
    ],
)
def test_the_preview_equals_what_happens(office: Department, successors: dict[str, str]) -> None:
    successors = {k: office.head or "" if v == "HEAD" else v for k, v in successors.items()}
    engine, head = office.desk.engine, office.actor(office.head)
    started(office)
    said = engine.queries.search(preview, head, office.author, successors)

    key = leave(office, **successors)
    run(engine)

    done = engine.queries.search(progress, head, key)
    assert shown(done.items) == shown(said.items)
    assert (done.state, done.left) == ("done", 0)
    assert {i.kind for i in done.items} == {"rule", "task", "case"}


def test_tasks_and_cases_are_the_successors_and_the_account_ends(office: Department) -> None:
    engine, author = office.desk.engine, office.actor(office.author)
    case, token = started(office), engine.accounts.sign_in(office.author or "", "Shixian-2026", "127.0.0.1")
    before = office.name(office.author)

    leave(office, all="sub.one")
    run(engine)

    heir = office.actor("sub.one")
    assert task(office.desk, office.case, "T12-07").assignee == heir.user_key
    with engine.database.reading() as conn:
        begun = select(process_instance.c.started_by).where(process_instance.c.key == case)
        assert conn.execute(begun).scalar() == heir.user_key
        held = select(func.count()).where(
            user_task.c.assignee == author.user_key, user_task.c.state == "open"
        )
        assert conn.execute(held).scalar() == 0
    assert engine.accounts.actor(token) is None
    with pytest.raises(NotSignedIn):
        engine.accounts.sign_in(office.author or "", "Shixian-2026", "127.0.0.1")
    assert office.actor(office.author).roles == frozenset()
    assert office.history()[-1] == f"{before}离职，“拟定答复意见”由{heir.name}承办。"
    lines = engine.queries.case(office.actor(office.head), office.case).history
    assert any(line.actor.endswith(before) for line in lines)


def test_separation_keeps_the_successor_out_and_the_task_goes_back(desk: Desk) -> None:
    """The head leaves; the successor, a head too, drafted the reply that is to be signed."""
    office = Department(desk)
    engine, head = desk.engine, office.actor(office.head)
    with engine.database.reading() as conn:
        code = conn.execute(select(organisation.c.code).where(organisation.c.key == office.org)).scalar_one()
    engine.handle(
        c.RegisterUser(
            actor=None,
            username="two.roles",
            name="兼任",
            org_code=code,
            roles=("handler", "head"),
            password="Shixian-2026",
        )
    )
    values = reply(desk.variables(office.case)["application"], beijing_day(desk.now), "agree")
    drafting = task(desk, office.case, "T12-07").key
    engine.handle(c.CompleteTask(actor=office.actor("two.roles"), task_key=drafting, values=values))
    engine.handle(c.ClaimTask(actor=head, task_key=task(desk, office.case, "T12-08").key))
    said = engine.queries.search(preview, office.actor("admin"), head.username, {"all": "two.roles"})
    [item] = [i for i in said.items if i.kind == "task"]
    assert (item.outcome, item.about) == ("returned", "")  # an administrator reads no case data (C.6)
    assert "不得由办理“拟定答复意见”的同一人办理" in item.reason

    command = c.BeginLeaving(
        actor=office.actor("admin"), username=head.username, reason=REASON, successors={"all": "two.roles"}
    )
    engine.handle(command)
    run(engine)

    assert task(desk, office.case, "T12-08").assignee is None


def test_the_preview_warns_of_a_role_that_nobody_else_holds(office: Department) -> None:
    ask, admin = office.desk.engine.queries.search, office.actor("admin")

    assert ask(preview, admin, office.head, {}).bare == ("负责人",)
    assert ask(preview, admin, office.author, {}).bare == ()


def test_what_a_substitute_took_comes_back_first_and_is_handed_on_too(office: Department) -> None:
    engine, key = office.desk.engine, task(office.desk, office.case, "T12-07").key
    engine.handle(c.ClaimTask(actor=office.actor("sub.two"), task_key=key))

    leave(office, all="sub.one")
    run(engine)

    row = task(office.desk, office.case, "T12-07")
    assert (row.assignee, row.stands_for) == (office.actor("sub.one").user_key, None)


def test_parts_in_others_tasks_are_handed_on_or_taken_back(office: Department) -> None:
    """What others have to do with a task is written by its own commands; here it is only there."""
    engine, author = office.desk.engine, office.actor(office.author)
    drafting = task(office.desk, office.case, "T12-07")
    row = {
        "instance_key": office.case,
        "task_key": drafting.key,
        "text_sha256": "",
        "state": "open",
        "asked_at": office.desk.now,
    }
    one, head = office.actor("sub.one").user_key, office.actor(office.head).user_key
    with engine.database.writing() as conn:
        conn.execute(
            task_part.insert(),
            [
                {"key": 1, "kind": "consult", "user_key": author.user_key, "asked_by": head, **row},
                {"key": 2, "kind": "assist", "user_key": author.user_key, "asked_by": one, **row},
                {"key": 3, "kind": "assist", "user_key": head, "asked_by": author.user_key, **row},
            ],
        )
    said = engine.queries.search(preview, office.actor(office.head), office.author, {"all": "sub.one"})

    key = leave(office, all="sub.one")
    run(engine)

    with engine.database.reading() as conn:
        parts = {r.key: r for r in conn.execute(select(task_part))}
    assert (parts[1].user_key, parts[1].state) == (one, "open")
    assert (parts[2].user_key, parts[2].state) == (author.user_key, "withdrawn")
    assert parts[3].asked_by == one
    done = engine.queries.search(progress, office.actor(office.head), key)
    assert shown(done.items) == shown(said.items)


def test_a_failure_is_listed_and_holds_up_nothing(
    office: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, case = office.desk.engine, started(office)
    carry_out = handlers._carry_out

    def broken(uow: Any, holding: Any, outcome: Any, name: str) -> None:
        if holding.kind == "task" and holding.row.instance_key == case:
            raise RuntimeError("a broken case")
        carry_out(uow, holding, outcome, name)

    monkeypatch.setattr(handlers, "_carry_out", broken)

    key = leave(office, all="sub.one")
    run(engine)

    done = engine.queries.search(progress, office.actor(office.head), key)
    assert [(i.kind, i.reason) for i in done.items if i.outcome == "failed"] == [
        ("task", "RuntimeError: a broken case")
    ]
    assert done.state == "done"
    assert task(office.desk, office.case, "T12-07").assignee == office.actor("sub.one").user_key


def test_a_leaving_that_was_cut_off_goes_on_with_what_is_left(
    office: Department, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = office.desk.engine
    started(office)
    key = leave(office, all="sub.one")
    handle, count = engine.handle, 0

    def dies(command: c.Command) -> Any:
        nonlocal count
        if isinstance(command, c.HandOn):
            count += 1
            if count == 2:
                raise SystemExit  # the process is gone in the middle
        return handle(command)

    monkeypatch.setattr(engine, "handle", dies)
    with pytest.raises(SystemExit):
        engine.sweep()
    monkeypatch.setattr(engine, "handle", handle)
    half = engine.queries.search(progress, office.actor(office.head), key)
    assert (half.state, len(half.items)) == ("running", 1)

    run(engine)

    done = engine.queries.search(progress, office.actor(office.head), key)
    assert (done.state, done.left) == ("done", 0)
    with engine.database.reading() as conn:
        bodies = conn.execute(select(event.c.body).where(event.c.type == "HoldingHandedOn")).scalars().all()
        assert len(bodies) == len(done.items)
        assert len(conn.execute(select(event.c.seq).where(event.c.type == "UserLeft")).all()) == 1


def test_who_may_have_whom_leave(office: Department) -> None:
    """Administrators anybody, a head their people, nobody themselves."""
    ask = office.desk.engine.queries.search
    for by in ("sub.one", office.author):
        with pytest.raises(NotAllowed):
            leave(office, by)
    assert office.author in [p.username for p in ask(people, office.actor(office.head))]
    assert office.head not in [p.username for p in ask(people, office.actor(office.head))]
    assert ask(people, office.actor("sub.one")) == ()
    leave(office, "admin")
    with pytest.raises(WrongState, match="正在进行"):
        leave(office, "admin")
    run(office.desk.engine)
    with pytest.raises(NotFound):
        leave(office, "admin")


def test_a_successor_is_a_colleague_in_post(office: Department) -> None:
    with pytest.raises(InvalidInput, match="承接人"):
        leave(office, all="audit" if office.actor("audit").org_key != office.org else "nobody")
    with pytest.raises(InvalidInput, match="事由"):
        office.desk.engine.handle(
            c.BeginLeaving(actor=office.actor("admin"), username=office.author or "", reason=" ")
        )


def test_replay_rebuilds_a_leaving(office: Department) -> None:
    engine = office.desk.engine
    started(office)
    leave(office, all="sub.one")
    run(engine)

    with engine.database.writing() as conn:
        before = tables(conn)
        rebuild(conn)
        assert tables(conn) == before
