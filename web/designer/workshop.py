"""What the workbench keeps in memory: rehearsals that are under way, what-ifs that run, scratch databases."""

import json
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock, RLock
from typing import Any

from flask import current_app

from engine.errors import InvalidInput, Refused
from engine.workbench.findings import check_files
from engine.workbench.rehearsal import Rehearsal
from engine.workbench.scenario import Scenario, from_data, scenarios_of, step_data, to_data
from engine.workbench.scenarios import ScenarioResult, must_pass, run_all
from engine.workbench.scratch import Scratches, definitions_in_use, notices_in_use
from engine.workbench.what_if import WhatIf
from web.engine import engine

MOST_REHEARSALS, MOST_WHAT_IFS = 8, 4
IDLE = 30 * 60
"""Seconds after which nobody is thought to come back; the page carries the steps, so nothing is lost."""

_MAKING = Lock()


@dataclass
class _Kept:
    thing: Any
    revision: int
    used: float = field(default_factory=time.monotonic)


class Shelf:
    """Keeps a few things that have to be closed, the latest used ones.

    Whoever uses one holds `lock`: one at a time, so that few designers do not slow down the desks.
    """

    def __init__(self, most: int) -> None:
        self.lock = RLock()
        self._most, self._kept = most, OrderedDict[Any, _Kept]()

    def get(self, name: Any) -> _Kept | None:
        """Return what is kept under a name."""
        self.tidy()
        kept = self._kept.get(name)
        if kept is not None:
            kept.used = time.monotonic()
            self._kept.move_to_end(name)
        return kept

    def put(self, name: Any, thing: Any, revision: int) -> None:
        """Keep something in the place of what was there."""
        self.drop(name)
        self._kept[name] = _Kept(thing, revision)
        self.tidy()

    def drop(self, name: Any) -> None:
        """Close what is kept under a name."""
        if (kept := self._kept.pop(name, None)) is not None:
            kept.thing.close()

    def tidy(self) -> None:
        """Close what is too much, or was left alone."""
        old = time.monotonic() - IDLE
        names = [name for name, kept in self._kept.items() if kept.used < old]
        names += list(self._kept)[: max(len(self._kept) - len(names) - self._most, 0)]
        for name in dict.fromkeys(names):
            self.drop(name)

    def clear(self) -> None:
        """Close everything."""
        with self.lock:
            for name in list(self._kept):
                self.drop(name)


class Workshop:
    """One for each application.

    Attributes:
        running: Held while scenarios are run: one model at a time, and no rehearsal waits for them.
        scratches: For rehearsals and scenarios; `replays` are for what-ifs.
    """

    def __init__(self) -> None:
        self.running = Lock()
        self.rehearsals, self.what_ifs = Shelf(MOST_REHEARSALS), Shelf(MOST_WHAT_IFS)
        self.scratches, self.replays = Scratches(), Scratches(most=1)

    def close(self) -> None:
        """Throw everything away."""
        self.rehearsals.clear()
        self.what_ifs.clear()
        self.scratches.close()
        self.replays.close()


def workshop() -> Workshop:
    """Return the application's."""
    with _MAKING:
        if "workshop" not in current_app.extensions:
            made = current_app.extensions["workshop"] = Workshop()
            # When the application goes, or the process ends: whichever comes first.
            weakref.finalize(current_app._get_current_object(), made.close)  # type: ignore[attr-defined]
        found: Workshop = current_app.extensions["workshop"]
        return found


def scenario_results(
    files: dict[str, bytes], chosen: Mapping[str, bytes] | None = None
) -> tuple[ScenarioResult, ...]:
    """Run scenarios of a model with the notices and procedures in use; see `must_pass`.

    Args:
        chosen: The scenarios by path; all of the model if None.
    """
    room, live = workshop(), engine()
    wanted = scenarios_of(files) if chosen is None else chosen
    with room.running:
        return run_all(wanted, files, notices_in_use(live), definitions_in_use(live), room.scratches)


def scenarios_must_pass(files: dict[str, bytes]) -> None:
    """Run the scenarios of files that pass the checks; what does not pass them is refused when it is published.

    Raises:
        ScenarioFailed: with the first sentence of each that did not come out as it says.
    """
    if any(path.startswith("scenarios/") for path in files) and not any(
        one.severity == "error" for one in check_files(files)
    ):
        must_pass(scenario_results(files))


def rehearse(
    name: Any, revision: int, files: dict[str, bytes], script: "Script"
) -> tuple[Rehearsal, Refused | None]:
    """Return the rehearsal that a page shows: the one in memory, or one built anew; see `begin`."""
    kept = workshop().rehearsals.get(name)
    if kept is not None and kept.revision == revision and Script.of(kept.thing) == script:
        return kept.thing, None
    return begin(name, revision, files, script)


def begin(
    name: Any, revision: int, files: dict[str, bytes], script: "Script"
) -> tuple[Rehearsal, Refused | None]:
    """Build a rehearsal from its steps, and keep it in the place of the one before.

    Returns:
        The rehearsal, and why not all of the steps could be done again.

    Raises:
        Refused: the draft cannot be executed, or the case cannot begin; the one before stays.
    """
    room, live = workshop(), engine()
    rehearsal = Rehearsal(
        room.scratches,
        files,
        replace(script.scenario, steps=()),
        notices_in_use(live),
        definitions_in_use(live),
    )
    stopped: Refused | None = None
    for step in script.scenario.steps:
        try:
            rehearsal.do(step)
        except Refused as refusal:
            stopped = refusal
            break
    if stopped is None:
        rehearsal.undone = script.undone
    room.rehearsals.put(name, rehearsal, revision)
    return rehearsal, stopped


def what_if(name: Any, revision: int, make: Callable[[], WhatIf]) -> WhatIf:
    """Begin a what-if in the place of the one before."""
    room = workshop()
    room.what_ifs.drop(name)
    found = make()
    room.what_ifs.put(name, found, revision)
    return found


@dataclass(frozen=True)
class Script:
    """A rehearsal as a page carries it: its steps, and those that were taken back."""

    scenario: Scenario
    undone: tuple[Any, ...] = ()

    @classmethod
    def of(cls, rehearsal: Rehearsal) -> "Script":
        """Return the script of a rehearsal."""
        return cls(rehearsal.scenario, rehearsal.undone)

    @classmethod
    def read(cls, text: str) -> "Script":
        """Return what a page sent back.

        Raises:
            InvalidInput: it is no script, or its steps are none.
        """
        try:
            data = json.loads(text)
            scenario = from_data(data["scenario"])
            undone = from_data({**data["scenario"], "steps": data["undone"]}).steps
        except (ValueError, KeyError, TypeError, RecursionError) as fault:
            raise InvalidInput(
                f"演练的步骤无法读取：{fault}", f"Expected the steps of a rehearsal: {fault}"
            ) from None
        return cls(scenario, undone)

    def text(self) -> str:
        """Return it as the page keeps it."""
        return json.dumps(
            {"scenario": to_data(self.scenario), "undone": [step_data(s) for s in self.undone]},
            ensure_ascii=False,
        )
