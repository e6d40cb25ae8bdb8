"""The access log: who saw which case when, over all cases and of one."""

from collections.abc import Iterator
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.people import Actor
from engine.queries import access_log as queries
from engine.queries import history_search
from engine.trace.criteria import Criteria
from engine.trace.reads import WHATS
from web.audit.base import auditing, bp, page
from web.audit.search import query_of
from web.engine import engine
from web.language import said
from web.sheets import csv_file, moment

MOST = 10_000
_STRIDE = 500


@bp.get("/access")
def access_log() -> ResponseReturnValue:
    """Show who read cases."""
    actor, found = auditing(), asked()
    return page(
        "access",
        "access",
        asked=found,
        found=engine().queries.search(queries.reads, actor, found, request.args.get("after", "")),
        seals=engine().queries.search(queries.seals, actor),
        whats=WHATS,
        procedures=engine().queries.search(history_search.procedures, actor),
        query_of=query_of,
        address=lambda after: f"{url_for('audit.access_log')}?{query_of(found, after=after)}",
    )


@bp.get("/access.csv")
def export_reads() -> ResponseReturnValue:
    """Return reads as a CSV file, a bounded number of rows."""
    head = ("时刻", "人员", "部门", "查阅内容", "方式", "编号", "标题", "敏感记录")
    return csv_file(_("查阅记录") + ".csv", head, _rows(auditing(), asked()), stream=True)


@bp.get("/cases/<int:key>/access")
def case_reads(key: int) -> ResponseReturnValue:
    """Show who read a case."""
    case, found = engine().queries.search(queries.of_case, auditing(), key, request.args.get("after", ""))
    return page(
        "case_access",
        "access",
        case=case,
        found=found,
        address=lambda after: url_for("audit.case_reads", key=key, after=after or None),
    )


def asked() -> Criteria:
    """Return which reads the request asks for."""
    given = request.args
    return Criteria.of({**given.to_dict(), "kinds": given.getlist("kinds"), "source": "access"})


def _rows(actor: Actor, found: Criteria) -> Iterator[list[Any]]:
    after, left = "", MOST
    while left > 0:
        part = engine().queries.search(queries.reads, actor, found, after, min(_STRIDE, left))
        for x in part.rows:
            yield [
                moment(x.at),
                x.person,
                x.department,
                said(x.what),
                said(x.way),
                x.business_id,
                x.title,
                _("是") if x.sensitive else "",
            ]
        after, left = part.after, left - len(part.rows)
        if not after:
            return
