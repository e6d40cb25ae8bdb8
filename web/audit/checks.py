"""Checks and their findings: the list, a finding with its own history, what an auditor says of it."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine import commands as c
from engine.errors import Refused
from engine.people import ROLES, Actor
from engine.queries import findings as queries
from engine.trace.kinds import BY_CODE
from engine.trace.reads import WHATS
from web.audit.base import auditing, bp, page
from web.audit.search import query_of
from web.engine import command_id, engine
from web.errors import status_of
from web.language import said
from web.sheets import csv_file, moment

_ACTS: dict[str, Callable[[Actor, int, str, str], c.Command]] = {
    "explain": lambda actor, key, text, id: c.ExplainFinding(actor=actor, finding_key=key, text=text, id=id),
    "close": lambda actor, key, text, id: c.CloseFinding(actor=actor, finding_key=key, reason=text, id=id),
    "reopen": lambda actor, key, text, id: c.ReopenFinding(actor=actor, finding_key=key, reason=text, id=id),
}


@bp.get("/checks")
def list_checks() -> ResponseReturnValue:
    """List the checks and what they found."""
    return _page(auditing())


@bp.get("/checks.csv")
def export_findings() -> ResponseReturnValue:
    """Return the findings as a CSV file."""
    state, check = _chosen()
    found = engine().queries.search(queries.every, auditing(), state, check)
    head = ("检查", "状态", "所属日期", "人员", "内容", "时刻", "编号", "标题", "记录序号", "发现时刻")
    rows = (
        (
            said(x.check_name),
            said(queries.STATE_NAMES[x.state]),
            x.day.isoformat(),
            said(x.person),
            said(x.text),
            moment(x.at),
            x.business_id,
            x.title,
            x.seq or "",
            moment(x.raised_at),
        )
        for x in found
    )
    return csv_file(_("疑点") + ".csv", head, rows)


@bp.get("/findings/<int:key>")
def finding(key: int) -> ResponseReturnValue:
    """Show a finding."""
    return _finding(auditing(), key)


@bp.post("/findings/<int:key>/<any(explain, close, reopen):act>")
def settle_finding(key: int, act: str) -> ResponseReturnValue:
    """Explain, close or reopen a finding."""
    actor = auditing()
    text = request.form.get("text", "")
    try:
        engine().handle(_ACTS[act](actor, key, text, command_id() or uuid4().hex))
    except Refused as refusal:
        return _finding(actor, key, said(refusal), text), status_of(refusal)
    return redirect(url_for("audit.finding", key=key))


@bp.post("/checks/<int:key>/retirement")
def retire_check(key: int) -> ResponseReturnValue:
    """Let a saved check run no more."""
    actor = auditing()
    command = c.RetireCheck(
        actor=actor, check_key=key, reason=request.form.get("reason", ""), id=command_id() or uuid4().hex
    )
    try:
        engine().handle(command)
    except Refused as refusal:
        return _page(actor, said(refusal)), status_of(refusal)
    return redirect(url_for("audit.list_checks"))


def _chosen() -> tuple[str, str]:
    state, check = request.args.get("state", ""), request.args.get("check", "")[:40]
    return (state if state in queries.STATE_NAMES else ""), check


def _page(actor: Actor, error: str = "") -> str:
    state, check = _chosen()
    number = request.args.get("page", 1, type=int)
    found = engine().queries.search(queries.findings, actor, state, check, number)
    return page(
        "checks",
        "checks",
        found=found,
        checks=engine().queries.search(queries.checks, actor),
        night=engine().queries.search(queries.last_night, actor),
        state=state,
        check=check,
        states=queries.STATE_NAMES,
        asks=asks,
        query_of=query_of,
        error=error,
        id=uuid4().hex,
    )


def _finding(actor: Actor, key: int, error: str = "", text: str = "") -> str:
    line, steps = engine().queries.search(queries.one, actor, key)
    return page(
        "finding",
        "checks",
        finding=line,
        steps=steps,
        states=queries.STATE_NAMES,
        error=error,
        text=text,
        id=uuid4().hex,
    )


def asks(found: Any) -> list[str]:
    """Return the criteria of a check in words."""
    names = {
        "person": _("人员"), "department": _("部门"), "text": _("事项"), "process": _("流程"), "element": _("环节"),
    }  # fmt: skip
    flags = {
        "on_behalf": _("代他人办理"),
        "off_hours": _("非工作时间"),
        "after_period": _("逾期"),
        "sensitive": _("敏感记录"),
    }
    said_of = [f"{name}{_('：')}{getattr(found, key)}" for key, name in names.items() if getattr(found, key)]
    said_of += [name for key, name in flags.items() if getattr(found, key)]
    if found.role:
        said_of.append(said(ROLES[found.role]))
    if found.by:
        said_of.append(_("人员所为") if found.by == "people" else _("平台所为"))
    if found.late_minutes:
        said_of.append(_("迟登%(n)s分钟以上", n=found.late_minutes))
    known = WHATS if found.source == "access" else {code: kind.name for code, kind in BY_CODE.items()}
    if found.kinds:
        said_of.append(_("、").join(said(known[code]) for code in found.kinds))
    return said_of
