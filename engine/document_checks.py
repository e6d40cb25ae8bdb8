"""What a document of a definition needs: found when it is deployed."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from jinja2 import Environment, TemplateSyntaxError, meta

from engine.expression_checks import Told
from engine.model import PARTIES, DocumentRule, Process

_TEXT = {"title": "标题", "series": "文号中的类别", "by": "发文单位"}


def document_findings(
    process: Process, document: DocumentRule, templates: Mapping[str, str]
) -> Iterator[Told]:
    """Yield what is missing or wrong in what an element says about a document it issues."""
    name = document.template
    if name not in templates:
        yield "document", f"找不到文书模板 {name}", f"document template {name} is missing"
    for attribute, zh in _TEXT.items():
        if not getattr(document, attribute).strip():
            yield (
                "document",
                f"文书 {name} 须写明{zh}（{attribute}）",
                f"document {name} needs its {attribute}",
            )
    for party in filter(None, (document.by, document.to)):
        if party not in PARTIES:
            yield (
                "document",
                f"文书 {name} 的单位 {party} 应为{'、'.join(PARTIES)}之一",
                f"{party} of document {name} is none of {', '.join(PARTIES)}",
            )
    limit = document.limit
    if limit and (limit not in process.nodes or process.nodes[limit].period is None):
        yield "document", f"文书所列期限 {limit} 不是计时器", f"{limit} is no timer with a period"
    yield from _parts_missing(name, templates)


def _parts_missing(name: str, templates: Mapping[str, str]) -> Iterator[Told]:
    """Yield the templates that a template extends or includes, directly or through others, and that are not there."""
    seen, ahead = {name}, [name]
    while ahead:
        text = templates.get(ahead.pop())
        if text is None:
            continue
        parts, fault = _parts(text)
        if fault:
            yield "document", f"文书模板 {name} 有误：{fault}", f"document template {name} is faulty: {fault}"
        for part in parts:
            if part not in templates:
                yield (
                    "document",
                    f"文书模板 {name} 所用的 {part} 不存在",
                    f"document template {name} uses {part}, which is missing",
                )
            if part not in seen:
                seen.add(part)
                ahead.append(part)


@lru_cache(maxsize=512)
def _parts(text: str) -> tuple[tuple[str, ...], str]:
    """Return what a template extends or includes, and its fault in syntax; kept, since most texts stay the same."""
    try:
        parts = meta.find_referenced_templates(Environment(autoescape=True).parse(text))
        return tuple(found.removesuffix(".html") for found in parts if found), ""
    except (TemplateSyntaxError, RecursionError) as fault:
        return (), str(fault)
