"""Broken definitions are refused or accepted: no crash, no hang, no file read, no call to anybody.

`make soak` runs more of them (SHIXIAN_MUTANTS), and only there is time measured: a test that runs beside others
must not fail because they are slow. One in ten is a DMN table.
"""

import faulthandler
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.definitions import read_definition
from engine.errors import InvalidDefinition
from engine.process_files import PROCESSES, definition_files
from tests.processes.mutants import mutant
from tests.processes.test_ad_hoc import consulting
from tests.processes.test_decisions import ROWS, table
from tests.processes.test_scope_limits import inside, whole
from tests.processes.test_several_calls import annual
from tests.processes.test_starts import listening, starting

MUTANTS = int(os.environ.get("SHIXIAN_MUTANTS", "300"))
FIRST = int(os.environ.get("SHIXIAN_MUTANTS_FROM", "0"))
SOAK = MUTANTS >= 1000
LONGEST = 2.0  # seconds of this process's own time; longer is a hang
STUCK = 600.0  # seconds of anybody's time, after which the soak ends with a trace: even C code is named so
_opened: list[str] = []
_watching = threading.Event()


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    if _watching.is_set() and event in ("open", "socket.connect", "os.system", "subprocess.Popen", "exec"):
        _opened.append(f"{event} {arguments[:1]}"[:200])


sys.addaudithook(_watch)


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


def folder(name: str) -> dict[str, bytes]:
    return definition_files(PROCESSES / name)


def shipped() -> list[dict[str, bytes]]:
    files = [folder(name) for name in ("ln_art12_application", "ln_art12_grant")]
    files[1]["decisions/d.dmn"] = DMN
    return files


def drawn() -> list[dict[str, bytes]]:
    """What begins by itself, calls several, and holds event or ad-hoc sub-processes."""
    xmls = (*annual(), listening(), starting(roll="next_wd"), consulting(2), inside(True), whole(False))
    return [{"process.bpmn": xml} for xml in xmls]


DMN = table(ROWS).replace(b"<text>level<", b"<text>title<").replace(b"<text>days<", b"<text>origin<")


@pytest.mark.parametrize("sources", [shipped, drawn])
def test_mutants_are_refused_or_accepted(
    server: socket.socket, tmp_path: Path, sources: Callable[[], list[dict[str, bytes]]]
) -> None:
    canary = tmp_path / "canary"
    canary.write_text("CANARY-4711")
    address = f"127.0.0.1:{server.getsockname()[1]}"
    sound = sources()
    for files in sound:
        read_definition(1, 1, files)  # what is loaded once is loaded before the watch begins
    faults, accepted = [], 0
    # A process that is stuck has no other way to say at which mutant, and where in it.
    at = os.open(os.environ.get("SHIXIAN_MUTANTS_AT", str(tmp_path / "at")), os.O_CREAT | os.O_RDWR)

    for number in range(FIRST, FIRST + MUTANTS):
        files = dict(sound[number % len(sound)])
        path = "decisions/d.dmn" if number % 10 == 9 and sources is shipped else "process.bpmn"
        source = DMN if path.endswith("dmn") else files["process.bpmn"]
        files[path] = mutant(number, [source], address, str(canary))
        if SOAK:
            os.pwrite(at, f"mutant {number}\n".encode(), 0)
            faulthandler.dump_traceback_later(STUCK, exit=True, file=at)
        began = time.process_time()
        _opened.clear()
        _watching.set()
        try:
            read_definition(1, 1, files)
            accepted += 1
        except InvalidDefinition as refused:
            if "CANARY" in str(refused):
                faults.append(f"{number} read a file")
        except Exception as crash:
            faults.append(f"{number} crashed: {type(crash).__name__}: {crash}"[:300])
        finally:
            _watching.clear()
        if SOAK and (took := time.process_time() - began) > LONGEST:
            faults.append(f"{number} took {took:.1f} s")
        faults += [f"{number}: {what}" for what in _opened]

    faulthandler.cancel_dump_traceback_later()
    os.close(at)
    assert faults == []
    assert 0 < accepted < MUTANTS
    with pytest.raises(BlockingIOError):
        server.accept()
