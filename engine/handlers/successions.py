"""Departments merged or abolished (domain C.3.7): the record, then one command a case, so that each moves once."""

from datetime import date
from typing import Any

from sqlalchemy import Row, Select, select

from engine import events as e
from engine.commands import FinishSuccession, SucceedInCase, SucceedOrganisation
from engine.errors import InvalidInput, NotFound
from engine.handlers import limits
from engine.handlers.administration import must_be_admin, organisation_key
from engine.handlers.advance import advance
from engine.handlers.case import PARTY_VARIABLES, Case, load_case
from engine.handlers.governments import GOVERNMENT, superior_of
from engine.handlers.grants import alive
from engine.handlers.notices import tell
from engine.handlers.parties import organisation_named, present_department
from engine.handlers.services import hold_duplicates, release_duplicates
from engine.history.chain import parse
from engine.model import PARTIES, SIDES
from engine.periods import beijing_day
from engine.profiles import party_name, profile_of
from engine.storage.tables import (
    catalogue_entry,
    event,
    grant,
    organisation,
    succession_progress,
    user,
    user_role,
    user_task,
)
from engine.uow import UnitOfWork

VOID_REASON = "机构合并"


def succeed_organisation(cmd: SucceedOrganisation, uow: UnitOfWork) -> dict[str, Any]:
    """Record the succession and move people and catalogue; the cases follow one by one."""
    must_be_admin(cmd)
    old, new = organisation_key(uow, cmd.code), organisation_key(uow, cmd.successor_code)
    _check(cmd, uow, old, new)
    uow.record(old, e.OrganisationSucceeded(old, new, cmd.valid_from, cmd.doc_no))
    for key in uow.conn.execute(select(user.c.key).where(user.c.organisation_key == old)).scalars():
        uow.record(key, e.UserMoved(key, new, cmd.doc_no))
    for row in uow.conn.execute(select(user_role).where(user_role.c.organisation_key == old)):
        uow.record(row.user_key, e.RoleMoved(row.user_key, old, new, row.role))
    mine = select(catalogue_entry.c.key).where(catalogue_entry.c.provider_key == old)
    for key in uow.conn.execute(mine).scalars():
        uow.record(key, e.EntryMoved(key, new, cmd.doc_no))
    for row in uow.conn.execute(select(catalogue_entry.c.key, catalogue_entry.c.metadata)):
        if (row.metadata or {}).get("lead_dept") == str(old):
            uow.record(row.key, e.EntryLeadMoved(row.key, new, cmd.doc_no))
    progress = {"organisation_key": old, "cursor": 0, "done": 0, "failed": 0}
    uow.writes.append(lambda conn: conn.execute(succession_progress.insert(), progress))
    return {"organisation_key": str(old), "successor_key": str(new)}


def succeed_in_case(cmd: SucceedInCase, uow: UnitOfWork) -> dict[str, Any]:
    """Put the successor in the place of the abolished department: parties, open tasks, grants. No clock changes."""
    case = load_case(uow, cmd.instance_key)
    row = _abolished(uow, cmd.organisation_key)
    if row is None:
        raise NotFound(
            "该部门没有承接部门。", f"Expected a department with a successor, found {cmd.organisation_key}."
        )
    _move_grants(case)
    if case.ended or not _named_as(case, row.key):
        return {"moved": False}
    held = release_duplicates(case)
    was_own_judge, texts = _judges_itself(case), []
    while row is not None:  # a successor may have been succeeded itself before its turn came
        texts.append(_succeed(case, row))
        row = _abolished(uow, row.successor_key)
    if held is not None:
        hold_duplicates(case, held)
    _move_tasks(case)
    _hide_reporter(case)
    using, providing, _ = case.sides()
    doc_no, called = _doc_no(uow, cmd.organisation_key), profile_of(case.process).parties
    if using is not None and using == providing:
        _void(case, doc_no, f"的{called['use']}与{called['prov']}成为同一部门，事项撤销。")
    elif _judges_itself(case) and not was_own_judge and not _give_up(case):
        _void(
            case,
            doc_no,
            f"的{called['mgr']}成为被监督的部门，又无上级{called['mgr']}，事项撤销，由{called['gov']}依职权处理。",
        )
    else:
        text = f"{'；'.join(texts)}，{{business_id}}《{{title}}》由其继续办理，各项期限不变。"
        tell(case, _lanes_that_know(case), text)
    return {"moved": True}


def _named_as(case: Case, org: int) -> list[str]:
    """Return the variables that name a department, the parties and others of that type."""
    orgs = [name for name, kind in case.process.variables.items() if kind == "org"]
    names = dict.fromkeys([*PARTY_VARIABLES, *orgs])
    return [name for name in names if case.variables.get(name) == str(org)]


def _lists_with(case: Case, old: str, new: str) -> dict[str, list[Any]]:
    """Return the lists that name a department, such as who still has to countersign, with its successor instead."""
    kept = {n: v for n, v in case.variables.items() if case.process.variables.get(n) == "list"}
    found = {n: v for n, v in kept.items() if isinstance(v, list) and old in v}
    return {n: list(dict.fromkeys(new if item == old else item for item in v)) for n, v in found.items()}


def _lanes_that_know(case: Case) -> list[str]:
    """Return the roles of the parties; before its delivery a case is known to those who began it alone."""
    delivered = not case.process.binds_at_receipt or bool(case.variables.get("received_at"))
    known = [p for p in case.process.parties if delivered or PARTIES[p] in SIDES["using"]]
    roles = {"mgr": ("handler",), "gov": ("office",)}
    return [f"{party}.{role}" for party in known for role in roles.get(party, ("handler", "head"))]


def _judges_itself(case: Case) -> bool:
    """Say whether the managing department is the one that the case is held against, or a party to its dispute.

    Source: R20-15, 809 Art. 28.
    """
    managing = case.org_of("managing_dept")
    held_against = (*case.process.withheld, "target_dept", "respondent_dept", "applicant_dept")
    return managing is not None and managing in [case.org_of(name) for name in held_against]


def _give_up(case: Case) -> bool:
    """Hand a case that its managing department may not decide to the one above; False if there is none."""
    conn, before = case.uow.conn, case.org_of("managing_dept")
    above = superior_of(conn, before) if before is not None else None
    if before is None or above is None:
        return False
    case.set(managing_dept=str(above))
    for task in conn.execute(_open_tasks(case)).all():
        if present_department(conn, task.organisation_key) == before and task.lane.startswith("mgr."):
            case.record(e.UserTaskMoved(task.key, task.name, above))
    tell(
        case,
        ["mgr.handler"],
        f"{{business_id}}《{{title}}》的原{party_name(profile_of(case.process), 'mgr')}已成为当事部门，"
        "事项由你单位继续办理，各项期限不变。",
    )
    return True


def _hide_reporter(case: Case) -> None:
    """Let go of who reported where that has become the department concerned: it would read who did."""
    concerned = {case.org_of(name) for name in case.process.withheld} - {None}
    for name in SIDES["using"]:
        if case.org_of(name) in concerned:
            case.set(**{name: None})


def _abolished(uow: UnitOfWork, key: int) -> Row[Any] | None:
    return uow.conn.execute(
        select(organisation).where(organisation.c.key == key, organisation.c.successor_key.is_not(None))
    ).first()


def _succeed(case: Case, row: Row[Any]) -> str:
    """Name the successor in the case and return the fact in words."""
    uow, old, new = case.uow, int(row.key), int(row.successor_key)
    doc_no = _doc_no(uow, old)
    parties = _named_as(case, old)
    before = organisation_named(uow.conn, old, row.abolished_on)
    after = organisation_named(uow.conn, new, beijing_day(uow.now))
    case.record(e.PartySucceeded(parties, old, new, before, after, row.abolished_on.isoformat(), doc_no))
    _put(case, {name: str(new) for name in parties})
    if lists := _lists_with(case, str(old), str(new)):
        case.set(**lists)
    return f"{before}由{after}承接（{doc_no}）"


def finish_succession(cmd: FinishSuccession, uow: UnitOfWork) -> dict[str, Any]:
    """Keep that every case was looked at."""
    uow.record(cmd.organisation_key, e.SuccessionFinished(cmd.organisation_key, cmd.cases, cmd.failed))
    return {}


def _check(cmd: SucceedOrganisation, uow: UnitOfWork, old: int, new: int) -> None:
    if old == new:
        raise InvalidInput("承接部门应为另一部门。", "Expected another department as the successor.")
    if not 2 <= len(cmd.doc_no.strip()) <= 100:
        raise InvalidInput("请填写机构合并或者撤销的文号。", "Expected the number of the document.")
    try:
        valid_from = date.fromisoformat(cmd.valid_from)
    except ValueError:
        raise InvalidInput(
            "生效日应为日期，例如2026-06-15。", f"Expected an ISO date, found {cmd.valid_from!r}."
        ) from None
    if valid_from > beijing_day(uow.now):
        raise InvalidInput(
            "机构合并或者撤销尚未生效，请在生效日登记。",
            f"Expected a day that has come, found {cmd.valid_from}.",
        )
    rows = {
        row.key: row
        for row in uow.conn.execute(select(organisation).where(organisation.c.key.in_((old, new))))
    }
    if (rows[old].kind == GOVERNMENT) != (rows[new].kind == GOVERNMENT) or (
        rows[old].kind == GOVERNMENT and rows[old].area != rows[new].area
    ):
        raise InvalidInput(
            "政府办公机构应由同一行政区域的政府办公机构承接，也不承接其他部门。",
            "Expected an office of the same government to succeed a government's office, and no other.",
        )
    takes_over = rows[new].managing and rows[new].area == rows[old].area
    if rows[old].managing and not takes_over:
        raise InvalidInput(
            "管理部门应由同一行政区域的管理部门承接，否则该区域没有管理部门。",
            "Expected a managing department of the same area to succeed a managing department.",
        )


def _doc_no(uow: UnitOfWork, old: int) -> str:
    body = uow.conn.execute(
        select(event.c.body).where(event.c.stream == old, event.c.type == "OrganisationSucceeded").limit(1)
    ).scalar_one()
    succeeded = parse(body).event
    assert isinstance(succeeded, e.OrganisationSucceeded)
    return succeeded.doc_no


def _put(case: Case, parties: dict[str, str]) -> None:
    """Name the parties anew, the managing department only where it is the one that was succeeded."""
    case.variables.update(parties)
    case.record(e.VariablesSet(dict(parties)))
    for name in case.process.withheld:
        if name in parties:
            case.record(e.CaseWithheld(int(parties[name])))
    case.record(e.PartiesSet(*case.sides(), case.variables.get("title") or ""))


def _open_tasks(case: Case) -> Select[Any]:
    task = user_task.c
    return (
        select(task.key, task.name, task.organisation_key, task.lane)
        .where(task.instance_key == case.key, task.state == "open")
        .order_by(task.key)
    )


def _move_tasks(case: Case) -> None:
    conn = case.uow.conn
    for task in conn.execute(_open_tasks(case)).all():
        if (present := present_department(conn, task.organisation_key)) != task.organisation_key:
            case.record(e.UserTaskMoved(task.key, task.name, present))


def _move_grants(case: Case) -> None:
    conn, today = case.uow.conn, beijing_day(case.uow.now)
    living = select(grant).where(grant.c.instance_key == case.key, alive(today)).order_by(grant.c.key)
    for row in conn.execute(living).all():
        sides = (int(row.using_key), int(row.providing_key))
        using, providing = (present_department(conn, key) for key in sides)
        if (using, providing) != sides:
            ended_on = today.isoformat() if using == providing else None
            case.record(e.GrantMoved(row.key, using, providing, ended_on))


def _void(case: Case, doc_no: str, text: str) -> None:
    """End a case that no two departments are left for.

    Args:
        text: What has become of the departments, after the name of the case.
    """
    case.record(e.InstanceVoided(VOID_REASON, doc_no))
    tell(
        case,
        _lanes_that_know(case),
        f"因{VOID_REASON}（{doc_no}），{{business_id}}《{{title}}》{text}",
    )
    case.set(results=[*(case.variables.get("results") or []), "void"])
    limits.cancel_all(case)
    case.machine.cancel()
    advance(case)
