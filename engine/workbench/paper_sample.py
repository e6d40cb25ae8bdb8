"""What a document's template is tried with: the context of `engine.handlers.papers`, made of a model alone."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.forms import Form, FormFault, describe, load_form
from engine.forms.model import Component
from engine.forms.values import Options
from engine.model import PARTIES
from engine.process_files import PROCESS
from engine.profiles import Profile, party_name, profile_in
from engine.workbench.outline import Outline, Use, outline
from engine.workbench.stand_in import DAY, INSTANT, NUMBER, StandIn, text_of

_DAY = date.fromisoformat(DAY)
_LATER = date.fromisoformat("2026-06-23")  # five working days on: 19 to 21 June are Dragon Boat
_FILE = {"key": 1, "name": "示例附件.pdf", "size": 20480, "sha256": "0" * 64}
_SIMPLE: dict[str, object] = {"bool": True, "int": NUMBER, "date": DAY, "instant": INSTANT}


def sample(files: Mapping[str, bytes], template: str) -> dict[str, Any]:
    """Return the context for one template of a model; what cannot be read in the model is left out of it."""
    drawn, forms = outline(files), read_forms(files)
    use = next(iter(drawn.of("document", template)), None)
    profile = profile_in(files.get(PROCESS, b""))
    parties = {prefix: _party(profile, prefix) for prefix in PARTIES}
    answers = _answers(drawn, forms)
    return {
        "doc": {
            "number": "示例〔2026〕1号",
            "template": template,
            "title": _title(use, parties, template),
            "issued_on": _DAY,
            "verification": "ABCD-EFGH-JKMN",
        },
        "case": {
            "business_id": "SL-2026-000001",
            "started_at": INSTANT,
            **{name: _variable(name, kind, label) for name, (kind, label) in drawn.variables.items()},
            **answers,
        },
        "parties": parties,
        "law": {"name": str(profile.law), **{key: str(text) for key, text in profile.sentences.items()}},
        **{prefix: parties[prefix] for prefix in ("use", "prov", "mgr")},
        "issuer": parties.get(use.by if use else "prov", _NOBODY)["name"],
        "addressee": parties.get(use.to if use else "use", _NOBODY)["name"],
        "deadline": None if use and not use.limit else _limit(),
        "signer": "〔签发人〕",
        "contact": {"name": "〔联系人〕", "phone": "024-00000000"},
        "forms": {
            variable: list(describe(forms[form], answers[variable], _sources, forms))
            for variable, form in _written(drawn, forms).items()
        },
        "labels": {
            variable: {c.key: c.label for c in forms[form].fields}
            for variable, form in _written(drawn, forms).items()
        },
        "setting": {key: setting.typed for key, setting in drawn.settings.items()},
        "issued": {name: "示例〔2026〕1号" for name in template_names(files)},
    }


def template_names(files: Mapping[str, bytes]) -> list[str]:
    """Return the names of a model's documents."""
    return sorted(
        path.removeprefix("documents/").removesuffix(".html")
        for path in files
        if path.startswith("documents/") and path.endswith(".html")
    )


def read_forms(files: Mapping[str, bytes]) -> dict[str, Form]:
    """Return the forms of a model that can be read, by id."""
    found: dict[str, Form] = {}
    for path, content in files.items():
        if path.startswith("forms/") and path.endswith(".json"):
            try:
                form = load_form(json.loads(content))
            except (ValueError, FormFault, RecursionError, KeyError, TypeError, AttributeError):
                continue
            found[form.id] = form
    return found


_NOBODY = {"name": "", "code": "", "kind": ""}


def _party(profile: Profile, prefix: str) -> dict[str, str]:
    return {"name": f"示例{party_name(profile, prefix)}", "code": "SL0001", "kind": "department"}


def _title(use: Use | None, parties: Mapping[str, Mapping[str, str]], template: str) -> str:
    title = use.title if use and use.title else template
    for prefix, party in parties.items():
        title = title.replace(f"{{{prefix}_name}}", party["name"])
    return title


def _written(drawn: Outline, forms: Mapping[str, Form]) -> dict[str, str]:
    """Return the form of each variable; the first of several, as documents take it."""
    found: dict[str, str] = {}
    for use in drawn.uses:
        if use.kind == "form" and use.variable and use.of in forms:
            found.setdefault(use.variable, use.of)
    return found


def _answers(drawn: Outline, forms: Mapping[str, Form]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for use in reversed(drawn.uses):
        if use.kind == "form" and use.variable and use.of in forms:
            found.setdefault(use.variable, {}).update(_filled(forms[use.of], forms))
    return found


def _filled(form: Form, forms: Mapping[str, Form], depth: int = 0) -> dict[str, Any]:
    return {c.key: _value(c, forms, depth) for c in form.fields}


def _value(c: Component, forms: Mapping[str, Form], depth: int) -> Any:
    first = next((value for value, _ in c.values), f"〔{c.label}〕")
    made: dict[str, Any] = {
        "checkbox": True,
        "number": max(int(c.limits.get("min", 1)), 1),
        "datetime": DAY,
        "radio": first,
        "select": first,
        "checklist": [value for value, _ in c.values[:2]] or [first],
        "filepicker": [_FILE],
        "table": [{cell.key: _cell(cell.kind, cell.label, cell.options) for cell in c.cells}],
        "records": {**_FILE, "name": "示例记录.csv", "rows": 1, "first": [_records(c)]},
        "subforms": [_filled(forms[c.form], forms, depth + 1)]
        if c.form and c.form in forms and depth < 2
        else [],
    }
    return made.get(c.type, text_of(c.key, str(c.label)))


def _records(c: Component) -> dict[str, str]:
    return {column.key: f"〔{column.label}〕" for column in c.record_columns}


def _cell(kind: str, label: str, options: tuple[tuple[str, str], ...]) -> str:
    return options[0][0] if options else text_of("", label, {"number": "int"}.get(kind, kind))


def _variable(name: str, kind: str, label: str) -> object:
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if kind == "text":
        return text_of(name, label)
    return StandIn(name, f"〔{label or name}〕")


def _sources(name: str) -> Options:
    return ()


def _limit() -> dict[str, Any]:
    return {
        "name": "办理期限",
        "length": 5,
        "unit": "个工作日",
        "event_on": _DAY,
        "original_due_on": _LATER,
        "due_on": _LATER,
        "rule": ["自收到之日的次日起计算，只计工作日（示例）。"],
        "caveat": "",
        "days": [
            {"date": "6月16日", "number": 1, "reason": "工作日", "title": "", "doc_no": "", "sentence": ""}
        ],
        "reading": "",
        "moves": [],
    }
