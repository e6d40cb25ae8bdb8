"""What every page of the workbench needs: its blueprint, the model it is about, the frame around it."""

from datetime import datetime
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext, lazy_pgettext
from werkzeug.exceptions import UnsupportedMediaType

from engine.characters import must_be_storable
from engine.errors import InvalidInput
from engine.periods import BEIJING
from engine.queries import models as queries
from engine.queries.models import ModelView
from web.engine import engine
from web.security import acting

bp = Blueprint("designer", __name__, url_prefix="/designer")


TABS: list[tuple[str, str, Any]] = [
    ("diagram", "designer.diagram", lazy_gettext("流程图")),
    ("forms", "designer.forms", lazy_gettext("表单")),
    ("decisions", "designer.decisions", lazy_gettext("决策表")),
    ("documents", "designer.documents", lazy_gettext("文书")),
    ("words", "designer.words", lazy_gettext("口径")),
    ("rehearse", "designer.rehearsal", lazy_gettext("演练")),
    ("limits", "designer.limits", lazy_gettext("期限预览")),
    ("what-if", "designer.what_if", lazy_gettext("影响测算")),
    ("compare", "designer.compare_model", lazy_gettext("对比")),
    ("publish", "designer.publication", lazy_pgettext("act", "发布")),
]
"""Code, endpoint and name of the tabs of a model, after its overview."""


@bp.app_context_processor
def _tabs() -> dict[str, Any]:
    return {"designer_tabs": TABS}


def model_of(key: int, revision: int | None = None) -> ModelView:
    """Return a model for its page.

    Raises:
        NotAllowed: the person is no designer.
        NotFound: no such model.
    """
    view: ModelView = engine().queries.search(queries.model_view, acting(), key, revision)
    return view


def page(template: str, tab: str, view: ModelView, **values: Any) -> str:
    """Render a page of a model inside the frame, with a tab marked."""
    return render_template(f"designer/{template}.html", tab=tab, model=view, **values)


def typed(at: datetime) -> str:
    """Return an instant as a field for a day and a time holds it, in Beijing time."""
    return at.astimezone(BEIJING).replace(tzinfo=None).isoformat(timespec="minutes")


def posted() -> dict[str, Any]:
    """Return the JSON object of a request that a page's script sent; its token stands in X-CSRF.

    Raises:
        InvalidInput: not an object, or with characters that nothing can keep.
    """
    if not request.is_json:
        raise UnsupportedMediaType
    data = request.get_json(silent=True)
    if not isinstance(data, dict):
        raise InvalidInput("请求内容应为 JSON 对象。", "Expected a JSON object.")
    must_be_storable(data)
    return data


def texts(data: dict[str, Any], name: str) -> dict[str, bytes | None]:
    """Return a map of path to text, or to None for a file that goes, from a posted object.

    Raises:
        InvalidInput: anything else.
    """
    found = data.get(name, {})
    if not isinstance(found, dict) or not all(isinstance(text, str | None) for text in found.values()):
        raise InvalidInput(f"{name} 应为路径与文字的对应。", f"Expected {name} to map paths to texts.")
    return {path: None if text is None else text.encode() for path, text in found.items()}
