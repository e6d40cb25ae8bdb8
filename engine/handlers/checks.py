"""Checks (监督检查): saved searches, and running all of them over a day that has ended.

Days are taken in order, each once, in slices of a bounded number of findings: the stream of checks says how far they
are, and every slice expects its head, so that of several nodes one makes it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from engine import events as e
from engine.commands import RetireCheck, RunChecks, SaveCheck
from engine.errors import InvalidInput, NotAllowed, NotFound, WrongState
from engine.handlers.version_states import reason_of
from engine.history.chain import parse
from engine.people import Actor
from engine.periods import beijing_day
from engine.queries.reader import Reader
from engine.storage.tables import (
    access_seal,
    act,
    audit_check,
    case_access,
    check_run,
    event,
    finding,
    process_instance,
)
from engine.trace.acts import micros, position, readable
from engine.trace.checks import CHECK_STREAM, Check, standing
from engine.trace.conditions import begins, ends, on_acts, on_reads
from engine.trace.criteria import Criteria
from engine.trace.kinds import BY_NUMBER
from engine.uow import UnitOfWork

_BEHIND = timedelta(hours=1)  # how late what was recorded may appear
SLICE = 200
"""Findings of one transaction at most."""
LONGEST = 20
LONGEST_NOTE = 500


def save_check(cmd: SaveCheck, uow: UnitOfWork) -> dict[str, Any]:
    """Let a search run every night from the day it is saved on."""
    auditor(cmd.actor)
    uow.expect(CHECK_STREAM)
    name, note = " ".join(cmd.name.split()), cmd.note.strip()
    if not 0 < len(name) <= LONGEST or len(note) > LONGEST_NOTE:
        raise InvalidInput(
            f"请填写检查名称（不超过{LONGEST}个字）；说明不超过{LONGEST_NOTE}个字。",
            f"Give the check a name of 1 to {LONGEST} characters and a note of {LONGEST_NOTE} at most.",
        )
    # A period of the past would find nothing in any night to come.
    asked = {k: v for k, v in Criteria.of(cmd.criteria).chosen().items() if k not in ("since", "until")}
    if not set(asked) - {"source"}:
        raise InvalidInput(
            "请至少设定一个检查条件，只有期间的不能作为检查。",
            "Expected at least one criterion beside the period.",
        )
    if name in {check.name for check in standing(uow.conn)}:
        raise InvalidInput("已有同名的检查，请换一个名称。", f"Expected a new name, found {name} taken.")
    key = uow.next_key()
    uow.record(CHECK_STREAM, e.CheckSaved(key, name, note, asked))
    return {"check_key": str(key)}


def retire_check(cmd: RetireCheck, uow: UnitOfWork) -> dict[str, Any]:
    """Let a saved check run no more; those that ship with the product run always."""
    auditor(cmd.actor)
    uow.expect(CHECK_STREAM)
    row = uow.conn.execute(select(audit_check).where(audit_check.c.key == cmd.check_key)).first()
    if row is None:
        raise NotFound("没有该检查。", f"Expected a saved check {cmd.check_key}, found none.")
    if row.retired_at is not None:
        raise WrongState("该检查已经停用。", f"Expected a check that runs, found {cmd.check_key} retired.")
    uow.record(CHECK_STREAM, e.CheckRetired(row.key, row.name, reason_of(cmd.reason)))
    return {}


def auditor(actor: Actor | None) -> Actor:
    """Return who acts at the auditor's desk.

    Raises:
        NotAllowed: nobody, or no auditor.
    """
    if actor is None:
        raise NotAllowed("此操作由审计人员办理。", "Expected an auditor, found the platform.")
    actor.must_hold("auditor")
    return actor


@dataclass(frozen=True)
class Next:
    """What is to be run: a day, from a check on, behind an act or read of it.

    Attributes:
        covered: Up to which event the day before was looked at: what appeared in it later belongs to this one.
        until: Up to which event the slices before looked; None for the first.
    """

    day: date
    check: str | None = None
    after: int = 0
    covered: int = 0
    until: int | None = None


def next_run(conn: Connection, now: datetime) -> Next | None:
    """Return what the checks are to be run over next, None if every day that has ended is done."""
    last = conn.execute(select(check_run).order_by(check_run.c.number.desc()).limit(1)).first()
    if last is not None and last.check_code is not None:
        return Next(last.day, last.check_code, last.after, last.covered, last.until)
    covered = 0
    if last is not None:
        due, covered = last.day + timedelta(days=1), last.until
    else:
        first = conn.execute(select(event.c.body).order_by(event.c.position).limit(1)).scalar()
        if first is None:
            return None
        due = beijing_day(parse(first).recorded_at)
    return Next(due, covered=covered) if due < beijing_day(now) else None


def run_checks(cmd: RunChecks, uow: UnitOfWork) -> dict[str, Any]:
    """Raise what the checks find in a day, each (check, act) once; a slice of it if there is much.

    Raises:
        WrongState: the day has not ended, or another one is due.
    """
    uow.expect(CHECK_STREAM)
    due = next_run(uow.conn, uow.now)
    if due is None or due.day != cmd.day:
        raise WrongState(
            f"应当检查的是{due.day if due else '尚未结束之日'}，所请求的是{cmd.day}。",
            f"Expected the day to be {due.day if due else None}, found {cmd.day}.",
        )
    run = _Run(uow, cmd, due)
    run.all()
    ran = e.ChecksRun(
        cmd.day.isoformat(), run.found, run.failed, due.covered, run.until, run.going_on, run.after
    )
    uow.record(CHECK_STREAM, ran)
    return {"raised": sum(run.found.values()), "done": run.going_on is None}


class _Run:
    """One slice."""

    def __init__(self, uow: UnitOfWork, cmd: RunChecks, due: Next) -> None:
        self._uow, self._cmd, self._due = uow, cmd, due
        self._reader = Reader(uow.conn, uow.now, uow.calendars, uow.algorithm)
        self.until = due.until if due.until is not None else position(uow.conn)
        self._quiet: bool | None = None
        self.found: dict[str, int] = {}
        self.failed: dict[str, str] = {}
        self.going_on: str | None = None
        self.after: int | None = None

    def all(self) -> None:
        """Run the checks from where the slice before ended; a broken one does not hold up the others."""
        checks = standing(self._uow.conn)
        for check in checks[_begin(checks, self._due.check) :]:
            if check.saved_at is not None and beijing_day(check.saved_at) > self._cmd.day:
                continue
            after = self._due.after if check.code == self._due.check else 0
            room = SLICE - sum(self.found.values())
            self._uow.conn.exec_driver_sql("SAVEPOINT one_check")
            try:
                rows = self._rows(check, after, room + 1)
            except Exception as fault:  # whatever a saved search asks, the night's others are run
                self._uow.conn.exec_driver_sql("ROLLBACK TO one_check")
                self.failed[check.code] = f"{type(fault).__name__}: {fault}"[:300]
                continue
            finally:
                self._uow.conn.exec_driver_sql("RELEASE one_check")
            for row in rows[:room]:
                self._raise(check, row)
            if len(rows) > room:
                self.going_on, self.after = check.code, rows[room - 1]["subject"] if room else after
                return

    def _rows(self, check: Check, after: int, most: int) -> list[dict[str, Any]]:
        if check.source in ("chain", "reads"):
            broken = map(self._chain, self._cmd.chains) if check.source == "chain" else self._sealed()
            return [row for row in broken if not self._raised(check, row)][:most]
        return list((self._reads if check.source == "access" else self._acts)(check.asks, after, most))

    def _chain(self, broken: tuple[int, int]) -> dict[str, Any]:
        stream, seq = broken
        here = select(process_instance.c.key).where(process_instance.c.key == stream)
        case = self._uow.conn.execute(here).scalar()
        return {
            "instance_key": case,
            "subject": seq if case is not None else stream,
            "detail": f"{stream}:{seq}",
        }

    def _sealed(self) -> list[dict[str, Any]]:
        return [{"instance_key": None, "subject": number, "detail": kind} for number, kind in self._cmd.reads]

    def _raised(self, check: Check, row: dict[str, Any]) -> bool:
        """Say whether a break is known already: it is found again each time it is looked at."""
        same = select(finding.c.key).where(
            finding.c.check_code == check.code,
            finding.c.subject == row["subject"],
            finding.c.instance_key.is_not_distinct_from(row["instance_key"]),
        )
        return self._uow.conn.execute(same).first() is not None

    def _acts(self, asks: Sequence[Criteria], after: int, most: int) -> Iterator[dict[str, Any]]:
        if self._quiet is None:
            self._quiet = (
                self._uow.conn.execute(select(act.c.position).where(*self._that_day()).limit(1)).first()
                is None
            )
        if self._quiet:
            return
        query = (
            select(act, event.c.body)
            .join(event, event.c.position == act.c.position)
            .where(
                *self._that_day(),
                act.c.position > after,
                or_(*(and_(*on_acts(self._reader, asked)) for asked in asks)),
            )
            .order_by(act.c.position)
            .limit(most)
        )
        for row in self._uow.conn.execute(query).all():
            of_case = BY_NUMBER[row.kind].of_case
            yield {
                "instance_key": row.stream if of_case else None,
                "subject": row.position,
                "user_key": row.actor_key,
                "user_name": _name(row.body),
                "organisation_key": row.organisation_key,
            }

    def _that_day(self) -> tuple[ColumnElement[bool], ...]:
        """Return the condition that an act was recorded on the day, or before and appeared since the day before."""
        first, last = begins(self._cmd.day), ends(self._cmd.day)
        assert first is not None and last is not None
        return (
            act.c.recorded >= micros(first - _BEHIND),
            act.c.recorded < micros(last),
            or_(act.c.recorded >= micros(first), act.c.position > self._due.covered),
            act.c.position <= self.until,
        )

    def _reads(self, asks: Sequence[Criteria], after: int, most: int) -> Iterator[dict[str, Any]]:
        """Yield the reads that were sealed with the day: each read is sealed once, whenever it came to be there."""
        seal = self._uow.conn.execute(select(access_seal).where(access_seal.c.day == self._cmd.day)).first()
        if seal is None:
            return
        query = (
            select(case_access)
            .where(
                case_access.c.key > max(after, seal.first),
                case_access.c.key <= seal.last,
                or_(*(and_(*on_reads(self._reader, asked)) for asked in asks)),
            )
            .order_by(case_access.c.key)
            .limit(most)
        )
        for row in self._uow.conn.execute(query).all():
            yield {
                "instance_key": row.instance_key,
                "subject": row.key,
                "user_key": row.user_key,
                "user_name": row.user_name,
                "organisation_key": row.organisation_key,
            }

    def _raise(self, check: Check, row: dict[str, Any]) -> None:
        key = self._uow.next_key()
        raised = e.FindingRaised(
            finding_key=key,
            check=check.code,
            check_name=str(check.name),
            source=check.source,
            instance_key=row["instance_key"],
            subject=row["subject"],
            day=self._cmd.day.isoformat(),
            user_key=row.get("user_key"),
            user_name=row.get("user_name", ""),
            organisation_key=row.get("organisation_key"),
            detail=row.get("detail", ""),
        )
        self._uow.record(key, raised)
        self.found[check.code] = self.found.get(check.code, 0) + 1


def _begin(checks: Sequence[Check], code: str | None) -> int:
    """Return from which check on a slice goes; one that was retired meanwhile is passed over with what it had left."""
    if code is None:
        return 0
    ahead = (n for n, check in enumerate(checks) if check.code == code or (check.key or 0) > _key(code))
    return next(ahead, len(checks))


def _name(body: bytes) -> str:
    recorded = readable(body)
    return "" if recorded is None else recorded.author.name


def _key(code: str) -> int:
    return int(code) if code.isdigit() else 2**63
