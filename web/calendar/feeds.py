"""Calendars to subscribe to, and the person's own address."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.errors import NotFound
from engine.ical_feeds import own_limits, working_days
from engine.queries.own_deadlines import own_deadlines
from web.engine import engine
from web.security import acting

_MAX_AGE = 300


def register(bp: Blueprint) -> None:
    """Put the routes on the calendar's blueprint."""
    bp.get("/working-days.ics")(public)
    bp.get("/feed/<token>.ics")(personal)
    bp.post("/feed")(renew)
    bp.post("/feed/revoke")(revoke)


def public() -> ResponseReturnValue:
    """Return the nation's days off and make-up days; anybody may have them."""
    calendar = engine().calendar()
    return _feed(working_days(calendar, calendar.annual), "public")


def personal(token: str) -> ResponseReturnValue:
    """Return the limits of the person whose secret it is.

    Raises:
        NotFound: nobody's; one sentence for a wrong address and for a revoked one.
    """
    actor = engine().feeds.actor(token)
    if actor is None:
        raise NotFound("没有该订阅地址，或者已经停用。", "Expected a feed's address, found none.")
    return _feed(own_limits(engine().queries.search(own_deadlines, actor)), "private")


def renew() -> ResponseReturnValue:
    """Make the address anew and show it, this once."""
    token = engine().feeds.renew(acting())
    address = url_for("calendar.personal", token=token, _external=True)
    return render_template("calendar/feed.html", address=address)


def revoke() -> ResponseReturnValue:
    """End the address."""
    engine().feeds.revoke(acting())
    return redirect(url_for("calendar.show", feed="revoked") + "#subscribe")


def _feed(content: bytes, whose: str) -> ResponseReturnValue:
    response = make_response(content)
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Cache-Control"] = f"{whose}, max-age={_MAX_AGE}"
    response.add_etag()
    response.make_conditional(request)
    return response
