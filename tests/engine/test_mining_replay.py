"""Process mining reads what leaves the platform: pm4py replays the demonstration's logs on the BPMN beside them."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pm4py
import pytest
from pm4py.objects.log.obj import Event, EventLog, Trace
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.definitions import load_definition, read_definition
from engine.demo.cases import BEGIN, END
from engine.demo.driver import play
from engine.history.chain import parse
from engine.mining import bpmn_export, xes
from engine.mining import playback as playing
from engine.mining.activities import labels
from engine.mining.masks import Masks
from engine.process_files import definition_files, shipped
from engine.queries import mining
from engine.queries.reader import Reader
from engine.storage.tables import event, process_definition, process_instance
from tests.conftest import open_engine
from tests.databases import Databases
from tests.engine.test_calendar_notices import named
from tests.processes.test_random_processes import _TwiceRound, random_process

pytestmark = [
    pytest.mark.only("sqlite"),  # the files are the same on every database
    # Says that a faster reader could be installed; a warning about our files would still be an error.
    pytest.mark.filterwarnings("ignore:Install the optional requirement `r4pm`:UserWarning"),
]

PROCEDURES = [folder.name for folder in shipped()]
"""Every procedure that ships."""


@pytest.fixture(scope="module")
def played(databases: Databases) -> Iterator[Engine]:
    """The demonstration, and six weeks after its curtain: what waits for a day has ended by then too."""
    database = databases.new()
    engine = open_engine(database, BEGIN)
    play(engine)
    engine.handle(c.SetClock(actor=None, at=END + timedelta(days=45)))
    yield engine
    engine.close()
    databases.drop(database)


def written(engine: Engine, choice: mining.Choice, format: str, path: Path) -> mining.Made:
    with path.open("wb") as sink:
        made: mining.Made = engine.queries.search(
            mining.export, named(engine, "audit"), choice, format, Masks(), sink
        )
    return made


def deviating(engine: Engine, process_id: str) -> dict[str, bool]:
    """Return for each finished case of a procedure whether our own playback finds that it left the model."""
    of = process_instance.c
    ended = select(of.key, of.business_id).where(of.process_id == process_id, of.ended_at.is_not(None))
    with engine.database.reading() as conn:
        found = {}
        for key, number in conn.execute(ended).all():
            bodies = select(event.c.body).where(event.c.stream == key).order_by(event.c.seq)
            events = [parse(body) for body in conn.execute(bodies).scalars()]
            found[number] = bool(playing.play(events, lambda k: load_definition(conn, k)).deviations)
        return found


def finished(reader: Reader, process_id: str) -> bytes:
    """Return the log of all finished cases of a procedure, those too that are withheld from the auditor."""
    of = process_instance.c
    ended = select(process_instance).where(of.process_id == process_id, of.ended_at.is_not(None))
    return b"".join(xes.write(mining.traces(reader, reader.conn.execute(ended).all(), Masks())))


def net_of(engine: Engine, process_id: str, path: Path) -> Any:
    """Return the Petri net that pm4py makes of our BPMN."""
    with engine.database.reading() as conn:
        newest = select(process_definition.c.key).where(process_definition.c.process_id == process_id)
        key = conn.execute(newest).scalar_one()
    path.write_bytes(engine.queries.search(mining.bpmn_of_version, named(engine, "audit"), key))
    return pm4py.convert_to_petri_net(pm4py.read_bpmn(str(path)))


def number(trace: Any) -> str:
    return str(trace.attributes["concept:name"])


@pytest.mark.parametrize("process_id", PROCEDURES)
def test_every_finished_case_without_deviations_is_replayed_with_fitness_one(
    played: Engine, tmp_path: Path, process_id: str
) -> None:
    (tmp_path / "log.xes").write_bytes(played.queries.search(finished, process_id))
    log = pm4py.read_xes(str(tmp_path / "log.xes"), return_legacy_log_object=True)
    left = deviating(played, process_id)
    straight = EventLog([trace for trace in log if not left[number(trace)]])

    found = pm4py.conformance_diagnostics_token_based_replay(
        straight, *net_of(played, process_id, tmp_path / "model.bpmn")
    )

    assert {number(trace) for trace in log} == set(left)
    assert len(found) == len(straight) > 0
    assert {number(t): r["trace_fitness"] for t, r in zip(straight, found, strict=True)} == {
        number(t): 1.0 for t in straight
    }
    assert all(r["trace_is_fit"] and not r["remaining_tokens"] for r in found)


def test_the_default_way_through_a_table_comes_to_the_same(played: Engine, tmp_path: Path) -> None:
    written(played, mining.Choice("ln_art12_application", state="ended"), "xes", tmp_path / "log.xes")
    table = pm4py.read_xes(str(tmp_path / "log.xes"))

    found = pm4py.fitness_token_based_replay(
        table, *net_of(played, "ln_art12_application", tmp_path / "model.bpmn")
    )

    assert found["percentage_of_fitting_traces"] == 100.0
    assert found["average_trace_fitness"] == 1.0


def test_what_did_not_happen_so_does_not_fit(played: Engine, tmp_path: Path) -> None:
    """A model on which everything fits would prove nothing: most changed traces are found out."""
    net = net_of(played, "ln_art12_application", tmp_path / "model.bpmn")
    written(played, mining.Choice("ln_art12_application", state="ended"), "xes", tmp_path / "log.xes")
    log = pm4py.read_xes(str(tmp_path / "log.xes"), return_legacy_log_object=True)
    chance = random.Random(8)
    swapped, foreign = EventLog(), EventLog()
    for trace in log:
        events = list(trace)
        first = next(n for n, one in enumerate(events) if one["shixian:element"] == "T12-01")
        after = next(n for n in range(first, len(events)) if events[n]["shixian:element"] != "T12-01")
        events[first], events[after] = events[after], events[first]
        swapped.append(Trace(events))
        shuffled = list(trace)
        chance.shuffle(shuffled)
        foreign.append(Trace(shuffled))

    fits = Counter(
        (kind, found["trace_is_fit"])
        for kind, changed in (("swapped", swapped), ("shuffled", foreign))
        for found in pm4py.conformance_diagnostics_token_based_replay(changed, *net)
    )

    assert fits["swapped", True] == 0
    assert fits["shuffled", True] <= len(log) // 10  # a trace of two events may come out as it went in


def test_a_step_that_a_rule_cannot_leave_out_is_missed(played: Engine, tmp_path: Path) -> None:
    net = net_of(played, "ln_art13_verification", tmp_path / "model.bpmn")
    written(played, mining.Choice("ln_art13_verification", state="ended"), "xes", tmp_path / "log.xes")
    log = pm4py.read_xes(str(tmp_path / "log.xes"), return_legacy_log_object=True)
    checked = [trace for trace in log if any(one["shixian:element"] == "T13-03" for one in trace)]
    without = EventLog([Trace([one for one in t if one["shixian:element"] != "T13-03"]) for t in checked])

    found = pm4py.conformance_diagnostics_token_based_replay(without, *net)

    assert found and not any(one["trace_is_fit"] for one in found)


@pytest.mark.parametrize("folder", [pytest.param(f, id=f.name) for f in shipped()])
def test_the_drawing_has_every_visible_element_once_and_loses_nothing(folder: Path) -> None:
    process = read_definition(1, 1, definition_files(folder), rules=False).process

    new = bpmn_export.drawn(process)

    assert new.lost == []
    assert {vertex: new.names[vertex] for vertex in new.names if vertex in new.kinds} == labels(process)
    assert {source for source, _ in new.flows} | {"End"} == set(new.kinds)
    assert {target for _, target in new.flows} | {"Start"} == set(new.kinds)


@pytest.mark.parametrize("seed", range(12))
def test_a_random_process_is_replayed_on_its_drawing(seed: int, tmp_path: Path) -> None:
    """Blocks, choices, loops and sub-processes one inside another, played three times in any order."""
    draft, xml, ways = random_process(seed)
    told, process = EventLog(), None
    for _ in range(3):
        play = _TwiceRound(xml, ways=list(ways))
        process = play.program.process
        named_so = labels(process)
        done = [one for one in play.trace if one in named_so]
        while play.waiting:
            before, act = len(play.trace), draft.rng.choice(play.waiting)
            play.do(act)
            done += [act, *(one for one in play.trace[before:] if one in named_so)]
        told.append(Trace([Event({"concept:name": named_so[one]}) for one in done]))
    assert process is not None
    (tmp_path / "model.bpmn").write_bytes(bpmn_export.mining_bpmn(process))

    net = pm4py.convert_to_petri_net(pm4py.read_bpmn(str(tmp_path / "model.bpmn")))
    found = pm4py.conformance_diagnostics_token_based_replay(told, *net)

    assert {t.label for t in net[0].transitions if t.label} == set(labels(process).values())
    assert [one["trace_fitness"] for one in found] == [1.0] * 3


def test_xes_with_starts_is_read_and_pairs_every_piece_of_work(played: Engine, tmp_path: Path) -> None:
    written(played, mining.Choice("ln_art20_rectification"), "xes_pairs", tmp_path / "log.xes")
    log = pm4py.read_xes(str(tmp_path / "log.xes"), return_legacy_log_object=True)

    told = Counter((one["shixian:type"], one["lifecycle:transition"]) for trace in log for one in trace)

    assert told["userTask", "start"] == told["userTask", "complete"] > 0
    assert not any(kind != "userTask" and transition == "start" for kind, transition in told)


def test_ocel_is_read_with_its_objects_relations_and_changes(played: Engine, tmp_path: Path) -> None:
    made = written(played, mining.Choice(), "ocel", tmp_path / "log.jsonocel")

    log = pm4py.read_ocel2_json(str(tmp_path / "log.jsonocel"))

    objects = orjson.loads((tmp_path / "log.jsonocel").read_bytes())["objects"]
    assert sum(one["type"] in PROCEDURES for one in objects) == made.cases
    types = Counter(log.objects["ocel:type"])  # pm4py leaves out objects that no event is about yet
    assert set(types) == {*PROCEDURES, "task", "deadline", "document", "resource", "department"}
    assert set(log.relations["ocel:qualifier"]) == {
        "case",
        "about",
        "work on",
        "department",
        "within",
        "issues",
    }
    assert set(log.o2o["ocel:qualifier"]) >= {"issued", "limited by", "comes from", "part of", "using"}
    changed = log.object_changes[log.object_changes["ocel:field"] == "due"]
    assert len(changed) > 0  # beside the first, which is the object's: a limit that was extended
    assert set(log.relations["ocel:oid"]) <= set(log.objects["ocel:oid"])
