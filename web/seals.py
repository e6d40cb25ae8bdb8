"""Seals: the list, the notice of a day, and the export of a case's history."""

import csv
import io
from datetime import date
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from engine.clock import instant_text
from engine.errors import InvalidInput
from engine.history.export import SUFFIX
from engine.queries import seals as queries
from web.engine import engine
from web.security import acting

bp = Blueprint("seals", __name__)


@bp.get("/seals")
def index() -> ResponseReturnValue:
    """List the sealed days."""
    page = min(max(request.args.get("page", 1, type=int), 1), 10_000)
    found, total = engine().queries.search(queries.seals, acting(), page)
    more = page * queries.PAGE < total
    return render_template("seals.html", seals=found, total=total, page=page, more=more)


@bp.get("/seals/<day>")
def show(day: str) -> ResponseReturnValue:
    """Show a day's seal as a notice to be printed."""
    return render_template("seal.html", seal=engine().queries.search(queries.one, acting(), civil(day)))


@bp.get("/seals/<day>.json")
def download(day: str) -> ResponseReturnValue:
    """Return the seal of a day as a file for `shixian verify --head`."""
    response = jsonify(shape(engine().queries.search(queries.one, acting(), civil(day))))
    response.headers.set("Content-Disposition", "attachment", filename=f"seal-{day}.json")
    return response


@bp.get("/seals.csv")
def table() -> ResponseReturnValue:
    """Return every sealed day as a table; a table that is handed on stays Chinese."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(
        ["日期", "序号", "算法", "封存值", "记录链", "末条位置", "前次校验值", "校验值", "封存时刻"]
    )
    for one in engine().queries.search(queries.every, acting()):
        rows.writerow(shape(one).values())
    response = Response(text.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    response.headers.set("Content-Disposition", "attachment", filename="seals.csv")
    return response


def shape(one: queries.Seal) -> dict[str, Any]:
    """Return a seal as JSON values; `root` and `day` are what a check against it needs."""
    return {
        "day": one.day.isoformat(),
        "number": one.number,
        "algorithm": one.algorithm,
        "root": one.root,
        "streams": one.streams,
        "lastPosition": str(one.last_position),
        "previous": one.previous,
        "hash": one.hash,
        "sealedAt": instant_text(one.sealed_at),
    }


@bp.get("/cases/<int:key>/export")
def export(key: int) -> ResponseReturnValue:
    """Return the history of a case as a file that can be checked elsewhere."""
    return file(key)


def file(key: int) -> Response:
    """Return the export, from the seal of the day `since` on if one is named."""
    since = request.args.get("since")
    number, lines = engine().queries.search(
        queries.exported, acting(), key, civil(since) if since is not None else None
    )
    response = Response(lines, mimetype="application/jsonl")
    response.headers.set("Content-Disposition", "attachment", filename=number + SUFFIX)
    response.headers["Cache-Control"] = "no-store"
    return response


def civil(text: str) -> date:
    """Return the day that an ISO text names.

    Raises:
        InvalidInput: it names none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise InvalidInput(
            "日期应写作2026-06-17的样式。", f"Expected a day such as 2026-06-17, found {text[:40]!r}."
        ) from fault
