"""What every page of figures needs: what it is over, what can be chosen, how its figures are written."""

from datetime import date
from functools import partial
from typing import Any

from flask import request, url_for

from engine.statistics.selection import Selection
from engine.statistics.views import Choices
from web.audit.base import bp, page
from web.audit.charts import share_bar
from web.audit.figures import DIMENSIONS, LEVELS, described, percent, span, today, working_days
from web.labels import RESULTS

_MOST_MONTHS = 600
for _name, _filter in (
    ("percent", percent),
    ("span", span),
    ("working_days", working_days),
    ("share_bar", share_bar),
):
    bp.add_app_template_filter(_filter, _name)


def figures_page(template: str, selection: Selection, choices: Choices, **values: Any) -> str:
    """Render a page of figures; `again` makes the address of the same page with something else asked."""
    own = {
        "selection": selection,
        "choices": choices,
        "scope": described(selection, choices),
        "today": today(),
        "again": partial(_again, selection),
        "dimensions": DIMENSIONS,
        "options": _options(choices),
    }
    return page(template, "statistics", **own, **values)


def _again(selection: Selection, **asked: Any) -> str:
    kept = {key: request.args[key] for key in ("name",) if request.args.get(key)}
    return url_for(request.endpoint or "", **{**selection.chosen(), **kept, **asked})


def _options(choices: Choices) -> dict[str, list[tuple[str, Any]]]:
    months = [(month, month) for month in months_between(*choices.months)]
    return {
        "levels": [(level, LEVELS.get(level, level)) for level in choices.levels],
        "areas": [(area, area) for area in choices.areas],
        "results": [(result, RESULTS.get(result, result)) for result in choices.results],
        "months": months,
    }


def months_between(first: str, last: str) -> list[str]:
    """Return the ISO months from one to another."""
    if not first:
        return []
    found: list[str] = []
    at = date.fromisoformat(f"{first}-01")
    while f"{at:%Y-%m}" <= last and len(found) < _MOST_MONTHS:
        found.append(f"{at:%Y-%m}")
        at = date(at.year + at.month // 12, at.month % 12 + 1, 1)
    return found
