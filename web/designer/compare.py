"""Two versions or models side by side: the diagrams with marks, the differences in words, the texts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from engine.queries import comparisons as queries
from engine.queries import models as model_queries
from engine.queries import versions as version_queries
from engine.queries.comparisons import Side
from engine.workbench.compare import compare, headline, summary
from engine.workbench.compare_types import GROUPS, KINDS, Comparison, Difference, Line
from web.designer.base import bp, model_of, page
from web.engine import engine
from web.language import said
from web.security import acting

_AROUND = 3  # lines shown before and after what differs
MOST_ROWS = 2_000


@bp.get("/compare")
def comparison() -> ResponseReturnValue:
    """Compare any two published versions or models; without both, ask which."""
    one, other = (_side(request.args.get(name, "")) for name in ("one", "other"))
    return render_template("designer/compare.html", **_values(one, other), **_choices())


@bp.get("/models/<int:key>/compare")
def compare_model(key: int) -> ResponseReturnValue:
    """Compare a model with the version it came from, or with another one."""
    view = model_of(key)
    wanted = request.args.get("with", "") or _origin(view)
    one = _side(wanted)
    other = _side(f"m{key}")
    return page("compare_model", "compare", view, **_values(one, other), **_choices())


def _origin(view: model_queries.ModelView) -> str:
    newest = view.origin_key or engine().queries.search(model_queries.newest_version, view.process_id)
    return f"v{newest}" if newest else ""


def _side(token: str) -> Side | None:
    if not token:
        return None
    found: Side = engine().queries.search(queries.side, acting(), token)
    return found


def _choices() -> dict[str, Any]:
    search, actor = engine().queries.search, acting()
    models = search(model_queries.models, actor) if actor.holds("designer") else []
    return {"procedures": search(version_queries.procedures, actor), "models": models}


def _values(one: Side | None, other: Side | None) -> dict[str, Any]:
    if one is None or other is None:
        return {"one": one, "other": other, "found": None}
    found = compare(one.files, other.files)
    return {
        "one": one,
        "other": other,
        "found": found,
        "summary": said(summary(found)),
        "first": [said(each) for each in headline(found)],
        "groups": [
            (code, said(name), group(found, code)) for code, name in GROUPS.items() if group(found, code)
        ],
        "kinds": [(kind, _words()[kind], sum(d.kind == kind for d in found.differences)) for kind in KINDS],
        "signs": SIGNS,
        "drawings": [_drawing(one), _drawing(other)],
        "marks": {"before": found.before, "after": found.after, "words": _words(), "signs": SIGNS},
        "texts": [(path, list(hunks(lines))) for path, lines in found.texts.items()],
    }


SIGNS = {"added": "+", "removed": "−", "changed": "≠", "moved": "↔"}


def _words() -> dict[str, str]:
    return {"added": _("新增"), "removed": _("删除"), "changed": _("修改"), "moved": _("仅移动")}


def group(found: Comparison, code: str) -> list[Difference]:
    """Return the differences of one group."""
    return [each for each in found.differences if each.group == code]


def _drawing(side: Side) -> dict[str, str]:
    """Return where the diagram of a side is read, and what it is called."""
    if side.version is not None:
        address = url_for("cases.diagram", definition_key=side.version.key)
        return {
            "source": address,
            "name": _("%(name)s第%(version)s版", name=side.name, version=side.version.version),
        }
    address = url_for("designer.file", key=side.model_key, path="process.bpmn", revision=side.revision)
    return {"source": address, "name": _("%(name)s（模型第%(n)s次修订）", name=side.name, n=side.revision)}


@dataclass(frozen=True)
class Hunk:
    """Lines to be shown, and how many that are the same were left out before them."""

    left_out: int
    lines: tuple[Line, ...]


def hunks(lines: Sequence[Line], around: int = _AROUND, most: int = MOST_ROWS) -> Iterator[Hunk]:
    """Yield what differs with a few lines around it, up to so many lines."""
    near = set()
    for place, line in enumerate(lines):
        if line.kind != "same":
            near |= set(range(max(place - around, 0), min(place + around + 1, len(lines))))
    shown: list[Line] = []
    left_out = last = 0
    for place in sorted(near)[:most]:
        if shown and place != last + 1:
            yield Hunk(left_out, tuple(shown))
            shown = []
        if not shown:
            left_out = place - last - 1 if near and last else place
        shown.append(lines[place])
        last = place
    if shown:
        yield Hunk(left_out, tuple(shown))
