"""Leaving a post (离职转办): begun, one thing after another, and the account ends."""

from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, select

from engine import events as e
from engine.commands import BeginLeaving, FinishLeaving, HandOn, NoteNotHandedOn
from engine.errors import InvalidInput, NotAllowed, NotFound, WrongState
from engine.handlers.holdings import GROUPS, Holding, Outcome, Plan, holdings
from engine.handlers.substitutions import end_rule
from engine.handlers.verbs.signers import give_up_part, undo_handing_in
from engine.people import Actor
from engine.storage.tables import feed_token, leaving, leaving_item, session, user
from engine.uow import UnitOfWork


def begin_leaving(cmd: BeginLeaving, uow: UnitOfWork) -> dict[str, Any]:
    """Note that a person leaves and who succeeds; the things follow one by one."""
    row = uow.conn.execute(select(user).where(user.c.username == cmd.username)).first()
    if row is None or not row.active:
        raise NotFound(
            f"没有在职用户“{cmd.username}”。", f"Expected an active user {cmd.username}, found none."
        )
    uow.expect(row.key)
    must_see_off(cmd.actor, row)
    running = select(leaving.c.key).where(leaving.c.user_key == row.key, leaving.c.state == "running")
    if uow.conn.execute(running).first() is not None:
        raise WrongState(
            f"{row.name}的离职转办正在进行。", f"Expected {row.username} not to be leaving already."
        )
    reason = cmd.reason.strip()
    if not 2 <= len(reason) <= 500:
        raise InvalidInput(
            "请填写离职事由或者文号（2至500个字）。",
            "Expected a reason of 2 to 500 characters.",
            code="reason",
        )
    chosen = {group: name for group, name in cmd.successors.items() if name}
    if unknown := [group for group in chosen if group not in (*GROUPS, "all")]:
        raise InvalidInput(
            f"没有“{unknown[0]}”这一类。", f"Expected one of all, {', '.join(GROUPS)}.", code="group"
        )
    _must_be_known(uow, row, set(chosen.values()))
    key = uow.next_key()
    uow.record(row.key, e.LeavingBegun(key, row.key, row.organisation_key, chosen, reason))
    return {"leaving_key": str(key)}


def hand_on(cmd: HandOn, uow: UnitOfWork) -> dict[str, Any]:
    """Hand on one thing; what is no longer the person's is left alone."""
    row = _leaving(uow, cmd.leaving_key)
    found = next(
        (h for h in holdings(uow.conn, row.user_key) if (h.kind, h.key) == (cmd.kind, cmd.subject_key)), None
    )
    if found is None:
        return {"outcome": None}
    outcome = Plan(uow, row.user_key, row.organisation_key, row.successors).outcome(found)
    name = uow.conn.execute(select(user.c.name).where(user.c.key == row.user_key)).scalar_one()
    _carry_out(uow, found, outcome, name)
    uow.record(
        row.user_key,
        e.HoldingHandedOn(
            row.key, found.kind, found.key, found.name, outcome.outcome, outcome.to_name, outcome.reason
        ),
    )
    return {"outcome": outcome.outcome}


def _carry_out(uow: UnitOfWork, holding: Holding, outcome: Outcome, name: str) -> None:
    to, row = outcome.to, holding.row
    if holding.kind == "rule":
        end_rule(uow, row, "left")
    elif holding.kind == "task":
        key, whom = (to.key, to.name) if to is not None else (None, None)
        undo_handing_in(uow, row, f"{name}离职，其提交尚待签署")
        uow.record(
            row.instance_key,
            e.UserTaskAssigned(row.key, row.name, key, whom, why="left", before_name=name),
        )
    elif holding.kind == "part":
        key, whom = (to.key, to.name) if to is not None else (None, "")
        if to is None:
            give_up_part(uow, row)
        uow.record(row.instance_key, e.TaskPartHandedOn(row.key, holding.name, name, key, whom))
    elif to is not None and holding.kind == "asked":
        uow.record(row.instance_key, e.TaskPartAskerMoved(row.key, holding.name, to.key, to.name))
    elif to is not None:
        uow.record(row.key, e.InstanceHandedOn(name, to.key, to.name))


def note_not_handed_on(cmd: NoteNotHandedOn, uow: UnitOfWork) -> dict[str, Any]:
    """Keep why something stayed; it holds up nothing."""
    row = _leaving(uow, cmd.leaving_key)
    found = next(
        (h for h in holdings(uow.conn, row.user_key) if (h.kind, h.key) == (cmd.kind, cmd.subject_key)), None
    )
    name = found.name if found else cmd.kind
    uow.record(
        row.user_key,
        e.HoldingHandedOn(row.key, cmd.kind, cmd.subject_key, name, "failed", "", cmd.cause),
    )
    return {}


def finish_leaving(cmd: FinishLeaving, uow: UnitOfWork) -> dict[str, Any]:
    """End the account: no roles, no sessions, no signing in. The history keeps the name."""
    row = _leaving(uow, cmd.leaving_key)
    items = uow.conn.execute(select(leaving_item).where(leaving_item.c.leaving_key == row.key)).all()
    failed = {(i.kind, i.subject_key) for i in items if i.outcome == "failed"}
    name = uow.conn.execute(select(user.c.name).where(user.c.key == row.user_key)).scalar_one()
    for holding in holdings(uow.conn, row.user_key):
        # What somebody gave the person meanwhile would wait for nobody.
        if holding.kind in ("rule", "task", "part") and (holding.kind, holding.key) not in failed:
            _carry_out(uow, holding, Outcome("returned"), name)
    uow.record(row.user_key, e.UserLeft(row.key, row.user_key, len(failed)))
    uow.writes += [partial(_forget, table, row.user_key) for table in (session, feed_token)]
    return {"failed": len(failed)}


def _forget(table: Table, user_key: int, conn: Connection) -> None:
    conn.execute(delete(table).where(table.c.user_key == user_key))


def may_see_off(actor: Actor, row: Row[Any]) -> bool:
    """Say whether somebody may have a person leave: an administrator or their head, never themselves."""
    mine = actor.holds_in_person("head", row.organisation_key)
    return actor.user_key != row.key and (mine or actor.holds("admin"))


def must_see_off(actor: Actor | None, row: Row[Any]) -> None:
    """Refuse whoever may not have a person leave; the platform may.

    Raises:
        NotAllowed: they may not.
    """
    if actor is not None and not may_see_off(actor, row):
        raise NotAllowed(
            "离职转办由系统管理员或者所在部门负责人办理，不得为本人办理。",
            f"Expected an administrator or the head of {row.username}, and not themselves.",
        )


def _must_be_known(uow: UnitOfWork, row: Row[Any], usernames: set[str]) -> None:
    """Refuse successors who are not there: everything would go back to the department for a slip of the pen."""
    found = select(user.c.username).where(
        user.c.username.in_(usernames),
        user.c.active,
        user.c.key != row.key,
        user.c.organisation_key == row.organisation_key,
    )
    if missing := usernames - set(uow.conn.execute(found).scalars()):
        raise InvalidInput(
            f"承接人应为同一部门的在职人员，“{min(missing)}”不是。",
            f"Expected active colleagues of the same department, found {min(missing)}.",
            code="successor",
        )


def _leaving(uow: UnitOfWork, key: int) -> Row[Any]:
    row = uow.conn.execute(select(leaving).where(leaving.c.key == key)).first()
    if row is None:
        raise NotFound("没有该离职转办。", f"Expected a leaving {key}, found none.")
    uow.expect(row.user_key)
    if row.state != "running":
        raise WrongState("该离职转办已经结束。", f"Expected leaving {key} to be running.")
    return row
