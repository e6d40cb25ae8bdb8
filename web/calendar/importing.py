"""A holiday notice as text: pasted or uploaded, read, looked at beside its sentences, and entered."""

from datetime import date
from itertools import groupby
from typing import Any
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.calendar import Notice
from engine.calendar.parsed import ParsedHoliday, ParsedNotice
from engine.calendar.parser import parse_notice
from engine.calendar.text import NoticeUnreadable, decode_notice
from engine.errors import InvalidInput, NotFound
from engine.queries.known import in_force_notices
from web.calendar.hand_form import MISSING
from web.dates import Unreadable, read_day
from web.engine import command_id, engine
from web.errors import status_of
from web.language import said
from web.security import acting

MAX_TEXT = 256 * 1024


def register(bp: Blueprint) -> None:
    """Put the routes on the calendar's blueprint."""
    bp.get("/notices/new")(new)
    bp.post("/notices/new")(read)
    bp.post("/notices/new/enter")(enter)


def new() -> ResponseReturnValue:
    """Ask for the text."""
    acting().must_hold("admin")
    return _text_page("")


def read() -> ResponseReturnValue:
    """Read the text and show what it says; nothing is stored."""
    acting().must_hold("admin")
    text = ""
    try:
        text = _given()
        found = _parsed(text)
    except NoticeUnreadable as fault:
        return _text_page(text or request.form.get("text", ""), fault), 422
    fields = {
        "title": found.title or f"国务院办公厅关于{found.year}年部分节假日安排的通知",
        "doc_no": found.doc_no,
        "published": found.signed.isoformat() if found.signed else "",
    }
    return _preview(text, found, fields, {}, None)


def enter() -> ResponseReturnValue:
    """Enter what was looked at; another person confirms it."""
    acting().must_hold("admin")
    text = request.form.get("text", "")
    try:
        _check_length(text.encode())
        found = _parsed(text)
    except NoticeUnreadable as fault:
        return _text_page(text, fault), 422
    fields = {name: request.form.get(name, "").strip()[:200] for name in ("title", "doc_no", "published")}
    errors = _missing(fields)
    try:
        published = read_day(fields["published"]) if fields["published"] else None
    except Unreadable as fault:
        errors["published"], published = said(fault), None
    if errors or published is None:
        return _preview(text, found, fields, errors, None), 422
    notice = Notice(
        id=str(found.year) if found.kind == "annual" else fields["doc_no"][:60],
        kind=found.kind,
        year=found.year,
        title=fields["title"],
        doc_no=fields["doc_no"],
        published=published,
        holidays=tuple(h.to_holiday() for h in found.holidays),
        replaces=found.replaces,
    )
    command = c.EnterCalendarNotice(
        actor=acting(), notice=notice, text=text.encode(), id=command_id() or uuid4().hex
    )
    try:
        answer = engine().handle(command)
    except (InvalidInput, NotFound) as refusal:
        return _preview(text, found, fields, {}, said(refusal)), status_of(refusal)
    return redirect(url_for("calendar.notice", key=answer["calendar_notice_key"]))


def _given() -> str:
    """Return the uploaded file's text, else the pasted one."""
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        raw = upload.read(MAX_TEXT + 1)
        _check_length(raw)
        return decode_notice(raw)
    text = request.form.get("text", "")
    _check_length(text.encode())
    if not text.strip():
        raise NoticeUnreadable(
            "请粘贴通知全文，或者选择一个文本文件。", "Expected a pasted text or a file, found neither."
        )
    return text


def _check_length(raw: bytes) -> None:
    if len(raw) > MAX_TEXT:
        raise NoticeUnreadable(
            "通知文本不得超过256 kB。请只保留通知正文后再试。",
            "Expected at most 256 kB of text. Keep the text of the notice only.",
        )


def _parsed(text: str) -> ParsedNotice:
    return parse_notice(text, known=engine().queries.search(in_force_notices, acting()))


def _missing(fields: dict[str, str]) -> dict[str, str]:
    return {name: str(text) for name, text in MISSING.items() if not fields[name]}


def _text_page(text: str, fault: NoticeUnreadable | None = None) -> str:
    marked = _marked(text, fault.sentence) if fault and fault.sentence else None
    return render_template("calendar/import.html", text=text[: MAX_TEXT * 2], fault=fault, marked=marked)


def _marked(text: str, sentence: str) -> tuple[str, str, str] | None:
    """Return the text before, at and after the sentence; line breaks and spaces do not count in finding it."""
    places = [n for n, char in enumerate(text) if not char.isspace()]
    squeezed = "".join(text[n] for n in places)
    wanted = "".join(sentence.split())
    at = squeezed.find(wanted)
    if at < 0 or not wanted:
        return None
    start, end = places[at], places[at + len(wanted) - 1] + 1
    return text[:start], text[start:end], text[end:]


def _clauses(holiday: ParsedHoliday) -> list[tuple[list[date], str]]:
    """Return the days in order, those next to each other that one clause decides together."""
    runs = groupby(sorted(holiday.deciding), key=lambda decided: decided[1])
    return [([day for day, _ in run], clause) for clause, run in runs]


def _preview(
    text: str, found: ParsedNotice, fields: dict[str, str], errors: dict[str, Any], refused: str | None
) -> str:
    return render_template(
        "calendar/preview.html",
        text=text,
        found=found,
        clauses=_clauses,
        fields=fields,
        errors=errors,
        refused=refused,
        command_id=uuid4().hex,
    )
