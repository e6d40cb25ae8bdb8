"""The register of grants: the list, a grant's page, the register of use as CSV."""

from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as lazy

from engine.periods import BEIJING
from engine.queries import grants as queries
from engine.speech import Bilingual
from web.engine import engine
from web.security import acting
from web.sheets import csv_file

bp = Blueprint("grants", __name__, url_prefix="/grants")
NAMES = {"living": lazy("有效"), "suspended": lazy("暂停使用"), "ended": lazy("已终止"), "all": lazy("全部")}
_COLUMNS = (
    ("period", Bilingual("期间", "Period")),
    ("use_count", Bilingual("使用次数", "Times used")),
    ("business", Bilingual("支撑事项", "Business supported")),
    ("effect", Bilingual("成效", "Effect")),
    ("stored", Bilingual("是否落地存储", "Stored locally")),
    ("destroyed", Bilingual("是否销毁", "Destroyed")),
    ("note", Bilingual("备注", "Note")),
)
_YES_NO = {"yes": Bilingual("是", "Yes"), "no": Bilingual("否", "No")}


@bp.get("")
def index() -> ResponseReturnValue:
    """List the grants that the reader may see."""
    text, which = request.args.get("q", "")[:100], request.args.get("which", "living")
    which = which if which in NAMES else "living"
    number = request.args.get("page", 1, type=int)
    rows, total, page, pages = engine().queries.search(queries.grants, acting(), text, which, number)
    return render_template(
        "grants.html", rows=rows, total=total, page=page, pages=pages, text=text, which=which, names=NAMES
    )


@bp.get("/<int:key>")
def show(key: int) -> ResponseReturnValue:
    """Show a grant: its conditions, how it was used, what happened to it."""
    view = engine().queries.search(queries.one, acting(), key)
    return render_template("grant.html", grant=view, columns=_COLUMNS, yes_no=_YES_NO)


@bp.get("/uses.csv")
def all_uses() -> ResponseReturnValue:
    """Return the register of use of all grants that the reader may see."""
    return _csv(engine().queries.search(queries.uses, acting()), "应用情况登记.csv")


@bp.get("/<int:key>/uses.csv")
def uses(key: int) -> ResponseReturnValue:
    """Return the register of use of one grant."""
    view = engine().queries.search(queries.one, acting(), key)
    lines = engine().queries.search(queries.uses, acting(), key)
    return _csv(lines, f"应用情况登记（{view.origin_id}）.csv")


def _csv(lines: list[tuple[Any, Any]], name: str) -> Response:
    head = ("授权编号", "资源", "目录代码", "使用部门", "提供部门", "登记时刻", "登记人")
    rows: list[list[object]] = []
    for row, line in lines:
        at = line.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
        fixed = (row.business_id, row.resource, row.code, row.user, row.provider, at, line.author)
        values = (_YES_NO.get(str(v), v) for v in (line.values.get(key, "") for key, _ in _COLUMNS))
        rows.append([*fixed, *values])
    return csv_file(name, [*head, *(label for _, label in _COLUMNS)], rows)
