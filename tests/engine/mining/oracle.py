"""What the engine's tokens really did, to hold against what playing a history finds."""

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.app import Engine
from engine.commands import Command
from engine.definitions import load_definition
from engine.events import InstanceStarted
from engine.handlers.case import Case
from engine.history.chain import Recorded, parse
from engine.mining.playback import Playback, play
from engine.runner import Machine, Moved, watching
from engine.storage.tables import event, process_instance, snapshot
from engine.workbench.coverage import Tracker


class Oracle:
    """Watches every command of an engine, and afterwards asks for its cases to be played.

    Attributes:
        commands: How many were watched that moved a token.
    """

    def __init__(self, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
        self._engine = engine
        self._handle: Callable[[Command], dict[str, Any]] = engine.handle
        self._taken: dict[int, Counter[str]] = defaultdict(Counter)
        self.commands = 0
        self.wrong: list[str] = []
        self._running: list[Case] = []
        monkeypatch.setattr(engine, "handle", self._watched)
        save = Case.save

        def saved(case: Case) -> None:
            self._running.append(case)
            save(case)

        monkeypatch.setattr(Case, "save", saved)

    def _watched(self, command: Command) -> dict[str, Any]:
        self._running.clear()
        with self._engine.database.reading() as conn:
            before = conn.execute(select(func.max(event.c.position))).scalar() or 0
        moves: list[Moved] = []
        with watching(moves.append):
            answer = self._handle(command)
        if moves:
            self._hold(moves, before, type(command).__name__)
        return answer

    def _hold(self, moves: list[Moved], before: int, name: str) -> None:
        """Play the cases that a command moved up to it, and hold them against what their tokens did."""
        self.commands += 1
        with self._engine.database.reading() as conn:
            streams = conn.execute(
                select(process_instance.c.key, process_instance.c.process_id)
                .where(
                    process_instance.c.key.in_(select(event.c.stream).where(event.c.position > before)),
                )
                .order_by(process_instance.c.key)
            ).all()
            for key, process_id in streams:
                mine = [moved for moved in moves if moved.process_id == process_id]
                case = next((c for c in reversed(self._running) if c.key == key), None)
                if case is None or not mine:
                    continue
                tracker = Tracker(case.process)
                for moved in mine:
                    self._taken[key].update(tracker._of(moved)[1])
                events = history(conn, key)
                played = play(events, lambda of: load_definition(conn, of))
                self._compare(conn, key, played, f"{process_id} {key} after {name}")

    def _compare(self, conn: Any, key: int, played: Playback, where: str) -> None:
        taken = Counter(flow for step in played.steps for flow in step.taken)
        if taken != self._taken[key]:
            self.wrong.append(
                f"{where}: taken {dict(self._taken[key] - taken)}, found {dict(taken - self._taken[key])}"
            )
        stand = standing(conn, key)
        if set(played.steps[-1].tokens) != stand:
            self.wrong.append(f"{where}: tokens at {sorted(stand)}, found {sorted(played.steps[-1].tokens)}")
        if any(found.kind == "no_way" for found in played.deviations):
            self.wrong.append(f"{where}: {played.deviations}")


def standing(conn: Any, key: int) -> set[str]:
    """Return the elements where a case's tokens stand, by the snapshot that is kept beside its history."""
    row = conn.execute(
        select(snapshot.c.data, process_instance.c.definition_key, process_instance.c.ended_at)
        .join(process_instance, process_instance.c.key == snapshot.c.instance_key)
        .where(snapshot.c.instance_key == key)
    ).first()
    if row is None or row.ended_at is not None:
        return set()
    machine = Machine(load_definition(conn, row.definition_key).program, lambda text: None, row.data)
    return {element_id.removesuffix(":done") for element_id in machine.tokens}


def history(conn: Any, key: int) -> list[Recorded]:
    """Return the events of a case."""
    bodies = select(event.c.body).where(event.c.stream == key).order_by(event.c.seq)
    return [parse(body) for body in conn.execute(bodies).scalars()]


def cases(conn: Any) -> list[int]:
    """Return every case."""
    return list(
        conn.execute(select(event.c.stream).where(event.c.type == InstanceStarted.__name__)).scalars()
    )
