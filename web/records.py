"""Tables of records: upload, template, and the page that shows fifty rows of one."""

from typing import Any
from urllib.parse import quote
from uuid import uuid4

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.errors import InvalidForm, NotFound, Refused
from engine.queries.records import record_page
from engine.queries.views import TaskView
from web.engine import command_id, engine
from web.errors import status_of
from web.language import said
from web.security import acting

bp = Blueprint("records", __name__)


@bp.get("/cases/<int:instance>/records/<int:key>")
def show(instance: int, key: int) -> ResponseReturnValue:
    """Show a page of a table, with a search."""
    text, number = request.args.get("q", "")[:100], request.args.get("page", 1, type=int)
    page = engine().queries.search(record_page, acting(), instance, key, text, number)
    return render_template("records.html", table=page, text=text)


@bp.post("/tasks/<int:key>/records/<field>")
def upload(key: int, field: str) -> ResponseReturnValue:
    """Take a file while the form is still being filled in; the page's script sends it and shows how far it is."""
    sent = request.files.get("file")
    command = c.StoreRecords(
        actor=acting(),
        task_key=key,
        component=field,
        name=(sent.filename if sent else "") or "",
        content=sent.read() if sent else b"",
        id=command_id() or uuid4().hex,
    )
    try:
        return engine().handle(command), 201
    except InvalidForm as refusal:
        return {"errors": [said(m) for found in refusal.errors.values() for m in found]}, 422
    except Refused as refusal:
        return {"errors": [said(refusal)]}, status_of(refusal)


@bp.get("/tasks/<int:key>/records/<field>.csv")
def template(key: int, field: str) -> Response:
    """Return an empty file with the heading that is expected."""
    task: TaskView = engine().queries.task(acting(), key)
    components: Any = task.form.get("components", [])
    found = [f for f in components if f.get("key") == field and f.get("type") == "records"]
    if not found:
        raise NotFound("表单没有这张记录表。", f"Expected a table of records {field}, found none.")
    labels = [column["label"] for column in found[0]["shixian"]["columns"]]
    response = make_response(("\ufeff" + ",".join(labels) + "\r\n").encode())
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    name = quote(f"{found[0]['label']}模板.csv")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response
