"""The product as it is served: from the start of a process to its first answer, and completions through the API."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine import commands as c
from engine.app import Engine
from engine.clock import FixedClock
from engine.demo.cases import BEGIN, Desk
from engine.demo.seed import DEMO_PASSWORD, seed
from web.bench.step import prepared
from web.config import Settings

_HOST = "127.0.0.1"
_SETTLING = 8.0  # seconds in which a process that has just begun to answer unpacks its type


def measure_http(
    folder: Path, cases: int, url: str = "", workers: int = 1, clients: int = 16
) -> dict[str, Any]:
    """Return completions per second through the API, and the milliseconds each took its client.

    The clients are threads of one further process on the same cores; each keeps its connection, as a proxy does.

    Args:
        url: An empty PostgreSQL database; SQLite without, where one process is all there may be.
        workers: Processes that serve.
    """
    file = folder / "rehearsal.db"
    engine = Engine(url or file, Settings().notices, clock=FixedClock(BEGIN), rehearsal=True)
    seed(engine)
    engine.handle(c.SetClock(actor=None, at=BEGIN))
    commands = prepared(Desk(engine), cases)
    engine.close()
    environ = {"SHIXIAN_DATA": str(folder), "SHIXIAN_REHEARSAL": "1", "SHIXIAN_DATABASE_URL": url}
    started: list[float] = []
    with _served(environ, workers, started) as ports:
        tokens = {name: _token(ports[0], name) for name in {k.actor.username for k in commands if k.actor}}
        shares = [(ports[n % workers], commands[n::clients]) for n in range(clients)]
        begun = time.perf_counter()
        with ThreadPoolExecutor(clients) as pool:
            taken = sorted(
                t
                for found in pool.map(lambda share: _complete(share[0], share[1], tokens), shares)
                for t in found
            )
        took = time.perf_counter() - begun
    return {
        "database": "postgresql" if url else "sqlite",
        "workers": workers,
        "clients": clients,
        "completions": len(taken),
        "completions_per_second": round(len(taken) / took, 1),
        "milliseconds_p50": round(taken[len(taken) // 2] * 1000, 1),
        "milliseconds_p95": round(taken[int(len(taken) * 0.95)] * 1000, 1),
        "start_to_first_answer_seconds": round(max(started), 2),
    }


@contextmanager
def _served(environ: dict[str, str], workers: int, started: list[float]) -> Iterator[list[int]]:
    """Yield the ports of processes that serve; they are started one after the other."""
    ports, running = [_free_port() for _ in range(workers)], []
    try:
        for port in ports:
            begun = time.perf_counter()
            code = "from web.cli import cli; cli(['serve'])"
            environment = {**os.environ, **environ, "SHIXIAN_PORT": str(port), "SHIXIAN_HOST": _HOST}
            running.append(
                subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.DEVNULL)
            )
            while not _answers(port):
                if running[-1].poll() is not None:
                    raise RuntimeError(f"Expected a server on port {port}, found it ended")
                time.sleep(0.01)
            started.append(time.perf_counter() - begun)
        time.sleep(_SETTLING)
        yield ports
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(_HOST, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _token(port: int, username: str) -> str:
    answer = _post(
        http.client.HTTPConnection(_HOST, port),
        "/v2/token",
        {"username": username, "password": DEMO_PASSWORD},
        "",
    )
    return str(json.loads(answer)["access_token"])


def _complete(port: int, commands: list[c.CompleteTask], tokens: dict[str, str]) -> list[float]:
    connection, taken = http.client.HTTPConnection(_HOST, port), []
    for command in commands:
        assert command.actor is not None
        begun = time.perf_counter()
        path = f"/v2/user-tasks/{command.task_key}/completion"
        _post(connection, path, {"variables": command.values}, tokens[command.actor.username])
        taken.append(time.perf_counter() - begun)
    connection.close()
    return taken


def _post(connection: http.client.HTTPConnection, path: str, body: dict[str, Any], token: str) -> bytes:
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {})}
    connection.request("POST", path, json.dumps(body), headers)
    response = connection.getresponse()
    answer = response.read()
    if response.status not in (200, 204):
        raise RuntimeError(f"Expected {path} to be done, found {response.status}: {answer[:500]!r}")
    return answer
