"""Decision tables of a model: the list, the editor, the table as the engine reads it, and trying it."""

from typing import Any
from uuid import uuid4
from xml.sax.saxutils import quoteattr

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from engine.errors import InvalidDefinition, InvalidInput, NotFound, Refused
from engine.queries.models import ModelView
from engine.workbench.decision_tryout import Table, refusals, tables, try_out
from engine.workbench.outline import outline
from web.designer.base import bp, model_of, page, posted
from web.designer.beside import content_of, fresh_path, ids, keep, text_in
from web.engine import engine
from web.errors import status_of
from web.language import said
from web.security import style_nonce

FOLDER, ENDING = "decisions", "dmn"

_POLICIES = {
    "UNIQUE": lazy_gettext("唯一"),
    "ANY": lazy_gettext("任一"),
    "FIRST": lazy_gettext("首行"),
    "COLLECT": lazy_gettext("汇集"),
    "SUM": lazy_gettext("求和"),
    "MIN": lazy_gettext("最小"),
    "MAX": lazy_gettext("最大"),
    "COUNT": lazy_gettext("计数"),
}
"""Hit policies and aggregations as the table editor calls them."""


@bp.app_template_filter("policy")
def policy_words(code: str) -> str:
    """Return what a hit policy, or an aggregation, is called; another one by its code."""
    return str(_POLICIES.get(code, code))


@bp.get("/models/<int:key>/decisions")
def decisions(key: int) -> ResponseReturnValue:
    """List the files with decision tables of a model."""
    return _list(model_of(key))


@bp.post("/models/<int:key>/decisions")
def add_decision(key: int) -> ResponseReturnValue:
    """Begin a decision table, blank or as the copy of another one."""
    view = model_of(key)
    name, source = request.form.get("id", "").strip(), request.form.get("copy_of", "")
    title = request.form.get("title", "").strip() or name
    try:
        path = fresh_path(view, FOLDER, ENDING, name)
        made = content_of(view, _path(source)) if source else _blank(name, title)
        keep(view, {path: made.encode()}, f"新增决策表 {name}")
    except Refused as refusal:
        return _list(view, said(refusal)), status_of(refusal)
    return redirect(url_for("designer.decision", key=key, decision_id=name))


@bp.post("/models/<int:key>/decisions/<decision_id>/remove")
def remove_decision(key: int, decision_id: str) -> ResponseReturnValue:
    """Take a file with decision tables out of the model."""
    view = model_of(key)
    content_of(view, _path(decision_id))
    keep(view, {_path(decision_id): None}, f"删除决策表 {decision_id}")
    return redirect(url_for("designer.decisions", key=key))


@bp.get("/models/<int:key>/decisions/<decision_id>")
def decision(key: int, decision_id: str) -> ResponseReturnValue:
    """Show the editor of decision tables."""
    view = model_of(key)
    content_of(view, _path(decision_id))
    return page(
        "decision",
        "decisions",
        view,
        decision_id=decision_id,
        path=_path(decision_id),
        # The editor of expressions within dmn-js makes its style sheet itself.
        nonce=style_nonce(),
    )


@bp.post("/models/<int:key>/decisions/<decision_id>/read")
def read_decision(key: int, decision_id: str) -> ResponseReturnValue:
    """Return a draft (JSON: text) as the engine reads it, with what is wrong beside each row."""
    view = model_of(key)
    text = text_in(posted(), "text")
    found = _tables(view, text)
    return {
        "html": render_template("designer/decision_read.html", tables=found, refused=refusals(text.encode()))
    }


@bp.post("/models/<int:key>/decisions/<decision_id>/try")
def try_decision(key: int, decision_id: str) -> ResponseReturnValue:
    """Decide over typed values (JSON: text, decision, values) with the draft."""
    view, data = model_of(key), posted()
    values = data.get("values")
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise InvalidInput("values 应为文字的列表。", "Expected values to be a list of texts.")
    wanted = text_in(data, "decision")
    table = next((t for t in _tables(view, text_in(data, "text")) if t.id == wanted), None)
    if table is None:
        raise NotFound("没有该决策表。", f"Expected a decision {wanted[:80]}, found none.")
    outcome = try_out(table, values, outline(view.files), engine().clock)
    return {
        "hits": list(outcome.hits),
        "html": render_template(
            "designer/decision_result.html", outcome=outcome, result=_spoken(outcome.result)
        ),
    }


def _tables(view: ModelView, text: str) -> list[Table]:
    try:
        return tables(text.encode(), outline(view.files))
    except InvalidDefinition as refusal:
        found: Any = refusal.facts["findings"]
        raise InvalidInput(
            "；".join(f["zh"] for f in found) + "。", "; ".join(f["en"] for f in found)
        ) from None


def _spoken(result: object) -> str:
    """Return a result as the language of expressions writes it."""
    return "null" if result is None else repr(result)


def _list(view: ModelView, error: str | None = None) -> str:
    drawn = outline(view.files)
    lines = []
    for name in ids(view, FOLDER, ENDING):
        try:
            held = tables(view.files[_path(name)], drawn)
        except InvalidDefinition:
            held = None
        uses = [use for table in held or () for use in drawn.of("decision", table.id)]
        lines.append({"id": name, "tables": held or (), "broken": held is None, "uses": uses})
    return page(
        "decisions", "decisions", view, lines=lines, error=error, typed=request.form, command_id=uuid4().hex
    )


def _path(decision_id: str) -> str:
    return f"{FOLDER}/{decision_id}.{ENDING}"


def _blank(name: str, title: str) -> str:
    """Return a file with a table of one input and one output; the id of its decision is what elements name."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="Definitions_{name}" name={quoteattr(title)} namespace="urn:shixian:processes">
  <decision id={quoteattr(name)} name={quoteattr(title)}>
    <decisionTable id="Table_{name}" hitPolicy="UNIQUE">
      <input id="Input_1" label="">
        <inputExpression id="InputExpression_1"><text></text></inputExpression>
      </input>
      <output id="Output_1" label="" name="result"/>
    </decisionTable>
  </decision>
</definitions>
"""
