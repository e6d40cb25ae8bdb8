"""What a model would have made of the finished cases: counts for designers, cases for those who may see them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engine.bpmn import read_process
from engine.errors import InvalidInput, NotAllowed, Refused
from engine.people import Actor
from engine.periods import beijing_day
from engine.process_files import PROCESS
from engine.queries import what_if as queries
from engine.workbench.files import process_id_of
from engine.workbench.what_if import WhatIf, period_before
from engine.workbench.what_if_outcomes import (
    SMALL,
    CaseOutcome,
    countable,
    counted,
    first_of_quarter,
    whole_quarters,
)
from web.designer.base import bp, model_of, page
from web.designer.workshop import what_if as begin_what_if
from web.designer.workshop import workshop
from web.engine import engine
from web.errors import status_of
from web.language import said
from web.security import acting


@bp.get("/models/<int:key>/what-if")
def what_if(key: int) -> ResponseReturnValue:
    """Show what was computed last: counts to a designer, cases to an auditor or a managing department."""
    _must_be_reader()
    kept = workshop().what_ifs
    with kept.lock:
        found = kept.get(_name(key))
        return _page(key, found.thing if found else None)


@bp.post("/models/<int:key>/what-if")
def run_what_if(key: int) -> ResponseReturnValue:
    """Begin to compute, or compute a slice more."""
    _must_be_reader()
    room = workshop()
    with room.what_ifs.lock:
        kept = room.what_ifs.get(_name(key))
        try:
            if request.form.get("do") == "stop":
                room.what_ifs.drop(_name(key))
                return _page(key, None)
            if request.form.get("do") == "begin" or kept is None:
                since, until = _period(acting())
                revision, files = _content(key)
                found = begin_what_if(
                    _name(key), revision, lambda: WhatIf(engine(), files, since, until, room.replays)
                )
            else:
                found = kept.thing
            found.advance()
        except Refused as refusal:
            return _page(key, None, refusal), status_of(refusal)
        return _page(key, found)


def _name(key: int) -> tuple[int, int]:
    # Each reader has a run of their own: one who may see cases never gets less, one who may not never more.
    return acting().user_key, key


def _sees_cases(actor: Actor) -> bool:
    """Say whether the person may see cases of many departments: an auditor, or staff of a managing department (C.6)."""
    if actor.holds("auditor"):
        return True
    managing = engine().queries.search(queries.managing_departments)
    return any(org in managing and role in ("handler", "head") for org, role in actor.roles)


def _must_be_reader() -> None:
    actor = acting()
    if not (actor.holds("designer") or _sees_cases(actor)):
        raise NotAllowed(
            "影响测算由流程设计人员、审计人员和管理部门使用。",
            "Expected a designer, an auditor or a managing department.",
        )


def _period(actor: Actor) -> tuple[date, date]:
    since, until = period_before(beijing_day(engine().clock.now()))
    try:
        since = date.fromisoformat(request.form.get("since") or since.isoformat())
        until = date.fromisoformat(request.form.get("until") or until.isoformat())
    except ValueError:
        raise InvalidInput("请填写起止日期。", "Expected two days.") from None
    if since > until:
        raise InvalidInput("开始日期应不晚于结束日期。", "Expected the first day not after the last.")
    return _told_of(actor, since, until)


def _told_of(actor: Actor, since: date, until: date) -> tuple[date, date]:
    """Return the period that is computed: whole quarters where counts are told, see `countable`."""
    return whole_quarters(since, until) if actor.holds("designer") else (since, until)


def _content(key: int) -> tuple[int, dict[str, bytes]]:
    """Return the newest revision of a model and its files, to whoever may compute."""
    found: tuple[int, dict[str, bytes]] = engine().queries.search(queries.newest_files, key)
    return found


def _page(key: int, run: WhatIf | None, refusal: Refused | None = None) -> str:
    actor = acting()
    today = beijing_day(engine().clock.now())
    since, until = (run.since, run.until) if run is not None else _told_of(actor, *period_before(today))
    values: dict[str, Any] = {
        "run": run,
        "since": since,
        "until": until,
        "error": said(refusal) if refusal else None,
        "names": _element_names(key),
        "small": SMALL,
    }
    if actor.holds("designer"):  # counts only, whatever else the person may see
        view = model_of(key)
        counts = told(run.results) if run is not None and run.results is not None else None
        return page("what_if", "what-if", view, counts=counts, cases=None, **values)
    _content(key)
    cases = (
        engine().queries.search(queries.visible_outcomes, actor, run.results or ())
        if run is not None
        else None
    )
    name = engine().queries.search(queries.model_name, key)
    return render_template(
        "designer/what_if_cases.html", model_key=key, model_name=name, counts=None, cases=cases, **values
    )


def _element_names(key: int) -> dict[str, str]:
    _, files = _content(key)
    if not process_id_of(files.get(PROCESS, b"")):
        return {}
    try:
        return {n.id: n.name or n.id for n in read_process(files[PROCESS]).nodes.values()}
    except Refused:
        return {}


def told(results: Sequence[CaseOutcome]) -> dict[str, Any]:
    """Return what a designer is told: numbers of the cases that may be counted, and what else there was.

    Of a quarter in which none may be counted nothing is told at all.
    """
    of = countable(results)
    quarters = {first_of_quarter(one.ended_on) for one in of}
    every = counted([one for one in results if first_of_quarter(one.ended_on) in quarters])
    counts = counted(of)

    def number(n: int) -> str:
        return str(n) if n else f"<{SMALL}"

    return {
        "cases": len(of),
        "left_out": len(of) < len(results),
        "elsewhere": number(counts.elsewhere) if every.elsewhere else "0" if of else "",
        "moved": [
            (*limit, [(*pair, number(counts.moved.get(limit, {}).get(pair, 0))) for pair in sorted(found)])
            for limit, found in every.moved.items()
        ],
        "diverged": [(*place, number(counts.diverged.get(place, 0))) for place in sorted(every.diverged)],
    }
