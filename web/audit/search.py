"""Search over the acts of all cases; what was searched for can be kept as a check."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine import commands as c
from engine.errors import Refused
from engine.people import ROLES, Actor
from engine.queries import history_search as queries
from engine.queries.history_search import ActLine
from engine.trace.criteria import Criteria
from engine.trace.kinds import KINDS
from web.audit.base import auditing, bp, page
from web.engine import command_id, engine
from web.errors import status_of
from web.language import said
from web.sheets import csv_file, moment

_STRIDE = 500  # rows of a file that are read at once
_COLUMNS = (
    "时刻", "登记晚于时刻（分钟）", "人员", "代", "部门", "角色", "行为", "内容", "编号", "标题", "流程", "标记",
    "延长申请人", "延长批准人", "延长天数", "延长依据", "记录序号",
)  # fmt: skip


@bp.get("/search")
def search_acts() -> ResponseReturnValue:
    """Search over acts."""
    return _page(auditing())


@bp.get("/search.csv")
def export_acts() -> ResponseReturnValue:
    """Return what a search finds as a CSV file, a bounded number of rows."""
    return csv_file(_("记录检索") + ".csv", _COLUMNS, _rows(auditing(), asked()), stream=True)


@bp.post("/search/checks")
def save_check() -> ResponseReturnValue:
    """Keep a search as a check."""
    actor, found = auditing(), asked()
    command = c.SaveCheck(
        actor=actor,
        name=request.form.get("name", ""),
        note=request.form.get("note", ""),
        criteria=found.chosen(),
        id=command_id() or uuid4().hex,
    )
    try:
        engine().handle(command)
    except Refused as refusal:
        return _page(actor, error=said(refusal)), status_of(refusal)
    return redirect(url_for("audit.list_checks", saved=1))


def asked() -> Criteria:
    """Return what the request asks for."""
    given = request.values
    return Criteria.of({**given.to_dict(), "kinds": given.getlist("kinds")})


def query_of(found: Criteria, **more: str) -> str:
    """Return criteria as the query of an address."""
    return urlencode({**found.chosen(), **{k: v for k, v in more.items() if v}}, doseq=True)


def _page(actor: Actor, error: str = "") -> str:
    found = asked()
    shown = bool(request.args)
    result = (
        engine().queries.search(queries.acts, actor, found, request.args.get("after", "")) if shown else None
    )
    return page(
        "search",
        "search",
        asked=found,
        found=result,
        error=error,
        kinds=KINDS,
        roles=ROLES,
        procedures=engine().queries.search(queries.procedures, actor),
        up_to_date=engine().queries.search(queries.recorded_until),
        flags=queries.flags,
        query_of=query_of,
        minutes=minutes,
        address=lambda after: f"{url_for('audit.search_acts')}?{query_of(found, after=after)}",
        id=uuid4().hex,
    )


def minutes(late: timedelta) -> int:
    """Return a delay in whole minutes."""
    return int(late.total_seconds() // 60)


def _rows(actor: Actor, found: Criteria) -> Iterator[list[Any]]:
    after, left = "", queries.MOST
    while left > 0:
        part = engine().queries.search(queries.acts, actor, found, after, min(_STRIDE, left))
        yield from (_row(line) for line in part.rows)
        after, left = part.after, left - len(part.rows)
        if not after:
            return


def _row(line: ActLine) -> list[Any]:
    extension = line.extension
    longer = (
        (extension.asked_by, extension.approved_by, extension.days, extension.ground)
        if extension
        else ("", "", "", "")
    )
    return [
        moment(line.at),
        minutes(line.late) or "",
        said(line.person),
        line.principal,
        line.department,
        "、".join(said(role) for role in line.roles),
        said(line.kind),
        said(line.text),
        line.business_id,
        line.title,
        line.process_name,
        "、".join(said(flag) for flag in queries.flags(line)),
        *longer,
        line.seq,
    ]
