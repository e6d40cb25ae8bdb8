"""A letter's payload as mail: the text everybody can read, and HTML where there are lists.

A payload has `subject` and `text`, may have `path` (a page of the product), and of a digest `sections`: each a `title`,
`lines` of `text` and `path`, and how many `more` there are.
"""

from collections.abc import Mapping
from html import escape
from typing import Any

_FONT = "font-family:'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif;color:#1b2430"


def plain(payload: Mapping[str, Any], base_url: str) -> str:
    """Return the text part.

    Args:
        base_url: Where the product is found; empty for no links.
    """
    parts = [str(payload["text"])]
    for section in payload.get("sections", ()):
        lines = [f"· {line['text']}{_link(line, base_url)}" for line in section["lines"]]
        parts.append("\n".join([f"【{section['title']}】", *lines, *_more(section)]))
    return "\n\n".join(parts) + _link(payload, base_url) + "\n"


def rich(payload: Mapping[str, Any], base_url: str) -> str | None:
    """Return the HTML part of a letter with sections, None for others."""
    if "sections" not in payload:
        return None
    parts = [f'<p style="font-size:16px;margin:0 0 16px">{escape(str(payload["text"]))}</p>']
    for section in payload["sections"]:
        tone = "#b42318" if section.get("late") else "#12395f"
        items = "".join(_item(line, base_url) for line in section["lines"])
        more = "".join(f'<li style="color:#4a5564">{escape(text)}</li>' for text in _more(section))
        parts.append(
            f'<h2 style="font-size:15px;margin:16px 0 6px;color:{tone}">{escape(section["title"])}</h2>'
            f'<ul style="margin:0;padding-left:20px;line-height:1.8">{items}{more}</ul>'
        )
    body = "".join(parts)
    return f'<!DOCTYPE html><html lang="zh-CN"><body style="{_FONT};font-size:14px">{body}</body></html>'


def _item(line: Mapping[str, str], base_url: str) -> str:
    text = escape(line["text"])
    if not base_url or not line.get("path"):
        return f"<li>{text}</li>"
    return f'<li><a href="{escape(base_url + line["path"])}" style="color:#0b5cad">{text}</a></li>'


def _link(line: Mapping[str, Any], base_url: str) -> str:
    return f"\n  {base_url}{line['path']}" if base_url and line.get("path") else ""


def _more(section: Mapping[str, Any]) -> list[str]:
    return [f"另有{section['more']}项，请登录平台查看。"] if section.get("more") else []
