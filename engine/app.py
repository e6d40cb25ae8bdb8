"""`Engine.handle`: the only way in. One command, one transaction."""

import hashlib
import logging
import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from engine import commands as c
from engine import leavings as leaving_room
from engine import mandate_ends, rounds
from engine import successions as succession_room
from engine.accounts import Accounts
from engine.calendar import ChinaWorkingCalendar, Notice, load_notices
from engine.calendars import Calendars
from engine.characters import canonical
from engine.clock import Clock, FixedClock, SteadyClock, SystemClock
from engine.digests import Digests
from engine.document_lookup import DocumentLookup
from engine.errors import Conflict, InvalidInput, NotAllowed, Refused
from engine.events import AccessRefused, Event
from engine.failures import Failures
from engine.feeds import Feeds
from engine.handlers import clock as clock_room
from engine.handlers import seals
from engine.handlers.registry import HANDLERS, OF_THE_PLATFORM
from engine.handlers.webhooks import SECURITY_STREAM
from engine.history.chain import PLATFORM, Author
from engine.keys import KeySequence
from engine.live import Live
from engine.metrics import Metrics
from engine.outbox import MailTransport, Postman, RobotTransport, Transport, WebhookTransport
from engine.owed import owed
from engine.periods import beijing_day
from engine.precedence import People
from engine.queries import Queries
from engine.recounts import run_slice
from engine.scan import Scanner
from engine.space import SpaceWatch
from engine.statistics.projection import Projection
from engine.storage import chain_algorithm, migrate, nodes
from engine.storage.connect import open_database
from engine.storage.database import Overtaken
from engine.storage.retry import Retry
from engine.storage.statements import insert_new, put
from engine.storage.tables import clock as clock_table
from engine.storage.tables import command as command_table
from engine.storage.tables import incident, message, notice
from engine.sweep import Sweep
from engine.trace.access import AccessLog
from engine.trace.acts import ActIndex
from engine.trace.nightly import Nightly
from engine.uow import UnitOfWork
from engine.watch import ClockUnconfirmed, ClockWatch

MAX_LEAP_YEARS = 5  # of the rehearsal clock; every due instant on the way is run
LONGEST_WAIT = 0.1  # seconds that the sweep lets people go first before each command
_ATTEMPTS = 40
_ANSWER = select(command_table.c.digest, command_table.c.answer).where(command_table.c.id == bindparam("of"))


class Engine:
    """Holds the ports and carries out commands.

    Args:
        where: The SQLite file, created when missing, or the URL of a PostgreSQL database; migrated.
        notices: The notices that come with the product; those published are entered at start.
        clock: None for the machine's clock, or for a rehearsal the one kept in the database.
        rehearsal: Whether the clock may be set.
        smtp: The mail server, see `MailTransport`; None keeps mail in the outbox.
        base_url: Where people find the product, for links in letters; empty for none.
        least_free: Bytes of disk that must stay free for anything to be written; 0 watches nothing.
        algorithm: The hash a new history is begun with, SHA-256 if None; an old one must have been begun with it.
        scan: The virus scanner that every file goes through, see `Scanner`; None scans nothing.
    """

    def __init__(
        self,
        where: Path | str,
        notices: Path,
        clock: Clock | None = None,
        rehearsal: bool = False,
        durable: bool = True,
        least_free: int = 0,
        smtp: str | None = None,
        base_url: str = "",
        algorithm: str | None = None,
        scan: str | None = None,
    ) -> None:
        self._scanner = Scanner(scan)
        self.space = SpaceWatch(where.parent if isinstance(where, Path) else Path.cwd(), least_free)
        self.metrics = Metrics()
        self.people = People()
        self._last_took = 0.0
        self._tries: dict[int, int] = {}  # incident → tries before the last one made here
        self.database = open_database(where, durable)
        try:
            migrate.to_newest(self.database)
            self.algorithm = chain_algorithm.agree(self.database, algorithm)
        except BaseException:
            self.database.close()
            raise
        # One interpreter computes one command at a time anyway; in turn, they do not wake each other at every
        # statement. On PostgreSQL most of the time is waiting for the server, so there they go side by side.
        self._turn: AbstractContextManager[object] = nullcontext() if self.database.shared else Lock()
        self.rehearsal = rehearsal
        self._shipped: list[Notice] = list(load_notices(notices))
        self._calendars = Calendars()
        self.writer = self.database.start_writer()
        started = SystemClock().now()
        self._node, seen = self.writer.write(lambda conn: nodes.register(conn, started))
        self._keys = KeySequence(nodes.number(self._node), seen)
        self.clock = clock or (self._rehearsal_clock() if rehearsal else SteadyClock(SystemClock(), seen))
        self._watch = self.watched_by(SystemClock())
        self.accounts = Accounts(self.database, self.writer, SystemClock(), self.clock)
        self.document_lookup = DocumentLookup(self.database, self.writer, SystemClock())
        self.feeds = Feeds(self.database, self.writer, SystemClock(), self.clock)
        transports: dict[str, Transport] = {
            "webhook": WebhookTransport(self.database, self.clock),
            "robot": RobotTransport(self.database, SystemClock(), base_url),
        }
        if smtp:
            transports["mail"] = MailTransport(smtp, base_url)
        self.has_mail = bool(smtp)
        self.postman = Postman(self.database, self.writer.write, self.clock, transports)
        self.queries = Queries(self.database, self.clock, self._calendars, self.algorithm)
        self.live = Live(self.database)
        self._failures = Failures(self.writer, SystemClock(), self.handle)
        self._sweep = Sweep(
            self.database,
            self.writer,
            self.clock,
            SystemClock(),
            self._handle_in_background,
            self.metrics.fired,
            self._failures.put_back,
        )
        self.statistics = Projection(self.database, self.writer, self._calendars)
        self._digests = Digests(self.database, self._calendars, self.clock, self._handle_in_background)
        self.access_log = AccessLog(self.database, self.writer, self.clock)
        self.acts = ActIndex(self.database, self.writer, self._calendars)
        self._nightly = Nightly(
            self.database, self.acts, self.clock, self._handle_in_background, self.algorithm
        )
        self._sweeping = Lock()
        self._enter_shipped()

    def close(self) -> None:
        """Finish what is being written and let the database go."""
        self.live.stop()
        self.writer.stop()
        self.database.close()

    @property
    def halted(self) -> bool:
        """Whether this machine's clock was set forward and nobody has confirmed it: no limit runs out."""
        return self._watch.halted

    def watched_by(self, machine: Clock, elapsed: Callable[[], float] | None = None) -> ClockWatch:
        """Return a watch on a machine's clock; tests give their own machine."""
        self._watch = ClockWatch(
            machine, lambda alarm: self._log(PLATFORM, alarm), self._beat, elapsed, self._confirmed
        )
        return self._watch

    def calendar(self, department: int | None = None) -> ChinaWorkingCalendar:
        """Return the calendar of a department, or the nation's, as known now."""
        with self.database.reading() as conn:
            return self._calendars.of(conn, self.clock.now(), department)

    def faults(self) -> list[str]:
        """Return what keeps the product from working; empty when nothing does."""
        found = []
        try:
            self.queries.next_due()
            self.writer.write(lambda conn: None)
        except Exception as fault:  # whatever it is, the product cannot work
            found.append(f"database: {type(fault).__name__}: {fault}")
        if self.space.short:
            found.append(f"space: {self.space.free} bytes free")
        return found

    def figures(self) -> bytes:
        """Return the metrics in the Prometheus text format."""
        self.metrics.free.set(self.space.free)
        self.metrics.due.set(self.queries.timers_due())
        self.metrics.incidents.set(self.queries.open_incidents())
        return self.metrics.text()

    def handle(self, command: c.Command) -> dict[str, Any]:
        """Carry out a command, once; a repeated id gets the stored answer.

        Raises:
            Refused: it was not carried out; nothing was written.
        """
        with self.metrics.timed(type(command).__name__):
            if command.actor is None:
                return self._handle(command)
            with self.people.served():
                return self._handle(command)

    def preview(self, command: c.Command) -> tuple[Event, ...]:
        """Return the events that a command would record now, and record none: its work is thrown away.

        Raises:
            Refused: it would not be carried out, or what the case owes before it is not done yet.
        """
        self.space.check()
        with self._turn, self.database.reading() as conn:
            now = self.clock.now()
            if owed(conn, command, now):
                raise Conflict(
                    "本事项有已到时刻的处理尚未完成，暂不能预告提交后的结果，请稍后再看。",
                    "What is due in the case has to be done first; look again in a moment.",
                    owed=True,
                )
            uow = self._work(conn, _author(command), now)
            HANDLERS[type(command)](command, uow)
            return tuple(sealed.recorded.event for sealed in uow.events)

    def _handle_in_background(self, command: c.Command) -> dict[str, Any]:
        """Carry out what nobody waits for: people go first, for as long as the last such command took."""
        self.people.let_through(min(self._last_took, LONGEST_WAIT))
        begun = time.monotonic()
        try:
            return self.handle(command)
        finally:
            self._last_took = time.monotonic() - begun

    def _handle(self, command: c.Command) -> dict[str, Any]:
        self.space.check()
        # Outside of the attempt: a scanner takes its time, and on one file commands go one by one.
        self._scanner.check(command)
        if isinstance(command, c.SetClock):
            return self._set_clock(command)
        if isinstance(command, c.MarkNoticesRead):
            return self._mark_read(command)
        if command.actor is not None and type(command) in OF_THE_PLATFORM:
            raise NotAllowed(
                "此操作由平台自动进行，人员不能办理。",
                f"Expected the platform, found {command.actor.username}.",
            )
        digest = _digest(command)
        retry, overtaken = Retry(self.database.passing), 0
        while overtaken < _ATTEMPTS:
            try:
                return self._attempt(command, digest)
            except Overtaken as fault:
                overtaken += 1
                self.metrics.overtaken.inc()
                if overtaken == _ATTEMPTS and fault.__cause__ is not None:
                    raise fault.__cause__ from None
                # Whoever loses all at once would meet all the others again.
                time.sleep(random.uniform(0, 0.001 * 2 ** min(overtaken, 6)))
            except Refused as refusal:
                self._log_refusal(command, refusal)
                raise
            except Exception as fault:
                retry.after(fault)
        raise Conflict(
            "其他人正在办理同一事项，请刷新后重试。",
            "Others kept changing the same case; reload and try again.",
        )

    def sweep(self) -> int:
        """Carry out everything that is due by the clock, earliest first; return how many commands ran.

        Of a recount only a slice is done, so that timers never wait long for it. Days that ended are sealed
        first, facts of finished cases made and ended days looked at by the checks last, all uncounted.
        """
        if self.space.short:
            return 0
        with self._sweeping:
            if not self._watch.trusted(self.clock):
                return 0
            self._follow_rehearsal()
            self._enter_shipped()
            self._seal_days()
            done = self._sweep.fire_due()
            done += rounds.run_due(
                self.database, self.writer, self._calendars, self.clock, self._handle_in_background
            )
            for key in self.queries.catchable_messages():
                done += self._catch(key)
            for key, tries in self.queries.due_retries():
                done += self._retry(key, tries)
            done += mandate_ends.run_due(self.database, self.clock, self._handle_in_background)
            done += leaving_room.run_slice(self.database, self._handle_in_background)
            done += run_slice(self.database, self.writer, self._handle_in_background)
            done += succession_room.run_slice(self.database, self.writer, self._handle_in_background)
            done += self._digests.run_due()
            self.statistics.ring()
            self._nightly.run_due()
        self.metrics.swept.set(self.clock.now().timestamp())
        return done

    # Inner

    def _beat(self, at: datetime) -> bool:
        self.writer.write(lambda conn: nodes.beat(conn, self._node, at))
        return self.database.clock_agrees()

    def _confirmed(self) -> bool:
        with self.database.reading() as conn:
            return clock_room.unconfirmed_jump(conn) is None

    def _catch(self, key: int) -> int:
        try:
            answer = self._handle_in_background(c.CatchMessage(actor=None, message_key=key))
        except Exception as fault:  # one message that nobody can take must not keep the others waiting
            self._failures.put_back(message, key, fault)
            return 0
        return int(answer["caught"])  # another node may have been faster

    def _retry(self, key: int, tries: int) -> int:
        if self._tries.get(key) == tries:  # a try that changed nothing would be found due for ever
            self._failures.put_back(incident, key, RuntimeError(f"try {tries} changed nothing"))
            return 0
        self._tries[key] = tries
        try:
            # One id for each try: of several nodes one makes it, the others find its stored answer.
            self._handle_in_background(
                c.RetryIncident(actor=None, incident_key=key, id=f"retry:{key}:{tries}")
            )
        except Exception as fault:  # a try that cannot even be made must not keep the others waiting
            self._failures.put_back(incident, key, fault)
            return 0
        return 1

    def _enter_shipped(self) -> None:
        """Enter the shipped notices that are published by now; a rehearsal may begin before some are."""
        today = beijing_day(self.clock.now())
        out = tuple(n for n in self._shipped if n.published <= today)
        if out:
            self.handle(c.EnterShippedNotices(actor=None, notices=out))
            self._shipped = [n for n in self._shipped if n.published > today]

    def _seal_days(self) -> None:
        """Seal every day that has ended, one by one; a fault must not stop the law."""
        try:
            while True:
                with self.database.reading() as conn:
                    day = seals.next_day(conn, self.clock.now())
                if day is None:
                    return
                self.handle(c.SealDay(actor=None, day=day, id=f"seal:{day}"))
        except Exception:
            logging.getLogger("shixian").exception("a day could not be sealed")

    def _attempt(self, command: c.Command, digest: bytes) -> dict[str, Any]:
        done: set[str] = set()
        while True:
            with self._turn, self.database.reading() as conn:
                now = self.clock.now()
                stored = conn.execute(_ANSWER, {"of": command.id}).first()
                if stored is not None:
                    return _stored_answer(command, stored, digest)
                first = owed(conn, command, now, done)
                if not first:
                    uow = self._work(conn, _author(command), now)
                    answer = HANDLERS[type(command)](command, uow)
                    break
            if self._watch.halted:
                timers = [one for one in first if one.timer is not None]
                if any(one.timer is not None and one.timer.kind != "reminder" for one in timers):
                    raise ClockUnconfirmed
                done |= {one.name for one in timers}
                first = [one for one in first if one.timer is None]
            for one in first:
                if one.timer is not None:
                    self._failures.first(one.timer)
                else:
                    self.handle(one.command)
                done.add(one.name)
        row = {
            "id": command.id,
            "name": type(command).__name__,
            "actor": command.actor.user_key if command.actor else 0,
            "digest": digest,
            "answer": answer,
            "recorded_at": uow.now,
        }
        # First, so that of two commands with one id the second fails and then finds the stored answer.
        uow.writes.insert(0, lambda conn: _keep_answer(conn, row))
        self.writer.commit(uow)
        self.live.wake()
        self.metrics.count_incidents(s.recorded.event for s in uow.events)
        return answer

    def _work(self, conn: Connection, author: Author, now: datetime) -> UnitOfWork:
        return UnitOfWork(conn, now, self._calendars, self._keys.next, author, self.algorithm)

    def _log_refusal(self, command: c.Command, refusal: Refused) -> None:
        if command.actor is None or not (isinstance(refusal, NotAllowed) or "logged" in refusal.facts):
            return
        subject = getattr(command, "task_key", None) or getattr(command, "instance_key", None) or ""
        self.log_refusal(command.actor, type(command).__name__, str(subject))

    def log_refusal(self, actor: Any, act: str, subject: str) -> None:
        """Keep an attempt that C.6 does not allow."""
        author = Author(actor.user_key, actor.name, actor.org_name)
        self._log(author, AccessRefused(act, subject))

    def _log(self, author: Author, event: Event) -> None:
        """Append to the stream of security; a repeat after a lost connection may log it twice, never not at all."""
        retry = Retry(self.database.passing)
        while True:
            try:
                with self.database.reading() as conn:
                    uow = self._work(conn, author, self.clock.now())
                    uow.record(SECURITY_STREAM, event)
                self.writer.commit(uow)
                return
            except Overtaken:
                time.sleep(random.uniform(0, 0.01))
            except Exception as fault:
                retry.after(fault)

    def _set_clock(self, command: c.SetClock) -> dict[str, Any]:
        if not self.rehearsal or not isinstance(self.clock, FixedClock):
            raise NotAllowed("正式运行时不得调整时钟。", "The clock can be set in rehearsal only.")
        if command.at.tzinfo is None:
            raise InvalidInput("时刻应带时区。", "Expected an instant with a time zone.")
        if command.at < self.clock.now():
            raise InvalidInput(
                "演练时钟只能向前调整。",
                f"Expected an instant not before {self.clock.now().isoformat()}.",
                code="backwards",
            )
        if command.at > _years_after(self.clock.now(), MAX_LEAP_YEARS):
            raise InvalidInput(
                f"演练时钟每次最多向前调整{MAX_LEAP_YEARS}年，请分次调整。",
                f"Expected an instant at most {MAX_LEAP_YEARS} years ahead, found {command.at.isoformat()}.",
                code="too_far",
            )
        # Stop at every due instant on the way, so that what it sets running is counted from there.
        while (due := self.queries.next_due()) is not None and due <= command.at:
            self._move_clock(max(due, self.clock.now()))
            if self.sweep() == 0:
                break
        self._move_clock(command.at)
        fired = 0
        while done := self.sweep():
            fired += done
        return {"fired": fired}

    def _move_clock(self, at: datetime) -> None:
        assert isinstance(self.clock, FixedClock)
        self.clock.set(at)

        def write(conn: Any) -> None:
            put(conn, clock_table, {"id": 1, "at": at})

        self.writer.write(write)

    def _mark_read(self, command: c.MarkNoticesRead) -> dict[str, Any]:
        if command.actor is None:
            return {}
        key, now = command.actor.user_key, self.clock.now()
        mine = update(notice).where(notice.c.user_key == key, notice.c.read_at.is_(None)).values(read_at=now)
        if command.notice_key is not None:
            mine = mine.where(notice.c.key == command.notice_key)
        self.writer.write(lambda conn: conn.execute(mine))
        return {}

    def _rehearsal_clock(self) -> FixedClock:
        with self.database.reading() as conn:
            at = conn.execute(select(clock_table.c.at)).scalar()
        return FixedClock(at or SystemClock().now())

    def _follow_rehearsal(self) -> None:
        """Take over the instant that another process has set."""
        if self.database.shared and isinstance(self.clock, FixedClock):
            with self.database.reading() as conn:
                at = conn.execute(select(clock_table.c.at)).scalar()
            if at is not None and at > self.clock.now():
                self.clock.set(at)


def _years_after(at: datetime, years: int) -> datetime:
    try:
        return at.replace(year=at.year + years)
    except ValueError:  # 29 February
        return at.replace(year=at.year + years, day=28)


def _stored_answer(command: c.Command, stored: Any, digest: bytes) -> dict[str, Any]:
    if stored.digest != digest:
        raise Conflict(
            "该操作编号已用于另一操作。",
            f"Expected a new command id, found {command.id} used for another command.",
        )
    answer: dict[str, Any] = stored.answer
    return answer


def _keep_answer(conn: Connection, row: dict[str, Any]) -> None:
    if not insert_new(conn, command_table, row):
        raise Overtaken(f"command {row['id']}")


def _author(command: c.Command) -> Author:
    actor = command.actor
    if actor is None:
        return PLATFORM
    roles = ",".join(sorted({role for org, role in actor.roles if org == actor.org_key}))
    return Author(actor.user_key, actor.name, actor.org_name, roles)


def _digest(command: c.Command) -> bytes:
    content: dict[str, Any] = {"name": type(command).__name__}
    for f in fields(command):
        value = getattr(command, f.name)
        if f.name == "actor":
            value = command.actor.user_key if command.actor else 0
        elif f.name == "password":
            continue
        content[f.name] = value
    text = canonical(content, _plain, unchecked=isinstance(command, c.CompleteTask))
    return hashlib.sha256(text).digest()


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return str(value)
