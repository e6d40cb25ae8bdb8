"""What the sweep could not carry out: put back behind the others, and shown as an incident."""

import logging
from typing import Any

from sqlalchemy import Row, Table, update

from engine import commands as c
from engine.backoff import put_off
from engine.clock import Clock
from engine.errors import WrongState
from engine.handlers.held import PASSING, words
from engine.storage.database import Writer
from engine.storage.tables import incident, timer
from engine.sweep import ATTEMPTS, Handle


class DeadlineStuck(WrongState):
    """A limit of the case is due and could not be carried out; what is done now would meet it half-way."""

    code = "deadline_stuck"


class Failures:
    """Keeps the error at the row, lets the others go first, and has an incident raised at the first failure.

    What passes by itself (somebody was faster, the database does not serve) is put back without one, until it has
    not passed for `ATTEMPTS` tries. After so many, with pauses from 2 s to an hour, only an operator tries again;
    where no incident could be raised there is nobody to do so, and the sweep goes on every hour.

    Args:
        machine: The machine's clock, by which rows rest.
    """

    def __init__(self, writer: Writer, machine: Clock, handle: Handle) -> None:
        self._writer, self._machine, self._handle = writer, machine, handle

    def put_back(self, table: Table, key: int, fault: Exception) -> None:
        """Put a timer, a message, or an incident whose try could not be made, behind the others."""
        logging.getLogger("shixian").error("%s %s failed", table.name, key, exc_info=fault)
        tried = put_off(self._writer, self._machine, table, key, f"{type(fault).__name__}: {fault}")
        if table is incident or (isinstance(fault, PASSING) and tried < ATTEMPTS):
            return
        if not self._note(table, key, fault) and tried >= ATTEMPTS:
            again = update(table).where(table.c.key == key).values(attempts=ATTEMPTS - 1)
            self._writer.write(lambda conn: conn.execute(again))

    def _note(self, table: Table, key: int, fault: Exception) -> bool:
        """Have the failure written down; say whether an incident keeps it."""
        zh, en = words(fault)
        try:
            answer = self._handle(
                c.NoteFailure(
                    actor=None,
                    cause=zh,
                    cause_en=en,
                    failed_timer=key if table is timer else None,
                    failed_message=None if table is timer else key,
                )
            )
        except Exception:  # the error is at the row and in the log; the others must not wait
            logging.getLogger("shixian").exception("no incident for %s %s", table.name, key)
            return False
        return "incident_key" in answer

    def first(self, row: Row[Any]) -> None:
        """Fire a due timer before somebody acts in its case; one that failed is left to the sweep while it rests.

        Args:
            row: Its key, kind, last_error, attempts and retry_at.

        Raises:
            DeadlineStuck: it is the expiry of a limit and failed; a reminder that fails keeps nobody waiting.
        """
        rests = row.attempts >= ATTEMPTS or (row.retry_at or self._machine.now()) > self._machine.now()
        failed: Exception | None = None
        if row.last_error is None or not rests:
            try:
                self._handle(c.TriggerTimer(actor=None, timer_key=row.key))
                return
            except PASSING:
                raise
            except Exception as fault:
                self.put_back(timer, row.key, fault)
                failed = fault
        if row.kind == "expiry":
            raise DeadlineStuck(
                "本事项有期限已经届满，但届满的处理出现异常，系统管理员正在处理，请稍后再办理。",
                "A limit of this case has run out and could not be carried out; an operator has been told.",
            ) from failed
