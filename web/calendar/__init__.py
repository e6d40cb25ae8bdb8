"""The working calendar: the year, questions to it, the documents behind it, calendars to subscribe to."""

from flask import Blueprint

from web.calendar import by_hand, feeds, importing, notices, year

bp = Blueprint("calendar", __name__, url_prefix="/calendar")

for module in (year, feeds, notices, importing, by_hand):
    module.register(bp)
