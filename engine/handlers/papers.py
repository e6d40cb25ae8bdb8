"""Documents: rendered once, frozen under their hash (domain E)."""

from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import select

from engine import events as e
from engine.documents import render
from engine.explanation import ExplainedDay, day_reason, explain
from engine.forms import describe
from engine.handlers import terms
from engine.handlers.case import Case
from engine.handlers.parties import organisation_named
from engine.handlers.sources import from_variables
from engine.periods import beijing_day
from engine.storage.tables import organisation

TITLES = {
    "E-1": ("政务信息资源共享申请表", "共享申"),
    "E-2": ("一次性补正告知书", "共享补"),
    "E-3": ("政务信息资源共享答复意见书", "共享复"),
    "E-4": ("不予共享理由告知书", "共享告"),
}


def issue(case: Case, template: str, timer: str | None = None) -> None:
    """Issue a document: number, text and hash are fixed from now on.

    Args:
        timer: The timer whose limit the document names and explains; it is about to be set.
    """
    issued_on = beijing_day(case.uow.at)
    title, series = TITLES.get(template, (template, template))
    number = _number(case, template, series, issued_on)
    verification = f"{case.business_id}-{template}".replace("-", "")
    html = render(
        case.definition.templates, template, _context(case, template, number, issued_on, verification, timer)
    )
    digest = case.uow.keep(html.encode())
    case.record(e.DocumentIssued(case.uow.next_key(), template, number, title, digest))


def _number(case: Case, template: str, series: str, on: date) -> str:
    chosen = (case.variables.get("signature") or {}).get("doc_no") if template == "E-3" else None
    if chosen:
        return str(chosen)
    guard = f"document:{series}:{on.year}"
    count = int(case.uow.guarded(guard) or 0) + 1
    case.uow.set_guard(guard, count)
    return f"{series}〔{on.year}〕{count}号"


def _context(
    case: Case, template: str, number: str, on: date, verification: str, timer: str | None
) -> dict[str, Any]:
    variables = dict(case.variables)
    return {
        "doc": {"number": number, "template": template, "issued_on": on, "verification": verification},
        "case": {"business_id": case.business_id, **variables},
        "use": _party(case, "using_dept", on),
        "prov": _party(case, "providing_dept", on),
        "mgr": _party(case, "managing_dept", on),
        "deadline": _limit(case, timer) if timer else None,
        "signer": variables.get("signer") or "",
        "contact": _contact(variables, template),
        "forms": {
            name: _described(case, form, variables[name])
            for name, form in (("application", "F12-A"), ("reply", "F12-E"), ("intake", "F12-C"))
            if variables.get(name)
        },
        "fields": {c.key: c.label for c in case.definition.forms["F12-A"].fields},
        "setting": {key: s.typed for key, s in case.process.settings.items()},
    }


def _limit(case: Case, timer: str) -> dict[str, Any]:
    """Return the limit a document announces, with the explanation that pages and API give."""
    node = case.node(timer)
    department = terms.owner(case, node)
    deadline = terms.new_deadline(case, node, department)
    explained = explain(
        deadline.term,
        case.uow.calendar(department),
        deadline.basis,
        deadline.extensions,
        deadline.rule,
        by_law=deadline.kind == "law",
        set_by=deadline.set_by,
    )
    return {
        "name": deadline.name,
        "length": deadline.term.length,
        "event_on": explained.due.event_day,
        "due_on": explained.due.due_on,
        "rule": explained.rule,
        "caveat": explained.caveat,
        "days": [_row(list(run)) for _, run in groupby(explained.days, key=_alike)],
    }


def _alike(d: ExplainedDay) -> tuple[object, ...]:
    """Days off for one reason stand in one row; a day that is counted has a row of its own."""
    return (d.day.number, day_reason(d.day), d.document)


def _row(run: list[ExplainedDay]) -> dict[str, Any]:
    first, last = run[0].day.date, run[-1].day.date
    document = run[0].document
    until = f"至{last.month}月{last.day}日" if last != first else ""
    return {
        "date": f"{first.month}月{first.day}日{until}",
        "number": run[0].day.number or "—",
        "reason": day_reason(run[0].day),
        "title": document.title if document else "",
        "doc_no": document.doc_no if document else "",
        "sentence": run[0].sentence,
    }


def _described(case: Case, form: str, values: dict[str, Any]) -> list[tuple[str, str]]:
    sources = from_variables(case.uow.conn, case.variables, case.definition.forms.get("F12-A"))
    return list(describe(case.definition.forms[form], values, sources))


def _party(case: Case, variable: str, on: date) -> dict[str, str]:
    key = case.org_of(variable)
    if key is None:
        return {"name": "", "code": "", "kind": ""}
    table = organisation.c
    row = case.uow.conn.execute(select(table.code, table.kind).where(table.key == key)).one()
    return {"name": organisation_named(case.uow.conn, key, on), "code": row.code, "kind": row.kind}


def _contact(variables: dict[str, Any], template: str) -> dict[str, str]:
    source = variables.get("application" if template == "E-1" else "reply") or {}
    return {"name": str(source.get("contact_name") or ""), "phone": str(source.get("contact_phone") or "")}
