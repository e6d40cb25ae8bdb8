"""Tables of records: send one for a task's form, read a page of one."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.errors import InvalidInput
from engine.queries.records import record_page
from web.api.openapi import takes
from web.api.user_tasks import command_id
from web.engine import engine
from web.security import acting


def register(bp: Blueprint) -> None:
    """Put the routes on the API's blueprint."""
    bp.post("/user-tasks/<int:key>/records/<field>")(store_records)
    bp.get("/process-instances/<int:key>/records/<int:table>")(get_records)


def store_records(key: int, field: str) -> ResponseReturnValue:
    """Store a CSV file (multipart/form-data) masked; name the answer's `table` in the form's field."""
    sent = next(iter(request.files.values()), None)
    if sent is None:
        raise InvalidInput(
            "请以 multipart/form-data 上传一个CSV文件。", "Expected one CSV file as multipart/form-data."
        )
    command = c.StoreRecords(
        actor=acting(),
        task_key=key,
        component=field,
        name=sent.filename or "",
        content=sent.read(),
        id=command_id(),
    )
    return engine().handle(command), 201


@takes(q="a text that the rows contain", page="counted from 1, 50 rows each")
def get_records(key: int, table: int) -> ResponseReturnValue:
    """Return fifty rows of a table; `q` searches, `page` counts from 1."""
    text, number = request.args.get("q", "")[:100], request.args.get("page", 1, type=int)
    page = engine().queries.search(record_page, acting(), key, table, text, number)
    return {
        "items": [{"number": n, **row} for n, row in page.rows],
        "columns": [{"key": c.key, "label": c.label} for c in page.columns],
        "page": {"totalItems": page.found, "number": page.page, "pages": page.pages},
        "rows": page.total,
        "name": page.name,
    }
