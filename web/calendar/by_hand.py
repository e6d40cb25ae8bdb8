"""A document typed by hand: amendments of another form, local rules, closures, corrections."""

import re
from uuid import uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.errors import InvalidInput, NotFound
from engine.queries import calendar as questions
from web.calendar.hand_form import HandForm, blank, from_notice, from_post
from web.calendar.notices import KINDS
from web.engine import command_id, engine
from web.errors import status_of
from web.keys import MAX_KEY
from web.language import said
from web.security import acting


def register(bp: Blueprint) -> None:
    """Put the routes on the calendar's blueprint."""
    bp.get("/notices/by-hand")(by_hand)
    bp.post("/notices/by-hand")(enter_by_hand)


def by_hand() -> ResponseReturnValue:
    """Show the form, blank or with the document that is to be corrected."""
    acting().must_hold("admin")
    corrects = _key(request.args.get("corrects", ""))
    if corrects is None:
        return _page(blank())
    line = engine().queries.search(questions.notice, acting(), corrects).line
    return _page(from_notice(line.notice, corrects))


def enter_by_hand() -> ResponseReturnValue:
    """Enter the document; every error comes back at once beside its field."""
    acting().must_hold("admin")
    form = from_post(request.form, _key(request.form.get("corrects", "")))
    notice = form.read(_corrected_id(form))
    if notice is None:
        return _page(form), 422
    command = c.EnterCalendarNotice(
        actor=acting(), notice=notice, corrects=form.corrects, id=command_id() or uuid4().hex
    )
    try:
        answer = engine().handle(command)
    except (InvalidInput, NotFound) as refusal:
        form.refused = said(refusal)
        return _page(form), status_of(refusal)
    return redirect(url_for("calendar.notice", key=answer["calendar_notice_key"]))


def _corrected_id(form: HandForm) -> str | None:
    """Return the id that a correction keeps, since it takes the place of the document."""
    if form.corrects is None:
        return None
    found: str = engine().queries.search(questions.notice, acting(), form.corrects).line.notice.id
    return found


def _key(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,19}", text) and int(text) <= MAX_KEY else None


def _page(form: HandForm) -> str:
    scopes = engine().queries.search(questions.scopes, acting())
    return render_template(
        "calendar/by_hand.html", form=form, scopes=scopes, kinds=KINDS, command_id=uuid4().hex
    )
