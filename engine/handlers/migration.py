"""Moving a running case to another version: proposed with a preview, consented to by both parties (R-V1)."""

from typing import Any

from sqlalchemy import Row, select

from engine import events as e
from engine.commands import (
    Command,
    ConsentToMigration,
    ObjectToMigration,
    ProposeMigration,
    WithdrawMigration,
)
from engine.definitions import Definition, in_force, load_definition
from engine.errors import InvalidInput, NotAllowed, NotFound, Refused, WrongState
from engine.handlers.administration import must_be_admin
from engine.handlers.case import Case, load_case
from engine.handlers.migration_steps import Migration
from engine.handlers.notices import tell, tell_person
from engine.handlers.parties import organisation_named
from engine.handlers.version_states import reason_of
from engine.migration_preview import changes
from engine.people import Actor
from engine.periods import beijing_day
from engine.storage.tables import migration, migration_consent, process_definition, process_instance
from engine.uow import UnitOfWork

MAX_NAMES = 200


def propose_migration(cmd: ProposeMigration, uow: UnitOfWork) -> dict[str, Any]:
    """Keep what the migration would do, and ask the heads of the parties.

    Raises:
        NotAllowed: by anybody but an administrator.
        WrongState: the case is over, is under that version, or has an open proposal; the version takes no cases.
        MigrationObstructed: the case has no place in the target as it stands.
    """
    must_be_admin(cmd)
    reason = reason_of(cmd.reason)
    case = load_case(uow, cmd.instance_key)
    if case.ended:
        raise WrongState("事项已经办结，不能迁移。", "Expected a running case, found it ended.")
    target = _target(case, cmd.definition_key)
    if _open(uow, case.key) is not None:
        raise WrongState(
            "本事项已有一项迁移提议等待答复，请先撤回。",
            "Expected no open proposal, found one for this case.",
        )
    names = _names(cmd.names)
    asked = _parties(case)
    if not asked:
        raise WrongState("本事项的当事部门尚未确定，不能迁移。", "Expected a case with a party, found none.")
    key = uow.next_key()
    preview = _rehearsed(uow, case.key, target, names, key)
    before = case.definition.version
    case.record(e.MigrationProposed(key, target.key, before, target.version, reason, asked, names, preview))
    _tell_asked(
        case,
        asked,
        f"系统管理员提议{case.business_id}《{{title}}》由流程第{before}版迁移至第{target.version}版，"
        f"理由：{reason}。请负责人查看对照后表示同意或者不同意。",
    )
    return {"migration_key": str(key), "state": "open"}


def consent_to_migration(cmd: ConsentToMigration, uow: UnitOfWork) -> dict[str, Any]:
    """Agree; the last consent carries the migration out exactly as previewed, or the proposal lapses."""
    case, row, target = _asked(cmd, uow)
    actor = _head(cmd, case, uow)
    if row.proposed_by == actor.user_key:
        raise NotAllowed(
            "迁移由您提议，不得由您代表当事部门表示同意，请由部门其他负责人答复。",
            "Expected somebody else than the proposer to consent.",
            logged="migration",
        )
    if reasons := _untrue(uow, case, row, target):
        return _lapse(case, row, reasons)
    waiting = _waiting(uow, row.key)
    mine = [org for org in waiting if actor.holds("head", org)]
    if not mine:
        raise WrongState("贵部门已经答复。", "Expected a department that has not answered, found it had.")
    for org in mine:
        case.record(e.MigrationConsented(row.key, org, actor.deputy_of.get((org, "head"))))
    if set(waiting) - set(mine):
        return {"migration_key": str(row.key), "state": "open"}
    Migration(case, target, dict(row.names), row.key).run()
    text = _result_text(case, row)
    _tell_asked(case, _parties(case), text, handlers=True)
    tell_person(case, row.proposed_by, text)
    return {"migration_key": str(row.key), "state": "done"}


def object_to_migration(cmd: ObjectToMigration, uow: UnitOfWork) -> dict[str, Any]:
    """Disagree; the case stays under its version."""
    case, row, _ = _asked(cmd, uow)
    actor = _head(cmd, case, uow)
    reason = reason_of(cmd.reason)
    org = next(org for org in _parties(case) if actor.holds("head", org))
    case.record(e.MigrationObjected(row.key, org, reason, actor.deputy_of.get((org, "head"))))
    name = organisation_named(uow.conn, org, beijing_day(uow.now))
    text = f"{name}不同意{case.business_id}迁移至流程第{row.to_version}版，事项继续适用第{row.from_version}版。理由：{reason}"
    _tell_asked(case, _parties(case), text)
    tell_person(case, row.proposed_by, text)
    return {"migration_key": str(row.key), "state": "objected"}


def withdraw_migration(cmd: WithdrawMigration, uow: UnitOfWork) -> dict[str, Any]:
    """Take a proposal back, as the proposer or as another administrator when they are away."""
    must_be_admin(cmd)
    case, row, _ = _asked(cmd, uow)
    reason = reason_of(cmd.reason)
    case.record(e.MigrationWithdrawn(row.key, reason))
    text = f"{case.business_id}迁移至流程第{row.to_version}版的提议已经撤回，事项继续适用第{row.from_version}版。"
    _tell_asked(case, _parties(case), text)
    return {"migration_key": str(row.key), "state": "withdrawn"}


def _target(case: Case, key: int) -> Definition:
    uow, today = case.uow, beijing_day(case.uow.now)
    uow.expect(key)
    found = process_definition.c
    row = uow.conn.execute(
        select(process_definition).where(found.key == key, found.process_id == case.process.id)
    ).first()
    if row is None:
        raise NotFound(
            "本事项的流程没有该版本。", f"Expected a version of {case.process.id}, found {key} is none."
        )
    if key == case.definition.key:
        raise WrongState(
            f"本事项已经适用第{row.version}版。", f"Expected another version than {row.version}."
        )
    usable = uow.conn.execute(select(found.key).where(found.key == key, in_force(today))).first()
    if row.state != "active" or usable is None:
        raise WrongState(
            f"第{row.version}版未施行、已停用或者已废止，不能迁移至该版本。",
            f"Expected a version in force, found version {row.version} is not.",
        )
    return load_definition(uow.conn, key)


def _names(names: dict[str, str]) -> dict[str, str]:
    if len(names) > MAX_NAMES or not all(
        isinstance(x, str) and 0 < len(x) <= 100 for pair in names.items() for x in pair
    ):
        raise InvalidInput(
            f"对应关系应为至多{MAX_NAMES}对元素编号。", f"Expected at most {MAX_NAMES} pairs of element ids."
        )
    return {one: other for one, other in names.items() if one != other}


def _parties(case: Case) -> list[int]:
    """Return the departments whose heads must consent: before receipt there is no case for the provider."""
    row = case.uow.conn.execute(
        select(process_instance.c.received_at).where(process_instance.c.key == case.key)
    ).one()
    both = row.received_at is not None or not case.process.binds_at_receipt
    variables = ("using_dept", "providing_dept") if both else ("using_dept",)
    return list(dict.fromkeys(org for name in variables if (org := case.org_of(name)) is not None))


def _rehearsed(
    uow: UnitOfWork, instance_key: int, target: Definition, names: dict[str, str], key: int
) -> dict[str, Any]:
    """Return what the migration does to a copy of the case that is thrown away."""
    copy = UnitOfWork(uow.conn, uow.now, uow.calendars, uow.next_key, uow.author, uow.algorithm)
    preview = Migration(load_case(copy, instance_key), target, names, key).run()
    uow.expect_calendar()
    return preview


def _asked(cmd: Any, uow: UnitOfWork) -> tuple[Case, Row[Any], Definition]:
    row = uow.conn.execute(
        select(migration).where(
            migration.c.key == cmd.migration_key, migration.c.instance_key == cmd.instance_key
        )
    ).first()
    if row is None:
        raise NotFound("没有该迁移提议。", f"Expected a proposal {cmd.migration_key}, found none.")
    case = load_case(uow, cmd.instance_key)
    _must_know(cmd, case, uow)
    if row.state != "open":
        raise WrongState(
            f"该迁移提议{_ENDED[row.state]}，您的操作没有生效。",
            f"Expected an open proposal, found it {row.state}.",
            state=row.state,
        )
    return case, row, load_definition(uow.conn, row.definition_key)


_ENDED = {
    "done": "已经执行",
    "objected": "因当事部门不同意而终止",
    "withdrawn": "已经撤回",
    "lapsed": "已经失效",
}


def _must_know(cmd: Command, case: Case, uow: UnitOfWork) -> None:
    """Refuse whoever may not know of the case: guessing numbers tells nothing."""
    actor = cmd.actor
    if actor is None or actor.holds("admin"):
        return
    if not actor.acting_orgs & set(_parties(case)):
        raise NotFound(
            "没有该迁移提议。",
            "Expected a proposal that the actor may know of, found none.",
            logged="migration",
        )


def _head(cmd: Command, case: Case, uow: UnitOfWork) -> Actor:
    actor = cmd.actor
    if actor is None or not any(actor.holds("head", org) for org in _parties(case)):
        raise NotAllowed(
            "迁移应由当事部门的负责人表示同意或者不同意。",
            "Expected the head of a party of the case.",
            logged="migration",
        )
    return actor


def _open(uow: UnitOfWork, instance_key: int) -> Row[Any] | None:
    return uow.conn.execute(
        select(migration).where(migration.c.instance_key == instance_key, migration.c.state == "open")
    ).first()


def _waiting(uow: UnitOfWork, key: int) -> list[int]:
    asked = migration_consent.c
    return list(
        uow.conn.execute(
            select(asked.organisation_key)
            .where(asked.migration_key == key, asked.consents.is_(None))
            .order_by(asked.organisation_key)
        ).scalars()
    )


def _untrue(uow: UnitOfWork, case: Case, row: Row[Any], target: Definition) -> list[str]:
    """Return where the preview is no longer true, empty while it is."""
    everybody = set(
        uow.conn.execute(
            select(migration_consent.c.organisation_key).where(migration_consent.c.migration_key == row.key)
        ).scalars()
    )
    if everybody != set(_parties(case)):
        return ["当事部门已经变更"]
    try:
        _target(case, row.definition_key)
        now = _rehearsed(uow, case.key, target, dict(row.names), row.key)
    except Refused as refusal:
        return [refusal.zh.rstrip("。")]
    return changes(row.preview, now)


def _lapse(case: Case, row: Row[Any], reasons: list[str]) -> dict[str, Any]:
    case.record(e.MigrationLapsed(row.key, reasons))
    text = (
        f"{case.business_id}迁移至流程第{row.to_version}版的提议已经失效：{'；'.join(reasons)}。"
        f"事项继续适用第{row.from_version}版，需要迁移的请重新提议。"
    )
    _tell_asked(case, _parties(case), text)
    tell_person(case, row.proposed_by, text)
    return {"migration_key": str(row.key), "state": "lapsed", "reasons": reasons}


def _result_text(case: Case, row: Row[Any]) -> str:
    moved = [
        f"{line['after_name']}届满日由{_zh(line['before_due_on'])}改为{_zh(line['after_due_on'])}"
        for line in row.preview["limits"]
        if line["what"] == "counted" and line["moves"]
    ]
    limits = "；".join(moved) or "各项期限的届满日不变"
    return f"经当事部门同意，{case.business_id}《{{title}}》由流程第{row.from_version}版迁移至第{row.to_version}版：{limits}。"


def _zh(text: str) -> str:
    year, month, day = text.split("-")
    return f"{year}年{int(month)}月{int(day)}日"


def _tell_asked(case: Case, asked: list[int], text: str, handlers: bool = False) -> None:
    roles = ("head", "handler") if handlers else ("head",)
    sides = [
        s for s, name in (("use", "using_dept"), ("prov", "providing_dept")) if case.org_of(name) in asked
    ]
    tell(case, [f"{side}.{role}" for side in sides for role in roles], text)
