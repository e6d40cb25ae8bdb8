"""Documents: rendered once, frozen under their hash (domain E)."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from engine import events as e
from engine import verification_code
from engine.documents import render
from engine.errors import InvalidInput
from engine.forms import describe
from engine.handlers.case import Case
from engine.handlers.paper_limits import stated_limit
from engine.handlers.parties import organisation_named
from engine.handlers.references import document_no
from engine.handlers.sources import from_variables
from engine.model import PARTIES, DocumentRule
from engine.periods import beijing_day
from engine.profiles import profile_of
from engine.storage.tables import document, organisation

MAX_NUMBER = 60
_NOBODY = {"name": "", "code": "", "kind": ""}


def issue(case: Case, rule: DocumentRule) -> None:
    """Issue a document: number, text, code and hash are fixed from now on.

    Raises:
        InvalidInput: somebody chose a number that the body has used.
    """
    issued_on = beijing_day(case.uow.at)
    parties = {prefix: _party(case, variable, issued_on) for prefix, variable in PARTIES.items()}
    body, addressee = (case.org_of(PARTIES.get(party or "", "")) for party in (rule.by, rule.to))
    title = rule.title or rule.template
    for prefix, party in parties.items():
        title = title.replace(f"{{{prefix}_name}}", party["name"])
    doc = {
        "number": _number(case, rule, body, issued_on),
        "template": rule.template,
        "title": title,
        "issued_on": issued_on,
        "verification": verification_code.draw(),
    }
    case.issuing = (rule.template, str(doc["number"]))
    html = render(case.definition.templates, rule.template, _context(case, rule, doc, parties))
    digest = case.uow.keep(html.encode())
    case.record(
        e.DocumentIssued(
            case.uow.next_key(),
            rule.template,
            str(doc["number"]),
            title,
            digest,
            body,
            addressee,
            str(doc["verification"]),
        )
    )


def _number(case: Case, rule: DocumentRule, body: int | None, on: date) -> str:
    """Return the number somebody chose, or else the next one of the body, series and year.

    Both ways read what the other one writes, so that of two commands at once one is carried out again.
    """
    uow, counter = case.uow, f"document:{body or 0}:{rule.series}:{on.year}"
    count = int(uow.guarded(counter) or 0) + 1
    chosen = case.evaluate(rule.number) if rule.number else None
    if text := " ".join(str(chosen or "").split()):
        _must_be_free(case, body, text)
        uow.set_guard(_chosen(body, text), True)
        return text
    begin = f"{_mark(case, body, on)}{rule.series}〔{on.year}〕"
    while uow.guarded(_chosen(body, f"{begin}{count}号")):
        count += 1
    uow.set_guard(counter, count)
    return f"{begin}{count}号"


def _must_be_free(case: Case, body: int | None, number: str) -> None:
    if len(number) > MAX_NUMBER:
        raise InvalidInput(
            f"文号不得超过{MAX_NUMBER}个字，实为{len(number)}个字。",
            f"Expected a number of at most {MAX_NUMBER} characters, found {len(number)}.",
        )
    table = document.c
    issued = select(table.key).where(table.organisation_key == body, table.number == number)
    if case.uow.guarded(_chosen(body, number)) or case.uow.conn.execute(issued.limit(1)).first():
        raise InvalidInput(
            f"本部门已使用文号“{number}”，请改用其他文号，或者留空由共享平台编号。",
            f"Expected a number the body has not used, found {number!r}; leave it empty to have one counted.",
        )


def _chosen(body: int | None, number: str) -> str:
    return f"document-number:{body or 0}:{number}"


def _mark(case: Case, body: int | None, on: date) -> str:
    if body is None:
        return ""
    return _organisation(case, body)["mark"] or organisation_named(case.uow.conn, body, on)


def _context(
    case: Case, rule: DocumentRule, doc: Mapping[str, object], parties: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    variables, speaks = dict(case.variables), profile_of(case.process)
    return {
        "doc": doc,
        "case": {"business_id": case.business_id, "started_at": case.started_at, **variables},
        "parties": parties,
        "law": {"name": str(speaks.law), **{key: str(text) for key, text in speaks.sentences.items()}},
        "use": parties["use"],
        "prov": parties["prov"],
        "mgr": parties["mgr"],
        "issuer": parties.get(rule.by, _NOBODY)["name"],
        "addressee": parties.get(rule.to or "", _NOBODY)["name"],
        "deadline": stated_limit(case, rule.limit) if rule.limit else None,
        "signer": variables.get("signer") or "",
        "contact": _contact(case, rule),
        "forms": _Forms(case, labels=False),
        "labels": _Forms(case, labels=True),
        "setting": {key: s.typed for key, s in case.process.settings.items()},
        "issued": _Issued(case),
    }


class _Issued(Mapping[str, str]):
    """The number of the newest document of each template of the case, the one being issued included."""

    def __init__(self, case: Case) -> None:
        self._case = case

    def __getitem__(self, template: str) -> str:
        number = document_no(self._case, template)
        if number is None:
            raise KeyError(template)
        return number

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._case.definition.templates if document_no(self._case, name))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class _Forms(Mapping[str, Any]):
    """What was handed in, by form variable: put into words when a template asks for it.

    Either [(label, text)] of the fields that have a value, or {field: label} of all fields.
    """

    def __init__(self, case: Case, labels: bool) -> None:
        self._case, self._labels = case, labels
        nodes = [n for n in case.process.nodes.values() if n.form and n.form_variable]
        self._forms = {n.form_variable or "": n.form or "" for n in reversed(nodes)}

    def __getitem__(self, variable: str) -> Any:
        case = self._case
        form = case.definition.forms[self._forms[variable]]
        if self._labels:
            return {c.key: c.label for c in form.fields}
        if not case.variables.get(variable):
            raise KeyError(variable)
        sources = from_variables(case.uow.conn, case.variables, case.definition.forms.get("F12-A"))
        return list(describe(form, case.variables[variable], sources, case.definition.forms))

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._forms if self._labels or self._case.variables.get(name))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _party(case: Case, variable: str, on: date) -> dict[str, str]:
    key = case.org_of(variable)
    if key is None:
        return _NOBODY
    row = _organisation(case, key)
    return {"name": organisation_named(case.uow.conn, key, on), "code": row["code"], "kind": row["kind"]}


def _organisation(case: Case, key: int) -> dict[str, str]:
    table = organisation.c
    query = select(table.code, table.kind, table.mark).where(table.key == key)
    return dict(case.uow.conn.execute(query).mappings().one())


def _contact(case: Case, rule: DocumentRule) -> dict[str, str]:
    """Return the contact that the issuing body's people named last in a form, in the order of the model."""
    found = {"name": "", "phone": ""}
    for node in case.process.nodes.values():
        values = case.variables.get(node.form_variable or "")
        if (node.role or "").startswith(f"{rule.by}.") and isinstance(values, dict):
            if values.get("contact_name"):
                found = {
                    "name": str(values["contact_name"]),
                    "phone": str(values.get("contact_phone") or ""),
                }
    return found
