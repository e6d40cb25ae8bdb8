"""The report of a case file on paper: one self-contained page, in Chinese as documents are (E-18)."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from engine.chinese_dates import zh, zh_week
from engine.explanation import day_reason
from engine.periods import BEIJING
from engine.queries.case_report import CaseReport, Diagram
from engine.strips import StripDay

Words = Callable[[str, str], str]
"""What a code of a kind (state, result, deadline, certainty) is called."""

_SHEETS = (("A4", 297, 210), ("A3", 420, 297), ("A2", 594, 420), ("A1", 841, 594))
_EDGE = 30  # millimetres of a sheet that take no picture
_LEAST = 0.19  # millimetres to a unit of the diagram: letters of six points


def html(report: CaseReport, words: Words) -> str:
    """Return the report as HTML for screens and, by its print rules, for paper."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "day": _day,
        "week": zh_week,
        "instant": _instant,
        "groups": _groups,
        "reason": _reason,
        "picture": _picture,
        "sheet": _sheet,
    }
    return environment.get_template("case_report.html").render(r=report, h=report.head, words=words)


def _day(value: date | None) -> str:
    return zh(value) if value else ""


def _instant(value: datetime | None) -> str:
    return f"{value.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}" if value else ""


def _groups(text: str) -> str:
    return " ".join(text[at : at + 8] for at in range(0, len(text), 8))


def _reason(day: StripDay) -> str:
    return str(day_reason(day))


def _picture(diagram: Diagram) -> Markup:
    # Drawn by ourselves through an XML library: what the model says in it is text already.
    return Markup(diagram.svg)


def _sheet(diagram: Diagram) -> str:
    """Return the smallest sheet on which the letters of a diagram can still be read."""
    for name, width, height in _SHEETS:
        scale = min((width - _EDGE) / diagram.width, (height - 2 * _EDGE) / diagram.height)
        if scale >= _LEAST:
            return name
    return _SHEETS[-1][0]
