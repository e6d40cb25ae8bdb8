"""Files behind links: diagrams, documents, attachments."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select

from engine.definitions import load_definition
from engine.documents import pdf
from engine.errors import NotFound
from engine.handlers.access import must_see
from engine.people import Actor
from engine.queries.reader import Reader
from engine.storage.tables import attachment, blob, document

MEDIA = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
}


def diagram(reader: Reader, actor: Actor, definition_key: int) -> str:
    """Return the BPMN XML of a version; definitions are no case data."""
    return load_definition(reader.conn, definition_key).process.xml.decode()


def document_file(reader: Reader, actor: Actor, key: int, fmt: str) -> tuple[bytes, str, str]:
    """Return (content, media type, file name) of an issued document.

    Raises:
        NotFound: no such document for this reader.
        PdfUnavailable: PDF was asked for and cannot be made here.
    """
    row = reader.conn.execute(select(document).where(document.c.key == key)).first()
    if row is None:
        raise NotFound("没有该文书。", f"Expected a document {key}, found none.")
    must_see(reader.conn, actor, row.instance_key)
    html = _blob(reader, row.sha256)
    name = f"{row.title}（{row.number}）"
    if fmt == "pdf":
        return pdf(html.decode(), row.sha256), "application/pdf", f"{name}.pdf"
    return html, "text/html; charset=utf-8", f"{name}.html"


def attachment_file(reader: Reader, actor: Actor, key: int) -> tuple[bytes, str, str]:
    """Return (content, media type, file name) of a file handed in.

    Raises:
        NotFound: no such file for this reader.
    """
    row = reader.conn.execute(select(attachment).where(attachment.c.key == key)).first()
    if row is None:
        raise NotFound("没有该附件。", f"Expected an attachment {key}, found none.")
    must_see(reader.conn, actor, row.instance_key)
    suffix = row.name.rsplit(".", 1)[-1].lower()
    return _blob(reader, row.sha256), MEDIA.get(suffix, "application/octet-stream"), row.name


def uploaded(reader: Reader, actor: Actor, instance_key: int, keys: Collection[int]) -> list[dict[str, Any]]:
    """Return the files among `keys` that the actor stored for the case, as a form names them."""
    rows = reader.conn.execute(
        select(attachment)
        .where(
            attachment.c.instance_key == instance_key,
            attachment.c.stored_by == actor.user_key,
            attachment.c.key.in_(keys),
        )
        .order_by(attachment.c.key)
    )
    return [{"key": str(r.key), "name": r.name, "size": r.size, "sha256": r.sha256} for r in rows]


def _blob(reader: Reader, sha256: str) -> bytes:
    content: bytes = reader.conn.execute(select(blob.c.content).where(blob.c.sha256 == sha256)).scalar_one()
    return content
