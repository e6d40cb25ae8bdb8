"""Rehearsing a model: a case by hand on the real engine, and its scenarios beside it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from flask import Response, request
from flask.typing import ResponseReturnValue

from engine.bpmn import read_process
from engine.errors import InvalidDefinition, InvalidForm, InvalidInput, Refused
from engine.periods import BEIJING, beijing_day
from engine.queries.models import ModelView
from engine.workbench import symbols
from engine.workbench.beginnings import starts_of
from engine.workbench.coverage import flows_of
from engine.workbench.rehearsal import Rehearsal
from engine.workbench.samples import SAMPLE_FILE
from engine.workbench.scenario import (
    ENTRIES,
    Act,
    Clock,
    Complete,
    Scenario,
    Start,
    instant_of,
    step_data,
)
from engine.workbench.scenarios import ScenarioResult, covered, said
from web.designer import scenarios
from web.designer.base import bp, model_of, page, typed
from web.designer.workshop import Script, begin, rehearse, workshop
from web.engine import engine
from web.errors import status_of
from web.forms import values_from_request
from web.security import DOCUMENT_POLICY, acting

_NEW = "rehearsal"  # id of what is rehearsed from the start, not done again from a scenario


@dataclass
class _Shown:
    """A rehearsal, and what a request adds to its page: a refusal, a form as it was typed, results of scenarios."""

    one: Rehearsal | None = None
    refusal: Refused | None = None
    element: str = ""
    act: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, Any] = field(default_factory=dict)
    results: tuple[ScenarioResult, ...] = ()
    saved: str = ""


@bp.get("/models/<int:key>/rehearse")
def rehearsal(key: int) -> ResponseReturnValue:
    """Show the rehearsal that is under way, or how to begin one."""
    view, kept = model_of(key), workshop().rehearsals
    with kept.lock:
        found = kept.get(_name(key))
        return _page(view, _Shown(found.thing if found else None))


@bp.get("/models/<int:key>/rehearse/step")
def rehearsal_again(key: int) -> ResponseReturnValue:
    """Show the page under the address that its forms are sent to."""
    return rehearsal(key)


@bp.post("/models/<int:key>/rehearse/step")
def rehearsal_step(key: int) -> ResponseReturnValue:
    """Do one thing in the rehearsal; the page sends all its steps along, so that nothing rests on this server."""
    view, shown = model_of(key), _Shown()
    act, _, about = request.form.get("do", "").partition(":")
    if act == "run":
        with _refusals_on(shown):  # before the lock: it takes long, and nobody's rehearsal has to wait for it
            shown.results = scenarios.run(view, about)
    with workshop().rehearsals.lock:
        with _refusals_on(shown):
            _do(view, act, about, shown)
        status = 422 if shown.errors else status_of(shown.refusal) if shown.refusal else 200
        return _page(model_of(key), shown), status


def _do(view: ModelView, act: str, about: str, shown: _Shown) -> None:
    if act == "start":
        _begin(view, _started(), shown)
    elif act == "end":
        workshop().rehearsals.drop(_name(view.key))
    else:
        shown.one = _under_way(view)
        if act == "replay":
            _begin(view, scenarios.scenario_at(view, about), shown)
        elif act == "delete":
            scenarios.remove(view, about)
        elif act == "save":
            shown.saved = scenarios.save(view, _needed(shown), request.form.get("name", "").strip())
        elif act != "run":
            _STEPS.get(act, _unknown)(_needed(shown), about, shown)


@contextmanager
def _refusals_on(shown: _Shown) -> Iterator[None]:
    """Show on the page what is refused."""
    try:
        yield
    except InvalidForm as refused:
        shown.errors = dict(refused.errors)
    except Refused as refused:
        shown.refusal = refused


@bp.get("/models/<int:key>/rehearse/documents/<int:document>")
def rehearsal_document(key: int, document: int) -> ResponseReturnValue:
    """Return a document that was issued in the rehearsal."""
    model_of(key)
    kept = workshop().rehearsals
    with kept.lock:
        found = kept.get(_name(key))
        if found is None:
            raise InvalidInput("演练已经结束。", "The rehearsal is closed.")
        content, media, _ = found.thing.document(document)
    return Response(content, content_type=media, headers={"Content-Security-Policy": DOCUMENT_POLICY})


def _name(key: int) -> tuple[int, int]:
    return acting().user_key, key


def _under_way(view: ModelView) -> Rehearsal | None:
    script = request.form.get("script", "")
    if not script:
        return None
    found, stopped = rehearse(_name(view.key), view.revision, view.files, Script.read(script))
    if stopped is not None:
        raise stopped
    return found


def _begin(view: ModelView, scenario: Scenario, shown: _Shown) -> None:
    shown.one, shown.refusal = begin(_name(view.key), view.revision, view.files, Script(scenario))


def _needed(shown: _Shown) -> Rehearsal:
    if shown.one is None:
        raise InvalidInput("请先开始演练。", "Expected a rehearsal that is under way.")
    return shown.one


def _started() -> Scenario:
    at, entry = request.form.get("at"), request.form.get("entry", "")
    start = Start(
        at=instant_of(at, "开始时刻") if at else _today_at_ten(),
        event=request.form.get("event") or None,
        entry=entry if entry in ENTRIES else Start.entry,
    )
    return Scenario(_NEW, "演练", start)


def _today_at_ten() -> datetime:
    return datetime.combine(beijing_day(engine().clock.now()), datetime.min.time().replace(hour=10), BEIJING)


# Steps


def _complete(one: Rehearsal, about: str, shown: _Shown) -> None:
    element, _, of = about.partition("|")
    shown.element = about
    task = one.task(element, of or None)
    shown.values = _posted(task.view.form)
    one.do(Complete(element, symbols.named(shown.values, one.names()), of=of or None))
    shown.element, shown.values = "", {}


def _act(one: Rehearsal, about: str, shown: _Shown) -> None:
    form = one.act(about).form  # refused here, it is no form that the page could show
    shown.act, shown.values = about, _posted(form)
    one.do(Act(about, symbols.named(shown.values, one.names())))
    shown.act, shown.values = "", {}


def _sample(one: Rehearsal, about: str, shown: _Shown) -> None:
    element, _, of = about.partition("|")
    is_act = any(a.element_id == element for a in one.view().case.acts)
    shown.values = one.sample(element, of or None)
    shown.values = symbols.resolved(shown.values, {name: key for key, name in one.names().items()} | _FILES)
    if is_act:
        shown.act = element
    else:
        shown.element = about


def _choose(one: Rehearsal, about: str, shown: _Shown) -> None:
    shown.element = about


def _open_act(one: Rehearsal, about: str, shown: _Shown) -> None:
    shown.act = one.act(about).act.element_id


def _clock(one: Rehearsal, about: str, shown: _Shown) -> None:
    if about == "to":
        one.do(Clock(to=instant_of(request.form.get("to", ""), "要到达的时刻")))
    else:
        one.do(Clock(next="due") if about == "due" else Clock(working_days=1))


def _back(one: Rehearsal, about: str, shown: _Shown) -> None:
    one.back()


def _forward(one: Rehearsal, about: str, shown: _Shown) -> None:
    one.forward()


def _unknown(one: Rehearsal, about: str, shown: _Shown) -> None:
    raise InvalidInput("没有该操作。", "Expected a known act of the rehearsal.")


_STEPS: dict[str, Callable[[Rehearsal, str, _Shown], None]] = {
    "complete": _complete,
    "act": _act,
    "sample": _sample,
    "choose": _choose,
    "open": _open_act,
    "clock": _clock,
    "back": _back,
    "forward": _forward,
}
_FILES: dict[str, Any] = {SAMPLE_FILE: SAMPLE_FILE}


def _posted(form: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed; of files only that there is one, for their content is nobody's business here."""
    values = values_from_request(form, request.form)
    for component in form.get("components", []):
        if component.get("type") == "filepicker":
            key = component["key"]
            given = [f.filename for f in request.files.getlist(key) if f.filename]
            kept = request.form.getlist(f"{key}.sample")
            values[key] = [f"@file:{str(name).rpartition('.')[0] or name}.pdf" for name in given] or kept
    return values


# The page


def _page(view: ModelView, shown: _Shown) -> str:
    one = shown.one
    state = one.view() if one is not None else None
    task = act = None
    if one is not None and state is not None:
        if shown.act:
            act = one.act(shown.act)
        elif state.tasks:
            wanted = [t for t in state.tasks if f"{t.view.element_id}|{t.of or ''}" == shown.element]
            wanted += [t for t in state.tasks if t.view.element_id == shown.element]
            task = (wanted or list(state.tasks))[0]
    results = {r.path: r for r in shown.results}
    coverage = covered(shown.results) if shown.results else state.coverage if state else None
    process = one.definition.process if one is not None else _process(view)
    broken = isinstance(shown.refusal, InvalidDefinition)
    return page(
        "rehearse",
        "rehearse",
        view,
        state=state,
        today=beijing_day(state.now) if state else None,
        kept_script=Script.of(one).text() if one is not None else "",
        open_task=task,
        open_act=act,
        values=shown.values or _opening(task, act),
        errors=shown.errors,
        computed=task.view.computed if task else {},
        findings=shown.refusal.findings if isinstance(shown.refusal, InvalidDefinition) else (),
        messages=said(shown.refusal) if shown.refusal is not None and not broken else (),
        saved=shown.saved,
        replayed=state.scenario.name if state and state.scenario.id != _NEW else "",
        steps=[_step_words(step, process) for step in state.scenario.steps] if state else [],
        undone=[_step_words(step, process) for step in state.undone] if state else [],
        scenarios=scenarios.lines(view),
        results=results,
        coverage=coverage,
        names=_names(process) if process else {},
        starts=starts_of(process) if process else (),
        start_at=typed(_today_at_ten()),
        soon=typed(state.now + timedelta(days=1)) if state else "",
        command_id=uuid4().hex,
    )


def _opening(task: Any, act: Any) -> dict[str, Any]:
    if act is not None:
        return dict(act.values)
    return dict(task.view.values) if task is not None else {}


def _process(view: ModelView) -> Any:
    try:
        return read_process(view.files.get("process.bpmn", b""))
    except Refused:
        return None


def _names(process: Any) -> dict[str, str]:
    """Return what elements and flows are called: a flow by where it leads from and to."""
    nodes = process.nodes
    found = {n.id: n.name or n.id for n in nodes.values()}
    for flow in flows_of(process):
        ends = f"{found[flow.source]} → {found[flow.target]}"
        found[flow.id] = f"{ends}（{flow.name}）" if flow.name else ends
    return found


def _step_words(step: Any, process: Any) -> dict[str, Any]:
    data = step_data(step)
    kind, about = next(iter(data.items()))
    node = process.nodes.get(about.get("element", "")) if process else None
    return {"kind": kind, "about": about, "name": (node.name if node else "") or about.get("element", "")}
