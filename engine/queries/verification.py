"""Checking on a page: an uploaded file as an outsider would, and the chain of a case where it stands."""

import io
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import select

from engine.errors import NotFound
from engine.handlers.access import must_see, visible_cases
from engine.history import case_file as names
from engine.history.archive import is_archive, read_archive
from engine.history.breaks import Broken
from engine.history.case_file_check import CaseFileReport, verify_case_file
from engine.history.excerpt import Excerpt, around
from engine.history.verify import Published, Report, verify
from engine.integrity import check_stream
from engine.people import Actor
from engine.queries import seals
from engine.queries.reader import Reader
from engine.storage.tables import process_instance


@dataclass(frozen=True)
class Verdict:
    """What a check says.

    Attributes:
        history: What the whole history proves, None where it is broken.
        file: Of a case file, what else was checked.
        case: The case number, where it is known whatever the history says.
        excerpt: The events around the first break.
    """

    history: Report | None
    file: CaseFileReport | None = None
    findings: tuple[Broken, ...] = ()
    excerpt: tuple[Excerpt, ...] = ()
    case: str = ""

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def check_file(file: BinaryIO, published: Published | None) -> Verdict:
    """Return what a file proves, a `*.shixian.jsonl` or a `*.shixian.zip`; asks no database."""
    archive = is_archive(file)
    try:
        if archive:
            report = verify_case_file(file, published)
            return Verdict(report.history, report, tuple(report.findings))
        return Verdict(verify(file, published))
    except Broken as broken:
        return Verdict(None, None, (broken,), tuple(_excerpt(file, archive, broken)))


def _excerpt(file: BinaryIO, archive: bool, broken: Broken) -> list[Excerpt]:
    file.seek(0)
    try:
        history = read_archive(file).get(names.HISTORY, b"") if archive else file.read()
    except Broken:
        return []  # the archive itself is what is wrong
    return around(history, broken)


def check_case(reader: Reader, actor: Actor, key: int, published: Published | None = None) -> Verdict:
    """Return what the chain of a case proves where it stands: as its export would, and against its head.

    Raises:
        NotFound: no such case for this reader.
        NotAllowed: the reader is no auditor.
    """
    actor.must_hold("auditor")
    case = must_see(reader.conn, actor, key)
    broken = check_stream(reader.conn, key, reader.algorithm)
    if broken is not None and broken.kind == "edited" and broken.expected == "":
        return Verdict(None, None, (broken,), case=case.business_id)  # it cannot even be read
    history = b"".join(seals.history(reader, key, case.business_id))
    if broken is not None:
        return Verdict(None, None, (broken,), tuple(around(history, broken)), case.business_id)
    try:
        return Verdict(verify(io.BytesIO(history), published), case=case.business_id)
    except Broken as found:
        return Verdict(None, None, (found,), tuple(around(history, found)), case.business_id)


def case_number(reader: Reader, actor: Actor, number: str) -> int:
    """Return the key of the case with a number.

    Raises:
        NotFound: no such case for this reader.
    """
    of = process_instance.c
    query = select(of.key).where(of.business_id == number.strip(), visible_cases(reader.conn, actor))
    key = reader.conn.execute(query.order_by(of.key).limit(1)).scalar()
    if key is None:
        raise NotFound(
            "没有该编号的办理事项，或者您无权查看。", "Expected a case of that number, found none."
        )
    return int(key)
