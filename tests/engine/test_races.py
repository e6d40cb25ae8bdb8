"""Two at once: one wins, the other is told by name, and nothing is left between. `--soak` runs ten thousand."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import app
from engine import commands as c
from engine.app import Engine
from engine.clock import FixedClock
from engine.demo.answers import reply
from engine.demo.cases import Desk, begin, deliver, fill
from engine.errors import Refused
from engine.history.chain import first_break
from engine.periods import beijing_day
from engine.storage.tables import event
from tests.conftest import at_once
from tests.processes import test_migration as office
from tests.processes.office import case, limits, task, trail, wait_until
from tests.processes.test_extension import FILES, start

ROUNDS = 12  # in one database: each moves the clock a week or so, and beyond 2026 nothing expires
SOAK = 210  # databases for each of the four races


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.config.getoption("--soak"):
        metafunc.fixturenames.append("again")
        metafunc.parametrize("again", range(SOAK))


def race(*acts: Callable[[], Any]) -> list[str]:
    """Run the acts at once; return for each "done", the code of its refusal, or what broke."""
    barrier, outcomes = threading.Barrier(len(acts)), [""] * len(acts)

    def run(n: int, act: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            act()
            outcomes[n] = "done"
        except Refused as refusal:
            outcomes[n] = refusal.code
        except Exception as fault:  # said by the assertion; in a thread it would be lost
            outcomes[n] = repr(fault)

    threads = [threading.Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def whole(engine: Engine, key: int) -> None:
    with engine.database.reading() as conn:
        rows = conn.execute(select(event).where(event.c.stream == key).order_by(event.c.seq)).all()
    assert first_break((r.seq, r.body, r.hash) for r in rows) is None


def test_two_completions_of_one_task(desk: Desk, engine: Engine) -> None:
    for _ in range(ROUNDS):
        key = begin(desk, 1)
        fill(desk, key, 1)
        head = task(desk, key, "T12-02")
        actor = desk.actor(head.organisation_key, "head")

        def complete(decision: str, task_key: int = head.key, by: Any = actor) -> Callable[[], Any]:
            values = {"decision": decision, "comment": "请补充说明用途。"}
            return lambda: engine.handle(c.CompleteTask(actor=by, task_key=task_key, values=values))

        assert sorted(race(complete("agree"), complete("return"))) == ["conflict", "done"]
        assert trail(desk, key).count("UserTaskCompleted") == 2
        whole(engine, key)
        desk.withdraw(key, "竞争测试，撤回。")


def test_a_reply_against_its_expiry(desk: Desk, engine: Engine) -> None:
    """Signed before 24:00 it is in time, after it late; the sweep and the person agree on which it was."""
    for _ in range(ROUNDS):
        key = int(at_once(deliver(desk, 1)))
        desk.do(key, "T12-04", {"check_result": "accept"})
        applied = desk.variables(key)["application"]
        desk.do(key, "T12-07", reply(applied, beijing_day(desk.now), "refuse"))
        [limit] = limits(desk, key, "TM12-1")
        signing = task(desk, key, "T12-08")
        head = desk.actor(signing.organisation_key, "head")

        def sign(task_key: int = signing.key, by: Any = head) -> Any:
            return engine.handle(c.CompleteTask(actor=by, task_key=task_key, values={"decision": "sign"}))

        def expire(at: Any = limit.due_at) -> Any:
            return engine.handle(c.SetClock(actor=None, at=at))

        assert race(sign, expire) == ["done", "done"]
        [after] = limits(desk, key, "TM12-1")
        expired = after.expired_at is not None
        assert (after.state, expired, after.ended_at >= limit.due_at) in (
            ("met", False, False),
            ("met_late", True, True),
        )
        desk.do(key, "T12-13", {"decision": "accept"})
        if expired:
            desk.do(key, "T12-12", {"action": "justified", "reason": "竞争测试，答复已经送达。"})
        assert case(desk, key).late == expired
        whole(engine, key)


@pytest.mark.parametrize("act", ["reply", "withdrawal"])
def test_an_act_that_began_before_24_00_counts_as_of_then_whenever_it_is_entered(
    desk: Desk, engine: Engine, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """What is due and what the act meets are of one instant: the clock passes the limit in between."""
    key = int(at_once(deliver(desk, 1)))
    desk.do(key, "T12-04", {"check_result": "accept"})
    applied = desk.variables(key)["application"]
    desk.do(key, "T12-07", reply(applied, beijing_day(desk.now), "refuse"))
    [limit] = limits(desk, key, "TM12-1")
    wait_until(desk, limit.due_at - timedelta(seconds=1))
    look = app.owed

    def at_midnight(*args: Any) -> Any:
        found = look(*args)
        assert isinstance(engine.clock, FixedClock)
        engine.clock.set(max(limit.due_at, engine.clock.now()))
        return found

    monkeypatch.setattr(app, "owed", at_midnight)
    if act == "withdrawal":
        desk.withdraw(key, "竞争测试，撤回。")
    else:
        desk.do(key, "T12-08", {"decision": "sign"})
    engine.sweep()

    [after] = limits(desk, key, "TM12-1")
    assert after.state == ("cancelled" if act == "withdrawal" else "met")
    assert after.ended_at == limit.due_at - timedelta(seconds=1)
    assert "DeadlineExpired" not in trail(desk, key)


def test_an_extension_against_its_expiry(desk: Desk, engine: Engine) -> None:
    """Approved before 24:00 or refused after it, never both extended and expired on the old date."""
    files = {str(p.relative_to(FILES)): p.read_bytes() for p in Path(FILES).rglob("*.*")}
    engine.handle(c.DeployDefinition(actor=None, files=files))
    for _ in range(ROUNDS):
        key = start(desk)
        desk.do(key, "Ask", {"days": 3})
        [limit] = limits(desk, key, "Timer")
        approval = task(desk, key, "Approve")
        actor = desk.actor(approval.organisation_key, "head")

        def approve(task_key: int = approval.key, by: Any = actor) -> Any:
            values = {"decision": "agree", "days": 3}
            return engine.handle(c.CompleteTask(actor=by, task_key=task_key, values=values))

        def expire(at: Any = limit.due_at) -> Any:
            return engine.handle(c.SetClock(actor=None, at=at))

        outcomes = race(approve, expire)
        [after] = limits(desk, key, "Timer")
        if outcomes[0] == "done":
            assert (after.extended_by, after.state, case(desk, key).overdue) == (3, "running", False)
        else:
            assert outcomes[0] == "deadline_over"
            assert (after.extended_by, after.state, case(desk, key).overdue) == (0, "overdue", True)
        whole(engine, key)


def test_claims_of_many_hands_leave_one_owner(desk: Desk, engine: Engine) -> None:
    key = int(at_once(deliver(desk, 1)))
    intake = task(desk, key, "T12-04")
    handler = desk.actor(intake.organisation_key, "handler")
    head = desk.actor(intake.organisation_key, "head")
    both = [handler, type(head)(**{**head.__dict__, "roles": handler.roles})]
    for _ in range(ROUNDS):
        claims = [lambda a=a: engine.handle(c.ClaimTask(actor=a, task_key=intake.key)) for a in both]
        outcomes = race(*claims)
        assert sorted(outcomes) == ["conflict", "done"]
        owner = both[outcomes.index("done")]
        assert task(desk, key, "T12-04").assignee == owner.user_key
        engine.handle(c.UnclaimTask(actor=owner, task_key=intake.key))


def test_two_heads_consent_at_once(desk: Desk, engine: Engine) -> None:
    """Both count, and the migration is carried out once."""
    first = office.publish(desk)
    second = office.publish(desk, office.LONGER)
    for _ in range(ROUNDS):
        key = office.start(desk)
        to = first if case(desk, key).definition_key == second else second
        migration = office.propose(desk, key, to)

        def agree(side: str, key: int = key, migration: int = migration) -> Callable[[], Any]:
            return lambda: office.consent(desk, key, migration, side)

        assert race(agree("using"), agree("providing")) == ["done", "done"]
        assert office.proposal(desk, migration).state == "done"
        assert (trail(desk, key).count("InstanceMigrated"), case(desk, key).definition_key) == (1, to)
        whole(engine, key)


def test_the_last_consent_against_a_completion(desk: Desk, engine: Engine) -> None:
    """Either the case moved first, and the proposal lapses, or it was migrated, and the task is done there."""
    first = office.publish(desk)
    second = office.publish(desk, office.LONGER)
    for _ in range(ROUNDS):
        key = office.start(desk)
        migration = office.propose(desk, key, first if case(desk, key).definition_key == second else second)
        office.consent(desk, key, migration, "using")
        verify = task(desk, key, "Verify")
        actor = desk.actor(verify.organisation_key, "handler")

        def complete(by: Any = actor, task_key: int = verify.key) -> Any:
            return engine.handle(c.CompleteTask(actor=by, task_key=task_key, values={}))

        def agree(key: int = key, migration: int = migration) -> Any:
            return office.consent(desk, key, migration, "providing")

        assert race(agree, complete) == ["done", "done"]
        kinds, state = trail(desk, key), office.proposal(desk, migration).state
        if state == "done":
            assert kinds.index("InstanceMigrated") < kinds.index("UserTaskCompleted")
            assert str(limits(desk, key, "Timer")[0].terms["length"]) in ("5", "10")
        else:
            assert state == "lapsed" and "InstanceMigrated" not in kinds
        whole(engine, key)


def test_consent_against_objection_and_withdrawal(desk: Desk, engine: Engine) -> None:
    """Exactly one of the three ends the proposal; the others are told how it ended."""
    office.publish(desk)
    key = office.start(desk)
    target = office.publish(desk, office.LONGER)
    admin = office.admin(desk)
    using, providing = (office.head(desk, key, side) for side in ("using", "providing"))
    for _ in range(ROUNDS):
        if case(desk, key).definition_key == target:
            break
        migration = office.propose(desk, key, target)
        office.consent(desk, key, migration, "using")
        about = {"instance_key": key, "migration_key": migration}
        outcomes = race(
            lambda about=about: engine.handle(c.ConsentToMigration(actor=providing, **about)),
            lambda about=about: engine.handle(
                c.ObjectToMigration(actor=using, reason="改变主意，不同意。", **about)
            ),
            lambda about=about: engine.handle(
                c.WithdrawMigration(actor=admin, reason="另行商定后再提。", **about)
            ),
        )

        assert sorted(outcomes) == ["done", "wrong_state", "wrong_state"]
        ended = ("done", "objected", "withdrawn")[outcomes.index("done")]
        assert office.proposal(desk, migration).state == ended
        whole(engine, key)


def test_a_start_against_the_suspension_of_its_procedure(desk: Desk, engine: Engine) -> None:
    """A case that exists was started before the suspension."""
    version = office.publish(desk)
    actor = office.admin(desk)
    for _ in range(ROUNDS):
        outcomes = race(
            lambda: office.start(desk),
            lambda: engine.handle(
                c.SuspendDefinition(actor=actor, definition_key=version, reason=office.REASON)
            ),
        )
        assert outcomes[1] == "done"
        assert outcomes[0] in ("done", "procedure_suspended")
        engine.handle(c.ResumeDefinition(actor=actor, definition_key=version, reason=office.REASON))
