"""Rules of substitution (委托代理): entered, revoked, over. No clock stops for them (R-T15)."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, select

from engine import events as e
from engine.chinese_dates import zh
from engine.commands import AuthoriseDeputy, ExpireDeputy, RevokeDeputy
from engine.errors import Conflict, InvalidInput, NotAllowed, NotFound, WrongState
from engine.handlers.mandates import given_back
from engine.handlers.verbs.signers import undo_handing_in
from engine.people import CASE_ROLES, ROLES, Actor
from engine.periods import BEIJING, beijing_day
from engine.storage.tables import (
    catalogue_entry,
    deputy,
    organisation,
    process_definition,
    user,
    user_role,
    user_task,
)
from engine.uow import UnitOfWork

MAX_REASON = 500
_d = deputy.c


def authorise_deputy(cmd: AuthoriseDeputy, uow: UnitOfWork) -> dict[str, Any]:
    """Let a colleague act in somebody's role from day to day."""
    principal, substitute = _person(uow, cmd.principal), _person(uow, cmd.deputy)
    org = int(principal.organisation_key)
    must_manage(cmd.actor, principal)
    _check_people(uow, cmd, principal, substitute)
    first, last = _period(cmd, uow)
    resource, other = _condition(cmd, uow, org)
    processes = _processes(cmd, uow)
    _check_papers(cmd)
    # The rules of a department are entered one after another: two at once could overlap or make a circle.
    uow.guarded(f"substitutions:{org}")
    rules = _rules_between(uow, org, first, last)
    _must_make_no_chain(rules, principal, substitute)
    _must_not_overlap(rules, cmd.role, principal, processes, resource, other)
    key = uow.next_key()
    uow.set_guard(f"substitutions:{org}", str(key))
    uow.record(
        principal.key,
        e.DeputyAuthorised(
            key,
            org,
            principal.key,
            substitute.key,
            cmd.role,
            first.isoformat(),
            last.isoformat(),
            cmd.doc_no.strip(),
            cmd.reason.strip(),
            list(processes),
            resource,
            other,
        ),
    )
    text = (
        f"{principal.name}委托您自{zh(first)}至{zh(last)}代理{ROLES[cmd.role]}，"
        "您可以在“委托代理”页面查看代办的任务。"
    )
    _tell(uow, principal.key, substitute.key, text)
    return {"deputy_key": str(key)}


def revoke_deputy(cmd: RevokeDeputy, uow: UnitOfWork) -> dict[str, Any]:
    """End a rule at once; what was taken under it goes back."""
    rule = _rule(uow, cmd.deputy_key)
    must_manage(cmd.actor, uow.conn.execute(select(user).where(user.c.key == rule.principal_key)).one())
    _must_be_alive(rule)
    return {"returned": end_rule(uow, rule, "revoked", cmd.reason.strip()[:MAX_REASON])}


def expire_deputy(cmd: ExpireDeputy, uow: UnitOfWork) -> dict[str, Any]:
    """End a rule whose last day is over, as of the midnight after it."""
    rule = _rule(uow, cmd.deputy_key)
    if rule.ended_at is not None or rule.valid_until >= beijing_day(uow.now):
        return {"returned": 0}
    uow.at = datetime.combine(rule.valid_until + timedelta(days=1), time(), BEIJING)
    return {"returned": end_rule(uow, rule, "expired")}


def end_rule(uow: UnitOfWork, rule: Row[Any], end: str, reason: str = "") -> int:
    """End a rule and give back what is open under it; return how many tasks."""
    uow.record(rule.principal_key, e.DeputyEnded(rule.key, rule.principal_key, rule.deputy_key, end, reason))
    name = uow.conn.execute(select(user.c.name).where(user.c.key == rule.deputy_key)).scalar_one()
    taken = select(user_task).where(user_task.c.deputy_key == rule.key, user_task.c.state == "open")
    tasks = uow.conn.execute(taken.order_by(user_task.c.key)).all()
    for task in tasks:
        undo_handing_in(uow, task, f"{name}的委托代理已终止，其提交尚待签署")
        uow.record(task.instance_key, given_back(uow.conn, task, end, name))
    ends = {"expired": "期满终止", "revoked": "已经撤销", "left": "因人员离职终止"}
    returned = f"，代办的{len(tasks)}项任务已退回" if tasks else ""
    principal = uow.conn.execute(select(user.c.name).where(user.c.key == rule.principal_key)).scalar_one()
    text = f"{principal}对{name}的委托代理（{ROLES[rule.role]}）{ends[end]}{returned}。"
    _tell(uow, rule.principal_key, rule.deputy_key, text)
    if tasks:
        _tell(uow, rule.principal_key, rule.principal_key, text)
    return len(tasks)


def _tell(uow: UnitOfWork, stream: int, to: int, text: str) -> None:
    uow.record(stream, e.NoticeSent([uow.next_key()], [to], [], text))


def may_manage(actor: Actor, principal: Row[Any]) -> bool:
    """Say whether somebody may enter and revoke rules for a person: themselves, their head, an administrator."""
    return (
        actor.user_key == principal.key
        or actor.holds_in_person("head", principal.organisation_key)
        or actor.holds("admin")
    )


def must_manage(actor: Actor | None, principal: Row[Any]) -> None:
    """Refuse whoever may not enter rules for a person; the platform may.

    Raises:
        NotAllowed: they may not.
    """
    if actor is not None and not may_manage(actor, principal):
        raise NotAllowed(
            f"委托代理由{principal.name}本人、其部门负责人或者系统管理员办理。",
            f"Expected {principal.username}, their head or an administrator, found {actor.username}.",
        )


def _person(uow: UnitOfWork, username: str) -> Row[Any]:
    row = uow.conn.execute(select(user).where(user.c.username == username, user.c.active)).first()
    if row is None:
        raise NotFound(f"没有用户“{username}”。", f"Expected an active user {username}, found none.")
    uow.expect(row.key)
    return row


def _check_people(uow: UnitOfWork, cmd: AuthoriseDeputy, principal: Row[Any], substitute: Row[Any]) -> None:
    held = {
        key: {
            r.role
            for r in uow.conn.execute(
                select(user_role.c.role).where(
                    user_role.c.user_key == key,
                    user_role.c.organisation_key == principal.organisation_key,
                    user_role.c.role.in_(CASE_ROLES),
                )
            )
        }
        for key in (principal.key, substitute.key)
    }
    if cmd.role not in held[principal.key]:
        raise InvalidInput(
            f"{principal.name}没有“{ROLES.get(cmd.role, cmd.role)}”角色，不能委托。",
            f"Expected a role that {principal.username} holds for cases, found {cmd.role}.",
            code="role",
        )
    if principal.key == substitute.key:
        raise InvalidInput("受托人应为另一人。", "Expected somebody else as the substitute.", code="self")
    if not held[substitute.key]:
        raise InvalidInput(
            f"受托人应为本部门办理事项的人员，{substitute.name}不是。",
            f"Expected a colleague of the same department who does tasks, found {substitute.username}.",
            code="colleague",
        )


def _period(cmd: AuthoriseDeputy, uow: UnitOfWork) -> tuple[date, date]:
    try:
        first, last = date.fromisoformat(cmd.valid_from), date.fromisoformat(cmd.valid_until)
    except ValueError:
        raise InvalidInput(
            "请填写委托的起止日期。", "Expected ISO dates for the first and the last day.", code="period"
        ) from None
    if last < first:
        raise InvalidInput(
            "委托的截止日期不得早于起始日期。",
            f"Expected a last day not before {first}, found {last}.",
            code="period",
        )
    if cmd.actor is not None and first < beijing_day(uow.now):
        raise InvalidInput(
            "委托不溯及既往，起始日期不得早于今日。",
            f"Expected a first day not before today, found {first}.",
            code="period",
        )
    return first, last


def _condition(cmd: AuthoriseDeputy, uow: UnitOfWork, org: int) -> tuple[int | None, int | None]:
    resource = other = None
    if code := cmd.resource_code.strip():
        found = select(catalogue_entry.c.key).where(catalogue_entry.c.code == code)
        resource = uow.conn.execute(found).scalar()
        if resource is None:
            raise InvalidInput(
                f"目录中没有资源“{code}”。", f"Expected a catalogue entry, found {code!r}.", code="resource"
            )
    if code := cmd.other_code.strip():
        other = uow.conn.execute(select(organisation.c.key).where(organisation.c.code == code)).scalar()
        if other is None or other == org:
            raise InvalidInput(
                "请选择另一个部门作为对方部门。",
                f"Expected another department, found {code!r}.",
                code="department",
            )
    return (int(resource) if resource else None), (int(other) if other else None)


def _processes(cmd: AuthoriseDeputy, uow: UnitOfWork) -> tuple[str, ...]:
    named = tuple(sorted(set(cmd.processes)))
    table = process_definition.c
    known = set(uow.conn.execute(select(table.process_id).where(table.process_id.in_(named))).scalars())
    if unknown := [name for name in named if name not in known]:
        raise InvalidInput(
            f"没有流程“{unknown[0]}”。", f"Expected a process, found {unknown[0]}.", code="process"
        )
    return named


def _check_papers(cmd: AuthoriseDeputy) -> None:
    if cmd.role == "head" and not 2 <= len(cmd.doc_no.strip()) <= 100:
        raise InvalidInput(
            "委托审签应有书面依据，请填写文号（2至100个字）。",
            "Expected the number of the document by which a head has somebody else sign.",
            code="doc_no",
        )
    if len(cmd.doc_no) > 100 or len(cmd.reason) > MAX_REASON:
        raise InvalidInput(
            f"文号不得超过100个字，事由不得超过{MAX_REASON}个字。",
            f"Expected at most 100 and {MAX_REASON} characters.",
            code="doc_no",
        )


def _rules_between(uow: UnitOfWork, org: int, first: date, last: date) -> list[Row[Any]]:
    found = uow.conn.execute(
        select(deputy).where(
            _d.organisation_key == org,
            _d.ended_at.is_(None),
            _d.valid_from <= last,
            _d.valid_until >= first,
        )
    )
    return list(found)


def _must_make_no_chain(rules: list[Row[Any]], principal: Row[Any], substitute: Row[Any]) -> None:
    for rule in rules:
        if rule.principal_key == substitute.key:
            circle = rule.deputy_key == principal.key
            raise Conflict(
                f"{substitute.name}在此期间已委托他人代理，不能再受托。",
                f"{substitute.username} has a substitute in that period and cannot be one.",
                code="circle" if circle else "chain",
            )
        if rule.deputy_key == principal.key:
            raise Conflict(
                f"{principal.name}在此期间受托代理他人，不能再委托他人。",
                f"{principal.username} is a substitute in that period and cannot have one.",
                code="chain",
            )


def _must_not_overlap(
    rules: list[Row[Any]],
    role: str,
    principal: Row[Any],
    processes: tuple[str, ...],
    resource: int | None,
    other: int | None,
) -> None:
    for rule in rules:
        same = rule.principal_key == principal.key and rule.role == role
        apart = (
            (processes and rule.processes and not set(processes) & set(rule.processes))
            or (resource and rule.resource_key and resource != rule.resource_key)
            or (other and rule.other_key and other != rule.other_key)
        )
        if same and not apart:
            raise Conflict(
                f"{principal.name}的同一角色在此期间已有委托（{rule.valid_from}至{rule.valid_until}），请先撤销或者错开日期。",
                "Expected a period in which nobody stands in for the same role and procedure, "
                f"found a rule from {rule.valid_from} to {rule.valid_until}.",
                code="overlap",
            )


def _rule(uow: UnitOfWork, key: int) -> Row[Any]:
    rule = uow.conn.execute(select(deputy).where(_d.key == key)).first()
    if rule is None:
        raise NotFound("没有该委托。", f"Expected a rule of substitution {key}, found none.")
    uow.expect(rule.principal_key)
    return rule


def _must_be_alive(rule: Row[Any]) -> None:
    if rule.ended_at is not None:
        raise WrongState("该委托已经终止。", f"Expected a rule in force, found {rule.key} ended.")
