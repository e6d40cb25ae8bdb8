"""A case played again, as JSON that stays small: a thousand events in 300 kB.

Every text stands once, in `texts`, and is named by its place there; so are elements, days and countings. Instants are
seconds since 1970 in UTC, keys are decimal strings, and what is empty is left out. Numbers of counted days are not
there at all: the page counts them, so that it can say how many there were so far at any step.
"""

from collections.abc import Callable, Hashable
from datetime import datetime
from typing import Any

from engine.queries.replay.views import (
    CountedDay,
    Counting,
    Phase,
    Replay,
    ReplayLimit,
    ReplayStep,
    Tenure,
    Version,
)

Say = Callable[[str], str]


def compact(found: Replay, say: Say = str) -> dict[str, Any]:
    """Return a replay as JSON values.

    Args:
        say: Puts a text of the engine into the language of the page.
    """
    tables = _Tables(say)
    steps = [_step(step, tables) for step in found.steps]
    limits = [_limit(limit, tables) for limit in found.limits]
    tenures = [_tenure(tenure, tables) for tenure in found.tenures]
    visits = [[tables.elements(e), began, ended or 0] for e, began, ended in found.visits]
    names = {id: name for version in reversed(found.versions) for id, name in version.elements.items()}
    return {
        "case": {"number": found.business_id, "ended": found.ended},
        "versions": [_version(version, names) for version in found.versions],
        "elements": [[id, names.get(id, id)] for id in tables.elements.kept],
        "steps": _with_versions(steps, found),
        "visits": visits,
        "limits": limits,
        "tenures": tenures,
        "countings": [_counting(c, tables) for c in tables.countings.kept],
        "days": tables.days.kept,
        "texts": tables.texts.kept,
    }


class _Table:
    """Things that stand once and are named by their place."""

    def __init__(self) -> None:
        self.kept: list[Any] = []
        self._places: dict[Hashable, int] = {}

    def __call__(self, thing: Any) -> int:
        if thing not in self._places:
            self._places[thing] = len(self.kept)
            self.kept.append(thing)
        return self._places[thing]


class _Tables:
    def __init__(self, say: Say) -> None:
        self._say = say
        self.texts, self.elements, self.days, self.countings = _Table(), _Table(), _Table(), _Table()
        self.text("")  # place 0 is no text at all

    def text(self, text: str | None) -> int:
        return self.texts(self._say(text or ""))

    def day(self, day: CountedDay) -> int:
        told = (self.text(day.reason), self.text(day.document), self.text(day.sentence))
        return self.days((day.role, int(day.number is not None), int(day.extension), *told))


def _version(version: Version, names: dict[str, str]) -> dict[str, Any]:
    """Return a version, with the names of its elements that differ from what they were called first."""
    others = {id: name for id, name in version.elements.items() if names[id] != name}
    return {"key": str(version.key), "number": version.number, **({"names": others} if others else {})}


def _step(step: ReplayStep, tables: _Tables) -> dict[str, Any]:
    who = [step.who.name, step.who.organisation, step.who.role, step.who.stands_for]
    values: dict[str, Any] = {
        "s": step.seq,
        "y": step.type,
        "x": tables.text(step.text),
        "a": _seconds(step.occurred_at),
        "r": _seconds(step.recorded_at) if _seconds(step.recorded_at) != _seconds(step.occurred_at) else None,
        "p": _seconds(step.planned_at) if step.planned_at else None,
        "w": _trimmed([tables.text(text) for text in who]),
        "e": tables.elements(step.element_id) + 1 if step.element_id else None,
        "n": step.visit,
        "f": [tables.text(flow) for flow in step.taken],
        "k": [tables.elements(token) for token in step.tokens],
        "d": step.deviation,
        "c": [
            [tables.text(c.form), tables.text(c.label), _maybe(c.before, tables), _maybe(c.after, tables)]
            for c in step.changes
        ],
        "m": int(step.minor),
        "b": step.mark,
    }
    if step.paper is not None:
        p = step.paper
        values["i"] = [str(p.key), p.title, p.number, p.sha256]
    # Tokens that stand nowhere are told by an empty list, which must not be left out.
    return {name: value for name, value in values.items() if name == "k" or value not in (None, 0, "", [])}


def _with_versions(steps: list[dict[str, Any]], found: Replay) -> list[dict[str, Any]]:
    """Say version and tokens only where they are others than before."""
    places = {version.key: n for n, version in enumerate(found.versions)}
    tokens: Any = None
    version = 0
    for values, step in zip(steps, found.steps, strict=True):
        if values["k"] == tokens:
            del values["k"]
        else:
            tokens = values["k"]
        if places[step.definition_key] != version:
            version = values["v"] = places[step.definition_key]
    return steps


def _maybe(text: str | None, tables: _Tables) -> int:
    return -1 if text is None else tables.text(text)


def _limit(limit: ReplayLimit, tables: _Tables) -> dict[str, Any]:
    return {
        "key": str(limit.key),
        "element": tables.elements(limit.element_id),
        "name": tables.text(limit.name),
        "org": tables.text(limit.organisation),
        "basis": tables.text(limit.basis),
        "kind": "document" if limit.set_by else limit.kind,
        "length": tables.text(limit.length),
        "binding": int(limit.binding),
        "phases": [_phase(phase, tables) for phase in limit.phases],
        "late": _days(limit.late, tables) if limit.late else None,
        "wd": limit.late_wd,
        "cd": limit.late_cd,
    }


def _phase(phase: Phase, tables: _Tables) -> list[Any]:
    now = tables.countings(phase.now) if phase.now is not None else -1
    flags = int(phase.kept) + 2 * int(phase.recorded_otherwise)
    then = tables.countings(phase.then)
    return [phase.seq, phase.state, phase.due_on.isoformat(), _seconds(phase.known_at), then, now, flags]


def _counting(counting: Counting, tables: _Tables) -> dict[str, Any]:
    return {
        "due": counting.due_on.isoformat(),
        "status": counting.status,
        "rule": [tables.text(sentence) for sentence in counting.rule],
        **_days(counting.days, tables),
    }


def _days(days: tuple[CountedDay, ...], tables: _Tables) -> dict[str, Any]:
    """Return days that follow each other: the first one, and what each of them is."""
    return {"from": days[0].date.isoformat(), "days": [tables.day(day) for day in days]}


def _tenure(tenure: Tenure, tables: _Tables) -> list[Any]:
    told = (tenure.name, tenure.organisation, tenure.holder, tenure.stands_for)
    return [*(tables.text(text) for text in told), tenure.since, tenure.until or 0, tenure.how]


def _trimmed(places: list[int]) -> list[int]:
    while places and places[-1] == 0:
        places.pop()
    return places


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
