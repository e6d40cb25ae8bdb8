"""Two languages, both complete: no text outside the catalogue, no message without English, no page half and half."""

import ast
import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import jinja2
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po
from lxml import html as parser

from engine.demo.cases import Desk, deliver, granted, refused
from engine.history import verb_words, verb_words_en, words, words_en
from engine.speech import Bilingual
from tests.conftest import at_once
from tests.web.conftest import Browser
from web.labels import day_zh, span_zh

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
PO = WEB / "translations" / "en" / "LC_MESSAGES" / "messages.po"
TEMPLATES = sorted(WEB.glob("templates/**/*.html"))
MODULES = sorted([*WEB.glob("*.py"), *WEB.glob("calendar/*.py")])
# Chinese characters and Chinese punctuation; the wide plus and minus of a zoom button are signs, not words.
CHINESE = re.compile("[\u3001-\u303f\u3400-\u9fff\uff01-\uff0a\uff0c\uff0e-\uff60]")
TRANSLATES = {
    "_",
    "lazy",
    "gettext",
    "ngettext",
    "pgettext",
    "lazy_gettext",
    "lazy_pgettext",
}
NOT_ON_PAGES = {
    "cli.py": "the command line speaks Chinese to those who run the service",
    "dates.py: _DAY _TO _COMMA read_days write_days": "how people write dates, not what a page says",
    "labels.py: _WEEK day_week span_zh week weekdays month_name clock_zh day_end end_zh": "Chinese days, English beside",
    "language.py: LANGUAGES": "each language is named in itself",
    "grants.py: all_uses uses _csv": "a table that is handed on stays Chinese",
    "calendar/notices.py: moves_csv _row": "a table that is handed on stays Chinese",
    "calendar/hand_form.py: HandForm.read HandForm._year from_notice": "signs that people type between names",
    "calendar/importing.py: read": "the title every such notice has",
    "seals.py: table": "a table that is handed on stays Chinese",
    "records.py: template": "the name of a file that is handed on",
    "versions.py: read_names": "a wide sign of equality that people type",
}


def _name(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _chinese(node: ast.AST) -> bool:
    return any(
        isinstance(x, ast.Constant) and isinstance(x.value, str) and CHINESE.search(x.value)
        for x in ast.walk(node)
    )


def _paired(node: ast.Call | ast.Tuple) -> list[ast.AST]:
    """Return the Chinese of (Chinese, English), as refusals, messages and tables have them."""
    parts = node.args if isinstance(node, ast.Call) else node.elts
    return [
        one
        for one, other in pairwise(parts)
        if _is_text(other) and not _chinese(other) and re.search("[A-Za-z]{2}", ast.unparse(other))
    ]


def _outside_catalogue(tree: ast.AST, inside: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Yield (where, text) of Chinese that no page can say in English."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield from _outside_catalogue(node, (*inside, node.name))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue  # documentation
        elif isinstance(node, ast.Assign) and not inside:
            yield from _outside_catalogue(node, (ast.unparse(node.targets[0]),))
        elif isinstance(node, ast.Call) and _name(node) in TRANSLATES:
            continue
        elif isinstance(node, ast.Call | ast.Tuple) and (paired := _paired(node)):
            for part in ast.iter_child_nodes(node):
                if part not in paired:
                    yield from _outside_catalogue(ast.Module([ast.Expr(part)], []), inside)  # type: ignore[list-item,arg-type]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and CHINESE.search(node.value):
            yield ".".join(inside), node.value
        else:
            yield from _outside_catalogue(node, inside)


def _allowed(module: str, where: str) -> bool:
    for entry in NOT_ON_PAGES:
        name, _, places = entry.partition(": ")
        if name == module and (not places or where in places.split()):
            return True
    return False


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(WEB)))
def test_a_module_of_pages_says_nothing_outside_the_catalogue(path: Path) -> None:
    module = str(path.relative_to(WEB))
    found = list(_outside_catalogue(ast.parse(path.read_text())))

    assert [(where, text) for where, text in found if not _allowed(module, where)] == []


def _said_outside(source: str) -> Iterator[str]:
    """Yield the Chinese of a template that stands neither in a call of the catalogue nor in a trans block."""
    calls: list[str] = []
    translated, before, last = False, "", ""
    for _, kind, value in jinja2.Environment().lex(source):
        if kind in ("whitespace", "comment", "comment_begin", "comment_end"):
            continue
        if kind == "name" and last == "block_begin" and value in ("trans", "endtrans"):
            translated = value == "trans"
        if kind == "operator" and value == "(":
            calls.append(before if last == "name" else "")
        if kind == "operator" and value == ")":
            calls.pop()
        if kind == "data" and not translated and CHINESE.search(value):
            yield value.strip()
        if (
            kind == "string"
            and CHINESE.search(value)
            and not (calls and calls[-1] in TRANSLATES | {"rstrip"})
        ):
            yield value
        before, last = value, kind


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(WEB / "templates")))
def test_a_template_says_nothing_outside_the_catalogue(path: Path) -> None:
    assert list(_said_outside(path.read_text())) == []


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Return what `make messages` finds in pages and code."""
    pot = tmp_path_factory.mktemp("messages") / "messages.pot"
    keywords = re.search(r'--keywords "([^"]+)"', (ROOT / "Makefile").read_text())
    assert keywords
    with pytest.MonkeyPatch.context() as here:
        here.chdir(ROOT)
        CommandLineInterface().run(
            [
                "pybabel",
                "--quiet",
                "extract",
                *("--mapping", "web/translations/babel.cfg", "--keywords", keywords[1]),
                *("--no-location", "--omit-header", "--output", str(pot), "."),
            ]
        )
    with pot.open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def translated() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def _keys(catalog: Catalog) -> set[tuple[str | None, str]]:
    return {(m.context, m.id if isinstance(m.id, str) else m.id[0]) for m in catalog if m.id}


def test_the_catalogue_has_every_message_and_no_other(extracted: Catalog, translated: Catalog) -> None:
    assert _keys(translated) == _keys(extracted), "run make messages"
    assert not translated.obsolete


def _texts(message: Message) -> list[tuple[str, str]]:
    if isinstance(message.id, str):
        return [(message.id, str(message.string))]
    return [(message.id[0], text) for text in message.string]


def test_every_message_has_its_english(translated: Catalog) -> None:
    for message in translated:
        for zh, en in _texts(message) if message.id else []:
            assert en.strip(), f"{zh} has no English"
            assert not message.fuzzy, zh
            assert not CHINESE.search(en), en
            assert Counter(re.findall(r"%\(\w+\)s|%%", en)) == Counter(re.findall(r"%\(\w+\)s|%%", zh)), zh
            assert Counter(re.findall(r"<[^>]*>", en)) == Counter(re.findall(r"<[^>]*>", zh)), zh
            # A message is markup; a quote of its own would end the attribute it stands in.
            assert not re.search(r'["&<>]', re.sub(r"<[^>]*>", "", en)), en


def english(browser: Browser) -> Browser:
    browser.get("/verify" if not browser.csrf else "/")
    assert browser.post("/language", {"language": "en", "next": "/"}).status_code == 302
    return browser


def _fixed_texts(page: str) -> Iterator[str]:
    """Yield the Chinese that a page says in its fixed parts: those that no department, person or model has filled."""
    tree = parser.fromstring(page)
    for element in tree.xpath(
        "//title|//h2|//h3|//th|//dt|//button|//label|//legend|//summary|//nav//a|//option"
    ):
        if not element.xpath("ancestor-or-self::*[@lang='zh-CN' or @lang='zh']"):
            own = "".join(x for x in element.xpath("text()"))
            if CHINESE.search(own):
                yield own.strip()


VISITORS = ("gat.jb", "mzt.jb", "ysj.jb", "admin", "audit", "designer")


def _said_by_code() -> set[str]:
    """Return the Chinese that pages and labels say by themselves: every message of the catalogue without places."""
    with PO.open("rb") as file:
        ids = _keys(read_po(file, locale="en"))
    return {text for _, text in ids if "%(" not in text and len(text) > 1}


@pytest.mark.parametrize("visitor", VISITORS)
def test_no_english_page_says_a_message_in_chinese(
    desk: Desk, signed_in: Callable[[str], Browser], visitor: str
) -> None:
    deliver(desk, 1)
    at_once(granted(desk, 2))
    at_once(refused(desk, 3))
    browser, said = english(signed_in(visitor)), _said_by_code()
    seen, waiting = {"/", "/grants?which=all", "/calendar?day=2026-06-19&ask=day&on=2026-06-19"}, deque[str]()
    waiting.extend(sorted(seen))
    shapes: Counter[str] = Counter()

    while waiting:
        path = waiting.popleft()
        response = browser.get(path)
        if response.mimetype != "text/html" or path.startswith("/documents/"):
            continue
        assert response.status_code == 200, path
        page = response.get_data(as_text=True)
        assert '<html lang="en">' in page, path
        found = [text for text in _fixed_texts(page) if text in said]
        assert found == [], path
        for href in parser.fromstring(page).xpath("//a/@href"):
            link = urljoin(path, href).partition("#")[0]
            shape = re.sub(r"\d+", "1", link.partition("?")[0])
            if link.startswith("/") and link not in seen and shapes[shape] < 2:
                seen.add(link)
                shapes[shape] += 1
                waiting.append(link)


@pytest.mark.parametrize("path", ["/sign-in", "/verify"])
def test_who_has_not_signed_in_may_choose_the_language_too(app: Any, path: str) -> None:
    browser = Browser(app.test_client())
    page = browser.get(path).get_data(as_text=True)
    assert 'action="/language"' in page and '<html lang="zh-CN">' in page

    assert browser.post("/language", {"language": "en", "next": path}).headers["Location"].endswith(path)

    page = browser.get(path).get_data(as_text=True)
    assert '<html lang="en">' in page
    assert not CHINESE.search(page.replace(">中文<", ""))


def test_a_refusal_speaks_the_language_of_the_page(signed_in: Callable[[str], Browser]) -> None:
    browser = english(signed_in("gat.jb"))

    page = browser.get("/calendar?ask=due&from=2026-13-40&n=5").get_data(as_text=True)
    missing = browser.get("/nowhere").get_data(as_text=True)

    assert "There is no day “2026-13-40” in the calendar" in page
    assert "There is no such page" in missing


def test_a_limit_is_explained_in_english_on_an_english_page(signed_in: Callable[[str], Browser]) -> None:
    browser = english(signed_in("gat.jb"))

    page = browser.get("/calendar?ask=due&from=2026-06-15&n=5").get_data(as_text=True)

    assert "5 working days: due Tue 23 Jun 2026" in page
    assert "Counted from Mon 15 Jun 2026; this day is not counted (Civil Code, Article 201)." in page


def test_days_are_written_as_the_language_of_the_page_writes_them(app: Any) -> None:
    friday, sunday = date(2026, 6, 19), date(2026, 6, 21)
    with app.test_request_context("/", headers={"Cookie": "shixian_language=en"}):
        assert (day_zh(friday), span_zh(friday, sunday)) == ("19 June 2026", "Fri 19 to Sun 21 Jun")
    with app.test_request_context("/"):
        assert (day_zh(friday), span_zh(friday, sunday)) == ("2026年6月19日", "6月19日（周五）至21日（周日）")


def test_a_text_of_the_engine_is_chinese_wherever_a_text_is_wanted() -> None:
    text = Bilingual("已届满", "expired")

    assert f"期限{text}" == "期限已届满" and text == "已届满" and text.en == "expired"


def test_every_event_is_told_in_both_languages() -> None:
    assert words._say.registry.keys() == words_en._say.registry.keys()
    assert verb_words.verb_sentence.registry.keys() == verb_words_en.english_verb_sentence.registry.keys()
