"""Files behind links: diagrams, documents, attachments."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import or_, select

from engine.definitions import load_definition
from engine.documents import pdf
from engine.errors import NotFound
from engine.file_checks import ending
from engine.handlers.access import must_see
from engine.people import Actor
from engine.queries.reader import Reader
from engine.queries.views import AttachmentLine, FilledForm
from engine.storage.tables import attachment, blob, document, event, user

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
    if not _may_open(reader, actor, row):
        raise NotFound("没有该附件。", f"Expected an attachment {key} that was handed in, found a draft's.")
    return _blob(reader, row.sha256), MEDIA.get(ending(row.name), "application/octet-stream"), row.name


def attachments(
    reader: Reader, actor: Actor, instance_key: int, forms: Iterable[FilledForm]
) -> tuple[AttachmentLine, ...]:
    """Return the files behind forms that were handed in, and what the reader has uploaded for the next one."""
    titles = {int(key): form.title for form in forms for key, _ in (*form.files, *form.tables)}
    of = attachment.c
    rows = reader.conn.execute(
        select(attachment)
        .where(of.instance_key == instance_key, or_(of.key.in_(titles), of.stored_by == actor.user_key))
        .order_by(of.key)
    ).all()
    first: dict[str, int] = {}
    names = {r.key: r.name for r in rows}
    found = []
    for r in rows:
        same = first.setdefault(r.sha256, r.key)
        twin = names[same] if same != r.key else ""
        form = titles.get(r.key, "")
        found.append(AttachmentLine(r.key, r.name, r.size, r.sha256, form, shows(r.name), twin))
    return tuple(found)


def _may_open(reader: Reader, actor: Actor, row: Any) -> bool:
    """Say whether a file is the reader's department's own, or was handed in: a draft is nobody else's (C.6)."""
    if row.stored_by == actor.user_key:
        return True
    by = select(user.c.organisation_key).where(user.c.key == row.stored_by)
    if reader.conn.execute(by).scalar() in actor.acting_orgs:
        return True
    named = f'"{row.key}"'
    bodies = select(event.c.body).where(event.c.stream == row.instance_key, event.c.type != "TaskHandedIn")
    return any(named in _text(body) for body in reader.conn.execute(bodies).scalars())


def _text(body: bytes | str) -> str:
    return body if isinstance(body, str) else body.decode()


def shows(name: str) -> str:
    """Return how a browser may show a file by itself: image, pdf or not at all."""
    media = MEDIA.get(ending(name), "")
    return "pdf" if media == "application/pdf" else media.partition("/")[0]


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
