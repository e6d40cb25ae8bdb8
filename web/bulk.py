"""Doing one thing to many tasks: a dialogue, slices that a bar can follow, and a list of what was done and what not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from uuid import uuid4

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine import commands as c
from engine.bulk import SLICE, VERBS, command_of, is_bulk_id
from engine.commands.verbs import verb_command
from engine.errors import InvalidForm, InvalidInput, Message, Refused
from engine.queries import bulk as queries
from engine.queries.bulk import BulkPreview, BulkRow
from web import labels
from web.engine import engine
from web.forms import values_from_request
from web.keys import MAX_KEY
from web.language import said
from web.security import acting

bp = Blueprint("bulk", __name__, url_prefix="/bulk")


@dataclass(frozen=True)
class Outcome:
    """What became of one of the chosen; without a reason it was done."""

    row: BulkRow
    reason: str = ""
    refusal: Refused | None = None


@bp.get("")
def ask() -> ResponseReturnValue:
    """Show what a verb would do to each of the chosen."""
    keys = _keys(request.args.getlist("task") + request.args.getlist("case"))
    verb = request.args.get("verb", "")
    return _dialogue(verb, keys, engine().queries.search(queries.preview, acting(), verb, keys))


@bp.post("")
def carry_out() -> ResponseReturnValue:
    """Carry out a verb on every ticked one, each by itself, and list what was done and what not.

    A repeated post finds the stored answers. With `step=check` nothing is done: the effects are foretold.
    """
    verb, keys = _asked()
    if request.form.get("step") == "check" and keys:
        return _dialogue(verb, keys, _foretold(verb, keys, _chosen(verb, keys)))
    if not keys:
        return _dialogue(verb, keys, _chosen(verb, keys), _("请至少勾选一项。")), 422
    if not _sure(verb):
        fault = _("请核对所列事项后勾选确认，再行提交。")
        return _dialogue(verb, keys, _chosen(verb, keys), fault), 422
    outcomes = _run(verb, keys, _bulk_id())
    if (errors := _same_errors(outcomes)) is not None:
        return _dialogue(verb, keys, _chosen(verb, keys), errors=errors), 422
    return render_template(
        "bulk_result.html",
        verb=verb,
        about=VERBS[verb],
        done=[o for o in outcomes if not o.reason],
        failed=[o for o in outcomes if o.reason],
        said=said,
    )


@bp.post("/<bulk_id>/run")
def run_slice(bulk_id: str) -> ResponseReturnValue:
    """Carry out a verb on a few of the ticked ones, for the page's bar; the page's own post then lists them all."""
    verb, keys = _asked()
    if not is_bulk_id(bulk_id) or not 0 < len(keys) <= SLICE or not _sure(verb):
        raise InvalidInput("请先勾选并确认。", "Expected a few ticked tasks and the confirmation.")
    outcomes = _run(verb, keys, bulk_id)
    failed = sum(bool(o.reason) for o in outcomes)
    return jsonify(
        {
            "done": len(outcomes) - failed,
            "failed": failed,
            "invalid": _same_errors(outcomes) is not None,
        }
    )


def _asked() -> tuple[str, list[int]]:
    verb = request.form.get("verb", "")
    if verb not in VERBS:
        raise InvalidInput("没有该操作。", f"Expected one of {', '.join(VERBS)}, found {verb!r}.")
    return verb, _keys(request.form.getlist("task"))


def _chosen(verb: str, keys: list[int]) -> BulkPreview:
    """Return the dialogue's rows as they stand now: all that were chosen, ticked or not."""
    found: BulkPreview = engine().queries.search(
        queries.preview, acting(), verb, _keys(request.form.getlist("chosen")) or keys
    )
    return found


def _run(verb: str, keys: Sequence[int], bulk_id: str) -> list[Outcome]:
    """Carry out one command for each. The command itself says whether it may be, so that a repeat is answered."""
    rows, form = engine().queries.search(queries.alike, acting(), verb, keys)
    values = values_from_request(form, request.form) if form is not None else {}
    return [_one(verb, row, values, bulk_id) for row in rows]


def _one(verb: str, row: BulkRow, values: dict[str, Any], bulk_id: str) -> Outcome:
    if row.reason is not None:
        return Outcome(row, said(row.reason))
    try:
        engine().handle(_command(verb, row.key, values, command_of(bulk_id, row.key)))
    except InvalidForm as refusal:
        told = "".join(said(m) for found in refusal.errors.values() for m in found)
        return Outcome(row, told, refusal)
    except Refused as refusal:
        return Outcome(row, said(refusal), refusal)
    return Outcome(row)


def _same_errors(outcomes: Sequence[Outcome]) -> Mapping[str, Sequence[Message]] | None:
    """Return the errors of a form that every one was refused for: it is the form that has to be mended."""
    refused = [o.refusal for o in outcomes if isinstance(o.refusal, InvalidForm)]
    if len(refused) < len(outcomes) or any(r.errors != refused[0].errors for r in refused):
        return None
    return refused[0].errors


def _command(verb: str, key: int, values: dict[str, Any], command_id: str) -> c.Command:
    """Return the command of a verb for one of the chosen."""
    actor = acting()
    if verb == "complete":
        return c.CompleteTask(actor=actor, task_key=key, values=values, id=command_id)
    of = {"instance_key": key} if VERBS[verb].of == "case" else {"task_key": key}
    fields = {name: request.form.get(name, "") for name in ("person", "text")}
    return verb_command(verb, actor, **of, fields=fields, id=command_id)


def _foretold(verb: str, keys: Sequence[int], found: BulkPreview) -> BulkPreview:
    """Return the rows with what each would come to by what was filled in, where the engine can tell."""
    tell = getattr(engine(), "preview", None)
    if tell is None or verb != "complete" or find_spec("engine.queries.effects") is None:
        return found
    effects = import_module("engine.queries.effects").told
    form = found.form or {}
    values = values_from_request(form, request.form)

    def row_of(row: BulkRow) -> BulkRow:
        if row.key not in keys or row.reason is not None:
            return row
        try:
            events = tell(_command(verb, row.key, values, uuid4().hex))
        except InvalidForm as refusal:
            return replace(row, effects=tuple(m for found in refusal.errors.values() for m in found))
        except Refused as refusal:
            return replace(row, effects=(Message(refusal.zh, refusal.en),))
        told = engine().queries.search(effects, events, _result)
        return replace(row, effects=tuple(effect.message for effect in told) or row.effects)

    return replace(found, rows=tuple(row_of(row) for row in found.rows))


def _result(code: str) -> Message:
    return Message(labels.RESULTS.get(code, code), code)


def _sure(verb: str) -> bool:
    return "form" not in VERBS[verb].needs or request.form.get("sure") == "1"


def _bulk_id() -> str:
    given = request.form.get("bulk_id", "")
    return given if is_bulk_id(given) else uuid4().hex


def _keys(texts: Sequence[str]) -> list[int]:
    keys = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 20]
    return [key for key in dict.fromkeys(keys) if key <= MAX_KEY]


def _dialogue(
    verb: str,
    ticked: Sequence[int],
    found: BulkPreview,
    fault: str = "",
    errors: Mapping[str, Sequence[Message]] | None = None,
) -> str:
    typed = values_from_request(found.form, request.form) if found.form and request.method == "POST" else {}
    return render_template(
        "bulk.html",
        verb=verb,
        about=VERBS[verb],
        found=found,
        ticked=set(ticked),
        fault=fault,
        errors=errors or {},
        values=typed,
        person=request.form.get("person", ""),
        text=request.form.get("text", ""),
        bulk_id=_bulk_id(),
        slice=SLICE,
        checked=request.form.get("step") == "check",
        may_check=verb == "complete" and hasattr(engine(), "preview"),
        said=said,
    )
