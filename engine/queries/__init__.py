"""What pages and API read: no locks, no writes."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, literal, or_, select

from engine.calendars import Calendars
from engine.clock import Clock, SystemClock
from engine.filters import NO_FILTERS, Filters
from engine.history.algorithm import SHA256, Algorithm
from engine.people import Actor
from engine.periods import beijing_day
from engine.queries import case_list, cases, catalogue, deadlines, inbox, papers, tasks
from engine.queries import notices as notice_lists
from engine.queries.reader import Reader
from engine.queries.views import CaseList, CaseView, DeadlineView, EntryPage, EntryView, InboxPage, TaskView
from engine.rounds import next_round
from engine.storage.database import Database
from engine.storage.tables import (
    incident,
    message,
    process_definition,
    process_instance,
    start_trigger,
    subscription,
    timer,
    user,
)
from engine.sweep import ATTEMPTS, BATCH, due_retries
from engine.version_states import retired_for_good, takes_cases


class Queries:
    """Opens a snapshot for each question and asks it there."""

    def __init__(
        self, database: Database, clock: Clock, calendars: Calendars, algorithm: Algorithm = SHA256
    ) -> None:
        self._database, self._clock, self._calendars = database, clock, calendars
        self._algorithm = algorithm

    def _ask(self, question: Callable[..., Any], *args: Any) -> Any:
        with self._database.reading() as conn:
            return question(Reader(conn, self._clock.now(), self._calendars, self._algorithm), *args)

    def inbox(self, actor: Actor, box: str, after: str = "", filters: Filters = NO_FILTERS) -> InboxPage:
        """Return a page of one of the boxes `engine.queries.inbox.BOXES`."""
        found: InboxPage = self._ask(inbox.inbox, actor, box, after, filters)
        return found

    def task(self, actor: Actor, key: int) -> TaskView:
        """Return a user task with its form."""
        found: TaskView = self._ask(tasks.task, actor, key)
        return found

    def task_case(self, actor: Actor, key: int) -> int:
        """Return the case of a user task.

        Raises:
            NotFound: no such task for this reader.
        """
        found: int = self._ask(tasks.task_case, actor, key)
        return found

    def case(self, actor: Actor, key: int) -> CaseView:
        """Return a case with everything on its page."""
        found: CaseView = self._ask(cases.case, actor, key)
        return found

    def deadline(self, actor: Actor, key: int) -> DeadlineView:
        """Return a time limit with what explains it."""
        found: DeadlineView = self._ask(deadlines.one, actor, key)
        return found

    def cases(self, actor: Actor, text: str = "", which: str = "all", page: int = 1) -> CaseList:
        """Return a page of the cases the actor may see."""
        found: CaseList = self._ask(case_list.cases, actor, text, which, page)
        return found

    def diagram(self, actor: Actor, definition_key: int) -> str:
        """Return the BPMN XML of a version."""
        found: str = self._ask(papers.diagram, actor, definition_key)
        return found

    def document(self, actor: Actor, key: int, fmt: str = "html") -> tuple[bytes, str, str]:
        """Return (content, media type, file name) of an issued document, html or pdf."""
        found: tuple[bytes, str, str] = self._ask(papers.document_file, actor, key, fmt)
        return found

    def attachment(self, actor: Actor, key: int) -> tuple[bytes, str, str]:
        """Return (content, media type, file name) of a file handed in."""
        found: tuple[bytes, str, str] = self._ask(papers.attachment_file, actor, key)
        return found

    def uploaded(self, actor: Actor, instance_key: int, keys: Collection[int]) -> list[dict[str, Any]]:
        """Return the files among `keys` that the actor stored for a case, as a form names them."""
        found: list[dict[str, Any]] = self._ask(papers.uploaded, actor, instance_key, keys)
        return found

    def catalogue(
        self,
        actor: Actor,
        text: str = "",
        sharing_type: str = "",
        provider_key: int | None = None,
        page: int = 1,
    ) -> EntryPage:
        """Return a page of the catalogue."""
        found: EntryPage = self._ask(catalogue.entries, actor, text, sharing_type, provider_key, page)
        return found

    def entry(self, actor: Actor, key: int) -> EntryView:
        """Return a catalogue entry in full."""
        found: EntryView = self._ask(catalogue.entry, actor, key)
        return found

    def providers(self, actor: Actor) -> list[tuple[int, str]]:
        """Return the departments that provide at least one resource."""
        found: list[tuple[int, str]] = self._ask(catalogue.providers, actor)
        return found

    def notices(
        self, actor: Actor, kind: str = "", unread: bool = False, after: str = ""
    ) -> notice_lists.NoticePage:
        """Return a page of the actor's notices, newest first; see `engine.queries.notices`."""
        found: notice_lists.NoticePage = self._ask(notice_lists.notices, actor, kind, unread, after)
        return found

    def unread(self, actor: Actor) -> int:
        """Return how many notices the actor has not seen."""
        found: int = self._ask(notice_lists.unread, actor)
        return found

    def search(self, question: Callable[..., Any], *args: Any) -> Any:
        """Answer a question of the API's searches on one snapshot."""
        return self._ask(question, *args)

    def has_people(self) -> bool:
        """Say whether anybody is registered: an empty database may be filled with the demonstration."""
        with self._database.reading() as conn:
            return conn.execute(select(user.c.key).limit(1)).first() is not None

    # For the sweep

    def next_due(self) -> datetime | None:
        """Return the earliest instant any timer or planned start waits for."""
        with self._database.reading() as conn:
            # One that failed is tried again by the machine's clock, and must not stop the rehearsal's.
            # One that is put off waits for a notice, not for the clock: a leap of years would stop every six hours.
            first = select(timer.c.not_before).where(
                timer.c.last_error.is_(None), timer.c.not_before <= timer.c.fires_at
            )
            again = select(incident.c.next_try_at).where(incident.c.next_try_at.is_not(None))
            found = (
                conn.execute(first.order_by(timer.c.not_before).limit(1)).scalar(),
                conn.execute(
                    again.where(incident.c.last_error.is_(None)).order_by(incident.c.next_try_at).limit(1)
                ).scalar(),
            )
            begins = next_round(conn, self._calendars, self._clock.now())
            return min((at for at in (*found, begins) if at is not None), default=None)

    def due_retries(self) -> list[tuple[int, int]]:
        """Return the incidents that are due to be tried again: key, and tries so far."""
        with self._database.reading() as conn:
            query = due_retries(self._clock.now(), SystemClock().now())
            return [(row.key, row.tries) for row in conn.execute(query)]

    def open_incidents(self) -> int:
        """Return how many incidents are open."""
        with self._database.reading() as conn:
            query = select(func.count()).select_from(incident).where(incident.c.state == "open")
            return int(conn.execute(query).scalar_one())

    def timers_due(self) -> int:
        """Return how many timers are due and have not fired yet."""
        with self._database.reading() as conn:
            due = select(func.count()).select_from(timer).where(timer.c.not_before <= self._clock.now())
            return int(conn.execute(due).scalar_one())

    def catchable_messages(self) -> list[int]:
        """Return the waiting messages that a case waits for, or whose procedure takes new cases.

        One for a procedure that was retired is among them: it fails, so that an operator learns of it.
        """
        with self._database.reading() as conn:
            deployed = takes_cases(beijing_day(self._clock.now()))
            awaited = (
                select(subscription.c.key)
                .where(
                    subscription.c.name == message.c.target,
                    subscription.c.correlation == message.c.correlation,
                    subscription.c.kind != "signal",
                )
                .exists()
            )
            waiting = select(message.c.key).where(
                message.c.state == "waiting",
                message.c.attempts < ATTEMPTS,
                or_(message.c.retry_at.is_(None), message.c.retry_at <= SystemClock().now()),
                or_(
                    message.c.target.in_(deployed),
                    message.c.target.in_(retired_for_good()),
                    message.c.target.startswith("subscription:"),
                    and_(message.c.target.startswith("start:"), message.c.target.not_in(_suspended_starts())),
                    awaited,
                    _too_late(),
                ),
                ~_behind_a_stuck_limit(self._clock.now()),
            )
            return list(
                conn.execute(waiting.order_by(message.c.attempts, message.c.key).limit(BATCH)).scalars()
            )


def _too_late() -> ColumnElement[bool]:
    """Return whether a message is by its key for another case, which has ended: nobody will take it any more.

    One under the number of the case that threw it is for a procedure that may be published yet.
    """
    of = process_instance.c
    addressed = select(of.key).where(
        of.business_id == message.c.correlation, of.key != message.c.instance_key
    )
    return and_(
        message.c.correlation != "",
        message.c.target.not_in(select(process_definition.c.process_id)),
        addressed.where(of.ended_at.is_not(None)).exists(),
        ~addressed.where(of.ended_at.is_(None)).exists(),
    )


def _behind_a_stuck_limit(now: datetime) -> ColumnElement[bool]:
    """Return whether a message waits for a case in which a limit ran out and could not be carried out.

    It could not be delivered, and a hundred such would keep all others from their turn.
    """
    for_it = or_(
        message.c.target == literal("subscription:") + cast(subscription.c.key, String),
        and_(subscription.c.name == message.c.target, subscription.c.correlation == message.c.correlation),
    )
    return (
        select(timer.c.key)
        .join(subscription, subscription.c.instance_key == timer.c.instance_key)
        .where(timer.c.kind == "expiry", timer.c.last_error.is_not(None), timer.c.not_before <= now, for_it)
        .exists()
    )


def _suspended_starts() -> Select[Any]:
    """Return the targets of start events whose version is suspended: what is for them waits."""
    return (
        select(literal("start:") + cast(start_trigger.c.key, String))
        .join(process_definition, process_definition.c.key == start_trigger.c.definition_key)
        .where(process_definition.c.state == "suspended")
    )
