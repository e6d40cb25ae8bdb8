"""The product as it is installed: `shixian serve` in a process of its own, which a test may kill."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from sqlalchemy import Connection

from engine.storage.statements import put
from engine.storage.tables import clock
from tests.conftest import ROOT, START, open_engine
from tests.databases import Where

_MAIN = "from web.cli import main; main()"


class Product:
    """One process that serves and sweeps, in rehearsal mode, on a loopback port that stays its own."""

    def __init__(self, where: Where, folder: Path, least_free_mb: int = 0) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        rows = {"SHIXIAN_DATA": str(folder)} if isinstance(where, Path) else {"SHIXIAN_DATABASE_URL": where}
        settings = {"SHIXIAN_PORT": str(self.port), "SHIXIAN_LEAST_FREE_MB": str(least_free_mb)}
        self._environment = {**os.environ, **rows, **settings, "PYTHONPATH": str(ROOT)}
        # A start that compiles every library anew takes several times as long.
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.log = folder / f"serve-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _MAIN, "serve", "--rehearsal"],
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def ready(self) -> None:
        """Wait until it answers.

        Raises:
            RuntimeError: it ended instead.
        """
        pause = threading.Event()
        while not self._answers():
            if self.ended:
                raise RuntimeError(self.log.read_text()[-2000:])
            pause.wait(0.02)

    @property
    def ended(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def kill(self) -> None:
        """Kill -9: nothing is finished, nothing is closed."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait()

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


def begin_rehearsal(where: Where) -> None:
    """Keep the instant at which the seeded database begins, as a rehearsal's clock."""

    def write(conn: Connection) -> None:
        put(conn, clock, {"id": 1, "at": START})

    engine = open_engine(where)
    engine.writer.write(write)
    engine.close()
