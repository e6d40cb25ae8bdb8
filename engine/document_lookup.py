"""Checking a document by its verification code: for whoever holds it, without signing in.

Nothing of the case is told but what stands at the head of the document itself.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy import Connection, delete, func, insert, select

from engine import verification_code
from engine.clock import Clock
from engine.documents import PdfUnavailable, pdf
from engine.errors import InvalidInput, NotFound, TooManyAttempts
from engine.handlers.parties import organisation_named
from engine.periods import beijing_day
from engine.storage.database import Database, Writer
from engine.storage.tables import blob, document, sign_in_failure

MAX_FILE = 20 * 1024 * 1024
_WINDOW = timedelta(minutes=15)
_PER_ADDRESS = 30


@dataclass(frozen=True)
class CheckedDocument:
    """What the platform keeps about a document.

    Attributes:
        followed: Whether a later document of the same kind was issued in the same case.
        sha256: Of the frozen text, which is the HTML file.
    """

    code: str
    title: str
    number: str
    issuer: str
    addressee: str
    issued_on: date
    followed: bool
    sha256: str


@dataclass(frozen=True)
class Comparison:
    """What holding a file against the frozen text shows.

    Attributes:
        verdict: same, same_pdf, named (a PDF that only says it came from this text), other or unknown.
        sha256: Of the file.
    """

    verdict: str
    sha256: str


class DocumentLookup:
    """Looks documents up by code, on the machine's clock, with a brake on guessing as for signing in."""

    def __init__(self, database: Database, writer: Writer, clock: Clock) -> None:
        self._database, self._writer, self._clock = database, writer, clock

    def look_up(self, typed: str, remote_addr: str) -> CheckedDocument:
        """Return the document of a code.

        Raises:
            InvalidInput: it cannot be a code.
            NotFound: no document has it.
            TooManyAttempts: thirty unknown codes from the address within 15 minutes.
        """
        code = verification_code.read(typed)
        if code is None:
            raise InvalidInput(
                "验证码应为四组、每组四位的字母和数字，例如 7KQ2-M0XW-3F9T-AH5C，请对照文书页脚重新输入。",
                f"Expected four groups of four letters and digits, found {len(typed)} other characters.",
            )
        self._must_be_calm(remote_addr)
        with self._database.reading() as conn:
            found = _find(conn, code)
        if found is None:
            self._count_failure(remote_addr)
            raise NotFound(
                "没有使用该验证码的文书。请核对是否输入有误；确认无误仍查不到的，该文书不是由本平台印发，"
                "请向文书所署发文单位核实。",
                "No document has this code; check it, and ask the body the document names.",
            )
        return found

    def compare(self, checked: CheckedDocument, content: bytes) -> Comparison:
        """Hold a file against the frozen text.

        Raises:
            InvalidInput: an empty file or one over 20 MB.
        """
        if not 0 < len(content) <= MAX_FILE:
            raise InvalidInput(
                "所选文件应大于0且不超过20 MB。", f"Expected 1 byte to 20 MB, found {len(content)} bytes."
            )
        digest = hashlib.sha256(content).hexdigest()
        if digest == checked.sha256:
            return Comparison("same", digest)
        if not content.startswith(b"%PDF-"):
            return Comparison("other", digest)
        try:
            if digest == self._pdf_digest(checked.sha256):
                return Comparison("same_pdf", digest)
        except PdfUnavailable:
            return Comparison("unknown", digest)
        return Comparison("named" if f"SHA-256:{checked.sha256}".encode() in content else "other", digest)

    def _pdf_digest(self, sha256: str) -> str:
        with self._database.reading() as conn:
            html: bytes = conn.execute(select(blob.c.content).where(blob.c.sha256 == sha256)).scalar_one()
        return _made_digest(html, sha256)

    def _must_be_calm(self, remote_addr: str) -> None:
        table, since = sign_in_failure.c, self._clock.now() - _WINDOW
        query = select(func.count()).where(table.subject == _subject(remote_addr), table.at > since)
        with self._database.reading() as conn:
            failures = conn.execute(query).scalar_one()
        if failures >= _PER_ADDRESS:
            raise TooManyAttempts(
                "查询不到的验证码输入过多，请15分钟后再试。",
                "Too many unknown codes; try again in 15 minutes.",
            )

    def _count_failure(self, remote_addr: str) -> None:
        table, now, subject = sign_in_failure, self._clock.now(), _subject(remote_addr)

        def write(conn: Connection) -> None:
            old = delete(table).where(table.c.subject == subject, table.c.at <= now - _WINDOW)
            conn.execute(old)
            conn.execute(insert(table), {"subject": subject, "at": now})

        self._writer.write(write)


def _find(conn: Connection, code: str) -> CheckedDocument | None:
    row = conn.execute(select(document).where(document.c.verification == code)).first()
    if row is None:
        return None
    on = beijing_day(row.issued_at)
    later = select(document.c.key).where(
        document.c.instance_key == row.instance_key,
        document.c.template == row.template,
        document.c.key > row.key,
    )

    def named(key: int | None) -> str:
        return organisation_named(conn, key, on) if key is not None else ""

    return CheckedDocument(
        code=code,
        title=row.title,
        number=row.number,
        issuer=named(row.organisation_key),
        addressee=named(row.addressee_key),
        issued_on=on,
        followed=conn.execute(later.limit(1)).first() is not None,
        sha256=row.sha256,
    )


@lru_cache(maxsize=256)
def _made_digest(html: bytes, sha256: str) -> str:
    """Return the digest of the PDF that is made of a frozen text now; the same program makes the same file."""
    return hashlib.sha256(pdf(html.decode(), sha256)).hexdigest()


def _subject(remote_addr: str) -> str:
    return f"code:{remote_addr}"
