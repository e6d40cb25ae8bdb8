"""Organisations, people, catalogue, definitions: each its own stream of events."""

import re
from datetime import date
from typing import Any

from sqlalchemy import select

from engine import events as e
from engine.accounts import hash_password
from engine.chinese_dates import zh
from engine.commands import (
    Command,
    PublishEntry,
    RegisterArea,
    RegisterOrganisation,
    RegisterUser,
    RenameOrganisation,
    WithdrawEntry,
)
from engine.errors import InvalidInput, NotFound, WrongState
from engine.handlers.notice_settings import EMAIL
from engine.handlers.parties import organisation_named, present_department
from engine.people import ROLES
from engine.periods import beijing_day
from engine.storage.tables import (
    catalogue_entry,
    contact,
    credential,
    organisation,
    organisation_name,
)
from engine.uow import UnitOfWork

AREA_STREAM = 1
_MARK = re.compile(r"[\u4e00-\u9fff]{1,10}")
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")


def register_area(cmd: RegisterArea, uow: UnitOfWork) -> dict[str, Any]:
    """Enter an administrative area."""
    must_be_admin(cmd)
    _unique(uow, f"area:{cmd.name}", f"行政区域“{cmd.name}”已登记。")
    uow.record(AREA_STREAM, e.AreaRegistered(cmd.name, cmd.level, cmd.parent))
    return {}


def register_organisation(cmd: RegisterOrganisation, uow: UnitOfWork) -> dict[str, Any]:
    """Enter a department under its unified social credit code."""
    must_be_admin(cmd)
    if not _CREDIT_CODE.fullmatch(cmd.code):
        raise InvalidInput(
            f"统一社会信用代码应为18位，实为“{cmd.code}”。",
            f"Expected an 18 character credit code, found {cmd.code!r}.",
        )
    _unique(uow, f"organisation:{cmd.code}", f"统一社会信用代码 {cmd.code} 已登记。")
    if cmd.mark:
        if not _MARK.fullmatch(cmd.mark):
            raise InvalidInput(
                f"机关代字应为1至10个汉字，实为“{cmd.mark}”。",
                f"Expected a mark of 1 to 10 Chinese characters, found {cmd.mark!r}.",
            )
        _unique(uow, f"mark:{cmd.mark}", f"机关代字“{cmd.mark}”已被其他部门使用。")
    key = uow.next_key()
    uow.record(
        key,
        e.OrganisationRegistered(
            key, cmd.code, cmd.kind, cmd.level, cmd.area, cmd.managing, cmd.name, cmd.valid_from, cmd.mark
        ),
    )
    return {"organisation_key": str(key)}


def rename_organisation(cmd: RenameOrganisation, uow: UnitOfWork) -> dict[str, Any]:
    """Give a department another name from a day on; its cases and tasks stay its own.

    Raises:
        WrongState: it has a name from that very day on already.
    """
    must_be_admin(cmd)
    key = organisation_key(uow, cmd.code)
    since = date.fromisoformat(cmd.valid_from)
    named = select(organisation_name.c.name).where(
        organisation_name.c.organisation_key == key, organisation_name.c.valid_from == since
    )
    if (name := uow.conn.execute(named).scalar()) is not None:
        raise WrongState(
            f"该部门自{zh(since)}起已使用名称“{name}”，请改用其他日期。",
            f"Expected a day without a change of name, found {name} from {cmd.valid_from} on.",
        )
    uow.record(key, e.OrganisationRenamed(key, cmd.name, cmd.valid_from, cmd.doc_no))
    return {}


def register_user(cmd: RegisterUser, uow: UnitOfWork) -> dict[str, Any]:
    """Enter a person; the password goes to the credential table only, as Argon2."""
    must_be_admin(cmd)
    if unknown := [role for role in cmd.roles if role not in ROLES]:
        raise InvalidInput(
            f"没有角色“{unknown[0]}”。", f"Expected one of {', '.join(ROLES)}, found {unknown[0]}."
        )
    _unique(uow, f"user:{cmd.username}", f"用户名“{cmd.username}”已被使用。")
    org, key = organisation_key(uow, cmd.org_code), uow.next_key()
    uow.record(key, e.UserRegistered(key, cmd.username, cmd.name, org))
    for role in cmd.roles:
        uow.record(key, e.RoleGranted(key, org, role))
    row = {"user_key": key, "argon2": hash_password(cmd.password)}
    uow.writes.append(lambda conn: conn.execute(credential.insert(), row))
    if cmd.email:
        if not EMAIL.fullmatch(cmd.email):
            raise InvalidInput(
                f"“{cmd.email}”不是电子邮箱地址。", f"Expected an e-mail address, found {cmd.email!r}."
            )
        mail = {"user_key": key, "email": cmd.email}
        uow.writes.append(lambda conn: conn.execute(contact.insert(), mail))
    return {"user_key": str(key)}


def publish_entry(cmd: PublishEntry, uow: UnitOfWork) -> dict[str, Any]:
    """Put a catalogue entry, or a new version of one, in force."""
    must_be_admin(cmd)
    if cmd.sharing_type not in ("unconditional", "conditional", "not_shared"):
        raise InvalidInput(
            f"共享类型“{cmd.sharing_type}”不正确。", f"Unknown sharing type {cmd.sharing_type}."
        )
    if cmd.sharing_type != "unconditional" and not cmd.metadata.get("sharing_conditions"):
        raise InvalidInput(
            "有条件共享资源应写明共享条件，不予共享资源应写明依据（第十条）。",
            "Expected sharing_conditions for an entry that is not unconditional.",
        )
    key = uow.conn.execute(select(catalogue_entry.c.key).where(catalogue_entry.c.code == cmd.code)).scalar()
    key = int(key) if key is not None else uow.next_key()
    uow.guarded(f"entry:{cmd.code}")
    uow.record(
        key,
        e.EntryPublished(
            key,
            cmd.code,
            cmd.name,
            organisation_key(uow, cmd.provider_code),
            cmd.sharing_type,
            cmd.update_cycle,
            cmd.abstract,
            cmd.metadata,
        ),
    )
    return {"entry_key": str(key)}


def withdraw_entry(cmd: WithdrawEntry, uow: UnitOfWork) -> dict[str, Any]:
    """Take an entry out of the catalogue; it is no longer offered, but what was received is still replied to."""
    must_be_admin(cmd)
    entry = uow.conn.execute(select(catalogue_entry).where(catalogue_entry.c.code == cmd.code)).first()
    if entry is None:
        raise NotFound("目录中没有该资源。", f"Expected a catalogue entry {cmd.code}, found none.")
    uow.guarded(f"entry:{cmd.code}")
    if entry.withdrawn_on is not None:
        raise WrongState("该资源已经撤销。", f"Expected an entry in force, found {cmd.code} withdrawn.")
    if len(cmd.reason.strip()) < 5:
        raise InvalidInput("请填写撤销理由（不少于5个字）。", "Expected a reason of at least 5 characters.")
    on = beijing_day(uow.at).isoformat()
    uow.record(entry.key, e.EntryWithdrawn(entry.key, on, cmd.reason.strip(), cmd.doc_no.strip()))
    return {"entry_key": str(entry.key)}


def must_be_admin(cmd: Command) -> None:
    """Refuse unless an administrator, or the platform itself, asks."""
    if cmd.actor is not None:
        cmd.actor.must_hold("admin")


def organisation_key(uow: UnitOfWork, code: str) -> int:
    """Return the key of a department that was not abolished.

    Raises:
        NotFound: no such code.
        WrongState: another department stands in its place.
    """
    key = uow.conn.execute(select(organisation.c.key).where(organisation.c.code == code)).scalar()
    if key is None:
        raise NotFound(
            f"没有统一社会信用代码为 {code} 的部门。", f"Expected a department {code}, found none."
        )
    uow.expect(key)
    if (present := present_department(uow.conn, key)) != key:
        raise WrongState(
            f"该部门已由{organisation_named(uow.conn, present, beijing_day(uow.now))}承接，不能再作登记。",
            f"Expected a department that exists, found {code} succeeded by another.",
        )
    return int(key)


def _unique(uow: UnitOfWork, name: str, zh: str) -> None:
    if uow.guarded(name):
        raise InvalidInput(zh, f"{name} is taken.")
    uow.set_guard(name, True)
