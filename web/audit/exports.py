"""Logs for process mining: choosing cases, the file, and who took one with the names of persons."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from typing import Any
from uuid import uuid4

from flask import Response, make_response, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from engine.commands import IssueUnmaskedExport
from engine.errors import InvalidInput
from engine.handlers.exports import LONGEST, SHORTEST, checked_reason
from engine.mining import xes
from engine.mining.masks import Masks
from engine.mining.writers import FORMATS
from engine.people import Actor
from engine.queries import mining
from web.audit.base import auditing, bp, page
from web.engine import command_id, engine
from web.language import said
from web.seals import civil

KINDS: dict[str, Any] = {
    "xes": _("XES（IEEE 1849），每次办理一条记录"),
    "xes_pairs": _("XES（IEEE 1849），开始与完成各一条记录"),
    "ocel": _("OCEL 2.0（JSON），含文书、期限、部门等对象"),
    "csv": _("CSV 表格，每行一条记录"),
}
STATES: dict[str, Any] = {"all": _("全部"), "ended": _("已办结"), "open": _("办理中")}
_HELD = 8 * 1024 * 1024
"""Bytes of a file that are kept in memory before it goes to the disk."""


@bp.get("/exports")
def exports() -> ResponseReturnValue:
    """Show what a file would hold, and who took one with names."""
    return _shown(auditing(), _choice(request.args), {"format": "xes", "masked": "yes", "reason": ""})


@bp.post("/exports")
def make_export() -> ResponseReturnValue:
    """Hand out a file; one with the names of persons is on record before it leaves."""
    actor, choice = auditing(), _choice(request.form)
    format, masked = request.form.get("format", ""), request.form.get("masked") != "no"
    if format not in FORMATS:
        raise InvalidInput(
            "请选择导出格式。", f"Expected one of {', '.join(FORMATS)}, found {format[:40]!r}."
        )
    reason = request.form.get("reason", "")[: LONGEST * 2]
    try:
        reason = reason if masked else checked_reason(reason)
    except InvalidInput as refusal:
        asked = {"format": format, "masked": "no", "reason": reason}
        return _shown(actor, choice, asked, said(refusal)), 422
    return _made(actor, choice, format, masked, reason)


@bp.get("/exports/models/<int:key>.bpmn")
def mining_model(key: int) -> ResponseReturnValue:
    """Return the BPMN of a version that its log can be replayed on."""
    file = make_response(engine().queries.search(mining.bpmn_of_version, auditing(), key))
    return _attached(file, "application/xml", f"shixian-{key}.bpmn")


@bp.get("/cases/<int:key>/xes")
def case_xes(key: int) -> ResponseReturnValue:
    """Return the XES of one case, persons masked."""
    file = make_response(engine().queries.search(mining.xes_of_case, auditing(), key))
    return _attached(file, "application/xml", f"shixian-{key}{xes.SUFFIX}")


def _made(actor: Actor, choice: mining.Choice, format: str, masked: bool, reason: str) -> Response:
    with ExitStack() as held:
        file = held.enter_context(tempfile.SpooledTemporaryFile(max_size=_HELD))
        made = engine().queries.search(mining.export, actor, choice, format, Masks(masked), file)
        if not masked:
            engine().handle(
                IssueUnmaskedExport(
                    actor=actor,
                    format=format,
                    filters=choice.as_text(),
                    reason=reason,
                    cases=made.cases,
                    sha256=made.sha256,
                    id=command_id() or uuid4().hex,
                )
            )
        file.seek(0)
        held.pop_all()  # the response closes it, when its last byte is sent or nobody waits for it any more
    kind = FORMATS[format]
    response = Response(_parts(file))
    name = f"shixian-{choice.process_id or 'all'}-{'masked' if masked else 'unmasked'}{kind.suffix}"
    response.headers["X-Content-SHA256"] = made.sha256
    return _attached(response, kind.media_type, name)


def _parts(file: Any) -> Iterator[bytes]:
    with file:
        while part := file.read(1 << 16):
            yield part


def _shown(actor: Actor, choice: mining.Choice, asked: dict[str, str], error: str = "") -> str:
    number = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    search = engine().queries.search
    issued, more = search(mining.unmasked, actor, number)
    procedures = dict(search(mining.procedures, actor))
    return page(
        "exports",
        "exports",
        choice=choice,
        asked=asked,
        error=error,
        found=search(mining.count, actor, choice),
        most=mining.MOST,
        procedures=procedures,
        versions=search(mining.versions, actor, choice.process_id) if choice.process_id else [],
        kinds=KINDS,
        states=STATES,
        shortest=SHORTEST,
        longest=LONGEST,
        issued=issued,
        number=number,
        more=more,
    )


def _choice(asked: Any) -> mining.Choice:
    state = asked.get("state", "all")
    return mining.Choice(
        process_id=asked.get("process", "")[:100],
        since=_day(asked.get("since", "")),
        until=_day(asked.get("until", "")),
        state=state if state in mining.STATES else "all",
    )


def _day(text: str) -> date | None:
    return civil(text) if text else None


def _attached(file: Response, kind: str, name: str) -> Response:
    file.headers["Content-Type"] = kind
    file.headers.set("Content-Disposition", "attachment", filename=name)
    file.headers["Cache-Control"] = "no-store"
    return file
