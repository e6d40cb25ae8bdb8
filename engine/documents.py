"""Printed documents: rendered once from a template, PDF derived from the frozen HTML (domain E)."""

import tempfile
import threading
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import FunctionLoader, StrictUndefined, TemplateError

from engine.bounded_templates import BoundedEnvironment
from engine.chinese_dates import zh
from engine.clock import instant
from engine.errors import InvalidDefinition, Message, Refused
from engine.periods import BEIJING

FONT_DIR = Path(__file__).parents[1] / "web" / "static" / "fonts"
_ENDINGS = ("。", "！", "？", "…", "。”", "。）", "!", "?")
_unpacking = threading.Lock()
_FONT_FORMATS = {".otf": "opentype", ".ttf": "truetype", ".woff2": "woff2", ".woff": "woff"}


class PdfUnavailable(Refused):
    """PDF cannot be made on this machine; the HTML document holds the same text."""

    code = "pdf_unavailable"


def render(
    templates: Mapping[str, str],
    name: str,
    context: Mapping[str, Any],
    undefined: type[StrictUndefined] = StrictUndefined,
) -> str:
    """Return a document as self-contained HTML.

    Templates are input from a designer: they run in a sandbox, for so many turns, and may not name what is not there.

    Args:
        undefined: What stands for what is not there, where a template is only tried.

    Raises:
        InvalidDefinition: the template is faulty or asks for a value that is missing.
    """
    sources = {f"{key}.html": text for key, text in templates.items()}
    environment = BoundedEnvironment(
        # With the name beside the text, a fault says which of the templates it lies in.
        loader=FunctionLoader(lambda path: (sources[path], path, None) if path in sources else None),
        autoescape=True,
        undefined=undefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["date_zh"] = date_zh
    environment.filters["instant_zh"] = instant_zh
    environment.filters["full_stop"] = full_stop
    try:
        return environment.get_template(f"{name}.html").render(**context)
    except (TemplateError, RecursionError, OverflowError) as fault:
        raise InvalidDefinition(
            [Message(f"文书模板 {name} 有误：{fault}", f"document template {name} is faulty: {fault}")]
        ) from fault


def date_zh(value: object) -> str:
    """Return a date as documents print it: 2026年6月15日."""
    if not value:
        return ""
    day = value if isinstance(value, date) else date.fromisoformat(str(value)[:10])
    return zh(day)


def instant_zh(value: object) -> str:
    """Return an instant in Beijing time: 2026年6月15日09时30分."""
    if not value:
        return ""
    at = value if isinstance(value, datetime) else instant(str(value))
    local = at.astimezone(BEIJING)
    return f"{zh(local)}{local:%H}时{local:%M}分"


def full_stop(value: object) -> str:
    """Return a typed text as a sentence: with a full stop where it has no end of its own."""
    text = str(value or "").rstrip().rstrip("，；、,;.")
    return text if not text or text.endswith(_ENDINGS) else f"{text}。"


def pdf(html: str, sha256: str = "") -> bytes:
    """Return the PDF of a frozen document.

    Args:
        sha256: Of the frozen text; it is printed at the foot of every page, which the text itself cannot do, and
            noted among the file's keywords.

    Raises:
        PdfUnavailable: WeasyPrint or Pango is missing; says what to install.
    """
    try:
        from weasyprint import CSS, HTML
        from weasyprint.text.fonts import FontConfiguration
    except (ImportError, OSError) as fault:
        raise PdfUnavailable(
            "本机缺少生成 PDF 所需的 Pango 组件，请安装 libpango-1.0-0、libpangoft2-1.0-0 后重试；网页版文书内容相同。",
            f"PDF needs Pango (Debian: libpango-1.0-0 libpangoft2-1.0-0): {fault}",
        ) from fault
    fonts = FontConfiguration()
    own = f'.pagefoot .hash:empty::after {{ content: "文本散列值 SHA-256 {sha256}" }}' if sha256 else ""
    styles = [CSS(string=_font_faces() + own, font_config=fonts)]
    document = HTML(string=html).render(stylesheets=styles, font_config=fonts)
    if sha256:
        document.metadata.keywords = [f"SHA-256:{sha256}"]
    made: bytes = document.write_pdf(pdf_version="1.4")  # later ones pack the keywords away
    return made


def unpack_fonts() -> None:
    """Unpack the bundled fonts now, so that the first PDF need not wait for it."""
    _font_faces()


def _font_faces() -> str:
    """Name the bundled fonts; without them the system's Noto CJK stands in."""
    with _unpacking:
        return _unpacked_faces()


@lru_cache(maxsize=1)
def _unpacked_faces() -> str:
    files = [_plain(path) for path in sorted(FONT_DIR.glob("*")) if path.suffix in _FONT_FORMATS]
    return "\n".join(
        f"@font-face {{ font-family: 'Shixian Song'; src: url('{path.as_uri()}') format('{_FONT_FORMATS[path.suffix]}'); }}"
        for path in files
    )


def _plain(path: Path) -> Path:
    """Return the font uncompressed: WeasyPrint would unpack a woff2 for every document, at seconds each."""
    if path.suffix != ".woff2":
        return path
    try:
        from fontTools.ttLib.woff2 import decompress  # type: ignore[import-untyped]
    except ImportError:
        return path
    target = Path(_folder().name) / f"{path.stem}.ttf"
    decompress(str(path), str(target))
    return target


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="shixian-fonts-")  # gone when the process ends
