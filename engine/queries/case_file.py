"""The case file of a case (E-18): everything an outsider needs to read and to prove it, in one archive."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from sqlalchemy import select

from engine.calendar.data import notice_data
from engine.calendars import CALENDAR_STREAM
from engine.clock import instant_text
from engine.definitions import load_definition, version_files
from engine.documents import PdfUnavailable, pdf
from engine.events import (
    DeadlineMigrated,
    DeadlineMoved,
    DeadlineSet,
    DocumentIssued,
    InstanceMigrated,
    InstanceRebound,
    InstanceStarted,
)
from engine.handlers.access import must_see
from engine.handlers.parties import areas_above
from engine.history import case_file as names
from engine.history.chain import Recorded, parse
from engine.people import Actor
from engine.queries import seals
from engine.queries.case_paper import Words, html
from engine.queries.case_report import case_report
from engine.queries.mining import xes_of_case
from engine.queries.papers import attachment_file, document_file
from engine.queries.reader import Reader
from engine.storage.tables import attachment, event

Files = dict[str, bytes]
MOST_ATTACHED = 128 * 1024 * 1024
"""Bytes of files handed in that an archive takes; the rest is named with its hash."""


@dataclass(frozen=True)
class CaseFile:
    """An archive, the number of its case, and what it is called."""

    case: str
    content: bytes

    @property
    def name(self) -> str:
        """What the file is called."""
        return self.case + names.SUFFIX

    @property
    def sha256(self) -> str:
        """The hash of the archive, in hexadecimal digits."""
        return hashlib.sha256(self.content).hexdigest()


def number_of(reader: Reader, actor: Actor, key: int) -> str:
    """Return the number of the case whose file is asked for.

    Raises:
        NotFound: no such case for this reader.
        NotAllowed: the reader is no auditor.
    """
    actor.must_hold("auditor")
    number: str = must_see(reader.conn, actor, key).business_id
    return number


def case_file(
    reader: Reader,
    actor: Actor,
    key: int,
    words: Words,
    since: date | None = None,
    with_pdf: bool = True,
) -> CaseFile:
    """Return the case file of a case.

    Args:
        words: What the report calls states and results.
        since: The day whose seal was published; its proof is in the file.
        with_pdf: Whether documents and the report are there as PDF too, where this machine can make it.

    Raises:
        NotFound: no such case for this reader, or no such sealed day.
        NotAllowed: the reader is no auditor.
    """
    actor.must_hold("auditor")
    case = must_see(reader.conn, actor, key)
    lines = seals.history(reader, key, case.business_id, since)
    rows = [(parse(row.body), row.hash) for row in _rows(reader, key)]
    events = [recorded for recorded, _ in rows]
    trailer = _trailer(lines[-1])
    sealed = _sealed(trailer)
    report = case_report(reader, actor, key, rows, trailer, sealed)
    page = html(report, words)
    files: Files = {
        names.HISTORY: b"".join(lines),
        names.CALENDAR: b"".join(seals.history(reader, CALENDAR_STREAM, "calendar", since)),
        "forms/forms.json": _json(report.forms_data()),
        names.log_file(case.business_id): xes_of_case(reader, actor, key, masked=False),
        "report.html": page.encode(),
        **_models(reader, events, since),
        **_calendar(reader, events),
        **_documents(reader, actor, events, with_pdf),
        **_attachments(reader, actor, key, b"".join(lines)),
    }
    if with_pdf:
        files |= _pdf("report.pdf", page)
    content = names.pack(files, _facts(reader, case, lines[0], trailer, sealed))
    return CaseFile(case.business_id, content)


def _rows(reader: Reader, key: int) -> Iterable[Any]:
    return reader.conn.execute(
        select(event.c.body, event.c.hash).where(event.c.stream == key).order_by(event.c.seq)
    )


def _trailer(line: bytes) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(line)["trailer"]
    return found


def _sealed(trailer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the latest seal that covers the case says, empty without one."""
    found: dict[str, Any] = orjson.loads(trailer["seals"][-1]["body"])["data"] if trailer["proofs"] else {}
    return found


def _facts(
    reader: Reader, case: Any, header: bytes, trailer: Mapping[str, Any], sealed: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "case": case.business_id,
        "title": case.title,
        "stream": str(case.key),
        "made_at": instant_text(reader.now),
        "algorithm": orjson.loads(header)["algorithm"],
        "events": trailer["events"],
        "head": trailer["head"],
        "sealed_to": trailer["sealed_to"],
        "sealed_day": sealed.get("day"),
        "sealed_root": sealed.get("root"),
    }


def _models(reader: Reader, events: Iterable[Recorded], since: date | None) -> Files:
    found: Files = {}
    for recorded in events:
        told = recorded.event
        if isinstance(told, InstanceStarted | InstanceRebound | InstanceMigrated):
            version = told.version if isinstance(told, InstanceStarted) else told.to_version
            process = load_definition(reader.conn, told.definition_key).process
            lines = seals.history(reader, told.definition_key, f"{process.id}:{version}", since)
            found[names.definition_history(told.definition_key)] = b"".join(lines)
            for path, content in version_files(reader.conn, told.definition_key).items():
                found[names.model_file(version, path)] = content
    return found


def _calendar(reader: Reader, events: Iterable[Recorded]) -> Files:
    moves = [r.event for r in events if isinstance(r.event, DeadlineSet | DeadlineMoved)]
    owners = {m.organisation_key for m in moves if isinstance(m, DeadlineSet | DeadlineMigrated)}
    layers = {
        str(owner): [*areas_above(reader.conn, owner), str(owner)]
        for owner in sorted(owner for owner in owners if owner is not None)
    }
    wanted = {notice_id for m in moves for notice_id in m.notices}
    notices = [
        {
            "known_at": instant_text(known.known_at),
            "known_until": instant_text(known.known_until) if known.known_until else None,
            "notice": notice_data(known.notice),
        }
        for known in reader.calendars.known(reader.conn)
        if known.notice.id in wanted
    ]
    return {names.LAYERS: _json(layers), "calendar/notices.json": _json(notices)}


def _documents(reader: Reader, actor: Actor, events: Iterable[Recorded], with_pdf: bool) -> Files:
    found: Files = {}
    for recorded in events:
        if isinstance(recorded.event, DocumentIssued):
            key = recorded.event.document_key
            content, _, _ = document_file(reader, actor, key, "html")
            found[names.document_file(key)] = content
            if with_pdf:
                found |= _pdf(names.document_file(key, "pdf"), content.decode(), recorded.event.sha256)
    return found


def _pdf(name: str, html: str, sha256: str = "") -> Files:
    try:
        return {name: pdf(html, sha256)}
    except PdfUnavailable:
        return {}  # the HTML holds the same text


def _attachments(reader: Reader, actor: Actor, key: int, history: bytes) -> Files:
    """Return the files that the history names, and a list of them with the names they were handed in under."""
    of = attachment.c
    rows = reader.conn.execute(select(attachment).where(of.instance_key == key).order_by(of.key)).all()
    found: Files = {}
    index: list[Mapping[str, Any]] = []
    room = MOST_ATTACHED
    for row in rows:
        if row.sha256.encode() not in history:
            continue  # of a draft
        held = row.size <= room
        index.append(
            {"key": str(row.key), "name": row.name, "size": row.size, "sha256": row.sha256, "included": held}
        )
        if held:
            room -= row.size
            content, _, _ = attachment_file(reader, actor, row.key)
            found[names.attachment_file(row.sha256)] = content
    return {**found, "attachments/index.json": _json(index)}


def _json(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2)
