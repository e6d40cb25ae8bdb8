"""Scratch engines: the real engine on a throw-away database, where a draft can be tried.

Nothing leaves them: no sweep runs beside, nothing is posted, no day is sealed, no digest is written.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from threading import RLock
from typing import IO, Any, Protocol

import yaml
from sqlalchemy import select

from engine import commands as c
from engine import definitions
from engine import events as e
from engine.accounts import load_actor
from engine.app import Engine
from engine.calendar import Notice
from engine.clock import FixedClock
from engine.definitions import content_hash
from engine.demo.seed import DATA
from engine.errors import Refused
from engine.history.chain import PLATFORM, Author
from engine.keys import NODES, KeySequence
from engine.people import Actor
from engine.periods import BEIJING, beijing_day
from engine.process_files import PROCESS, definition_files, shipped
from engine.queries.reader import Reader
from engine.storage.tables import process_definition, user_role
from engine.uow import UnitOfWork
from engine.workbench.files import with_effective_from

Files = Mapping[str, bytes]
_PREFIX, _HELD = "shixian-scratch-", "held"
EARLIEST = datetime(2025, 1, 2, tzinfo=BEIJING)
"""No rehearsal begins before: its office is registered then, and an engine's clock never runs backwards."""


class _Silent:
    """In the place of what a scratch engine does not do."""

    def run_due(self) -> int:
        return 0


class Room(Protocol):
    """Where departments, people and the catalogue of a scratch database come from."""

    @property
    def name(self) -> str:
        """What tells one room from another, so that each is furnished once."""
        ...

    def furnish(self, engine: "ScratchEngine") -> None:
        """Enter them into an empty database."""
        ...


class ScratchEngine(Engine):
    """An engine whose database is thrown away when it is closed.

    Args:
        folder: Of its own; removed by `close`.
        at: Where its clock stands.
        notices: The working-day notices in use; those published by then count.
    """

    def __init__(self, folder: Path, at: datetime, notices: Iterable[Notice]) -> None:
        self.folder = folder
        none = folder / "notices.yaml"
        none.write_text("notices: []\n", encoding="utf-8")
        super().__init__(folder / "scratch.db", none, clock=FixedClock(at), rehearsal=True, durable=False)
        # Its keys must never meet those of the engine beside: definitions are cached by key for all of them.
        self._keys = KeySequence(NODES - 1)
        self._digests = _Silent()  # type: ignore[assignment]
        self._shipped = list(notices)
        self._enter_shipped()

    def close(self) -> None:
        """Let everything go: the database, what was parsed for it, the folder."""
        with self.database.reading() as conn:
            definitions.forget(conn)
        super().close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def work(self, act: Callable[[UnitOfWork], Any], author: Author = PLATFORM) -> Any:
        """Do in one transaction what no command does, such as beginning a case without its first message."""
        with self._turn, self.database.reading() as conn:
            uow = UnitOfWork(conn, self.clock.now(), self._calendars, self._keys.next, author, self.algorithm)
            answer = act(uow)
        self.writer.commit(uow)
        return answer

    def deploy(self, files: Files) -> int:
        """Deploy a definition so that it is in force now, whatever day it names; return its key.

        Raises:
            InvalidDefinition: with every finding of the checks.
        """
        now = dict(files)
        if PROCESS in now:
            now[PROCESS] = with_effective_from(now[PROCESS], None)
        return int(self.handle(c.DeployDefinition(actor=None, files=now))["definition_key"])

    def holders(self, org_key: int, role: str) -> list[Actor]:
        """Return who holds a role in a department."""
        with self.database.reading() as conn:
            keys = conn.execute(
                select(user_role.c.user_key)
                .where(user_role.c.organisation_key == org_key, user_role.c.role == role)
                .order_by(user_role.c.user_key)
            ).scalars()
            return [load_actor(conn, int(key), self.clock) for key in keys.all()]

    def copy_to(self, path: Path) -> None:
        """Write the whole database into another file."""
        with self.database.reading() as conn:
            conn.exec_driver_sql("ROLLBACK")  # VACUUM INTO runs outside of a transaction
            conn.exec_driver_sql("VACUUM INTO ?", (str(path),))
            conn.exec_driver_sql("BEGIN")

    def _seal_days(self) -> None:
        """Seal nothing: a rehearsal may begin years after its office was registered."""


class DemoOffice:
    """The invented departments, people and resources of the demonstration."""

    name = "demo"

    def furnish(self, engine: ScratchEngine) -> None:
        """Enter them; people without passwords, since nobody signs in here."""
        people = _read("people.yaml")
        codes = {org["id"]: org["code"] for org in people["organisations"]}
        keys: dict[str, str] = {}
        for area in people["areas"]:
            engine.handle(c.RegisterArea(actor=None, **area))
        for org in people["organisations"]:
            fields = {k: org[k] for k in ("code", "kind", "level", "area", "managing", "name", "valid_from")}
            command = c.RegisterOrganisation(actor=None, mark=org.get("mark", ""), **fields)
            keys[org["id"]] = engine.handle(command)["organisation_key"]
        engine.work(lambda uow: _enter_people(uow, people["users"], keys))
        for entry in _read("catalogue.yaml")["entries"]:
            provider = codes[entry.pop("provider")]
            entry["metadata"]["lead_dept"] = keys[entry.pop("lead")]
            engine.handle(c.PublishEntry(actor=None, provider_code=provider, **entry))


def _enter_people(uow: UnitOfWork, users: Sequence[Mapping[str, Any]], orgs: Mapping[str, str]) -> None:
    for person in users:
        key, org = uow.next_key(), int(orgs[person["org"]])
        uow.record(key, e.UserRegistered(key, person["username"], person["name"], org))
        for role in person["roles"]:
            uow.record(key, e.RoleGranted(key, org, role))


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
    return data


class Scratches:
    """Opens scratch engines: each room is furnished once and copied from then on.

    Args:
        most: How many furnished rooms are kept.
    """

    def __init__(self, most: int = 3) -> None:
        self._lock, self._most = RLock(), most
        self._furnished: dict[str, Path] = {}
        self._place: Path | None = None
        self._held: IO[bytes] | None = None

    def open(
        self,
        at: datetime,
        notices: Sequence[Notice],
        others: Sequence[Files],
        room: Room | None = None,
    ) -> ScratchEngine:
        """Open an engine with the other procedures deployed.

        Args:
            at: Aware instant that its clock starts at; the earliest one if it lies before.
            others: The definitions of the other procedures, each as files by path.
            room: The demonstration's office if None.
        """
        with self._lock:  # a room that is thrown out for another one must not go while it is copied
            source = self._source(notices, others, room or DemoOffice())
            folder = self._folder()
            shutil.copy(source, folder / "scratch.db")
        return ScratchEngine(folder, max(at, EARLIEST), notices)

    def close(self) -> None:
        """Remove everything that is left."""
        with self._lock:
            self._furnished.clear()
            if self._place is not None:
                shutil.rmtree(self._place, ignore_errors=True)
                self._place = None
            if self._held is not None:
                self._held.close()
                self._held = None

    def _folder(self) -> Path:
        if self._place is None:
            remove_left()
            self._place = Path(mkdtemp(prefix=_PREFIX))
            self._held = (self._place / _HELD).open("wb")
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return Path(mkdtemp(dir=self._place))

    def _source(self, notices: Sequence[Notice], others: Sequence[Files], room: Room) -> Path:
        whole = hashlib.sha256(room.name.encode())
        for text in (*sorted(content_hash(files) for files in others), *(repr(n) for n in notices)):
            whole.update(text.encode())
        name = whole.hexdigest()
        if name not in self._furnished:
            while len(self._furnished) >= self._most:
                old = self._furnished.pop(next(iter(self._furnished)))
                shutil.rmtree(old.parent, ignore_errors=True)
            self._furnished[name] = self._furnish(notices, others, room)
        return self._furnished[name]

    def _furnish(self, notices: Sequence[Notice], others: Sequence[Files], room: Room) -> Path:
        folder = self._folder()
        kept = folder / "furnished.db"
        engine = ScratchEngine(Path(mkdtemp(dir=folder)), EARLIEST, notices)
        try:
            for files in others:
                with suppress(Refused):  # one that the present checks refuse cannot take messages either
                    engine.deploy(files)
            room.furnish(engine)
            engine.copy_to(kept)
        finally:
            engine.close()
        return kept


def remove_left() -> None:
    """Remove what processes left behind that were ended before they could: a what-if's holds data of cases."""
    for place in Path(gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):  # another person's, or gone meanwhile
            if place.stat().st_uid != os.getuid() or place.is_symlink():
                continue
            with (place / _HELD).open("rb") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)  # whoever lives holds it
                shutil.rmtree(place, ignore_errors=True)


def shipped_definitions() -> list[dict[str, bytes]]:
    """Return the definitions that come with the product."""
    return [definition_files(folder) for folder in shipped()]


def notices_in_use(live: Engine) -> tuple[Notice, ...]:
    """Return the working-day notices that an engine counts by now."""

    def known(reader: Reader) -> tuple[Notice, ...]:
        return tuple(k.notice for k in reader.calendars.known(reader.conn) if k.known_until is None)

    found: tuple[Notice, ...] = live.queries.search(known)
    return found


def definitions_in_use(live: Engine) -> list[dict[str, bytes]]:
    """Return the files of the newest version in force of every procedure."""
    of, today = process_definition.c, beijing_day(live.clock.now())
    with live.database.reading() as conn:
        known = conn.execute(select(of.process_id).where(definitions.in_force(today)).distinct()).scalars()
        keys = [definitions.latest_key(conn, process_id, today) for process_id in sorted(known)]
        return [definitions.version_files(conn, key) for key in keys]
