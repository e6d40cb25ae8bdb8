"""Statistics pages: who may have them (domain C.6); every figure opens exactly the cases it counts; files say the same."""

import csv
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from flask import Flask
from lxml import html

from engine.app import Engine
from engine.demo.cases import BEGIN
from engine.demo.driver import play
from engine.queries import statistics as questions
from engine.statistics.selection import EVERYTHING, Selection
from tests.conftest import open_engine
from tests.databases import Databases
from tests.web.conftest import Browser
from tests.web.workbook import sheets
from web import create_app
from web.config import Settings

OVERVIEW, DIAGRAM, VARIANTS = "/audit/statistics", "/audit/statistics/diagram", "/audit/statistics/variants"
CASES = "/audit/statistics/cases"
PAGES = (
    OVERVIEW,
    f"{OVERVIEW}?dimension=department",
    f"{OVERVIEW}?dimension=result&procedure=ln_art12_application&month_from=2026-05&month_until=2026-06",
    f"{OVERVIEW}?level=province&result=granted",
    DIAGRAM,
    f"{DIAGRAM}?measure=days&level=province",
    f"{DIAGRAM}?measure=late&procedure=ln_art20_rectification",
    VARIANTS,
    f"{VARIANTS}?all=1&procedure=ln_art12_application",
)
FILES = (
    (f"{OVERVIEW}?dimension=department", ("rates", "groups", "months")),
    (f"{DIAGRAM}?measure=late", ("elements", "flows")),
    (f"{VARIANTS}?all=1", ("variants", "bottlenecks", "waiting")),
)


@pytest.fixture(scope="module")
def shown(databases: Databases) -> Iterator[Engine]:
    where = databases.new()
    engine = open_engine(where, BEGIN)
    play(engine, 24)
    while not engine.statistics.catch_up():
        pass
    yield engine
    engine.close()
    databases.drop(where)


@pytest.fixture(scope="module")
def app(shown: Engine) -> Flask:
    app = create_app(Settings(rehearsal=True), shown)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.fixture(scope="module")
def enter(app: Flask) -> Callable[[str], Browser]:
    return lambda username: Browser(app.test_client()).sign_in(username)


@pytest.fixture(scope="module")
def auditor(enter: Callable[[str], Browser]) -> Browser:
    return enter("audit")


@pytest.fixture(scope="module")
def seen() -> dict[str, tuple[int, int, list[str]]]:
    """What lists were read: the same figure stands on several pages."""
    return {}


def tree(browser: Browser, address: str) -> Any:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return html.fromstring(answer.data)


def text(element: Any) -> str:
    return " ".join(element.text_content().split())


def listed(browser: Browser, address: str) -> tuple[int, int, list[str]]:
    """Return what a list says it counts, how many of them are hidden, and the cases of all its pages."""
    cases: list[str] = []
    following: str | None = address
    while following:
        page = tree(browser, following)
        total = int(page.xpath("//@data-total")[0])
        hidden = int((page.xpath("//@data-hidden") or ["0"])[0])
        cases += page.xpath("//tr/@data-case")
        following = (page.xpath("//a[@rel='next']/@href") or [None])[0]
    return total, hidden, cases


@pytest.mark.parametrize("username", ["gat.jb", "gat.fz", "admin", "designer", "szf.bg"])
def test_who_is_neither_auditor_nor_of_a_managing_department_has_no_figures(
    enter: Callable[[str], Browser], username: str
) -> None:
    browser = enter(username)
    home = html.fromstring(browser.get("/calendar").data)

    for address in (OVERVIEW, DIAGRAM, VARIANTS, CASES, f"{CASES}?format=csv", f"{OVERVIEW}?format=xlsx"):
        assert browser.get(address).status_code == 403, address
    assert not home.xpath("//header//a[starts-with(@href, '/audit')]")


def test_a_managing_department_reaches_the_figures_and_nothing_else_of_the_desk(
    enter: Callable[[str], Browser],
) -> None:
    browser = enter("ysj.jb")
    page = tree(browser, OVERVIEW)

    assert page.xpath("//header//details//a[@href='/audit/statistics']")
    assert not page.xpath("//nav[@class='designer-tabs']")
    assert browser.get("/audit").status_code == 403


@pytest.mark.parametrize("address", PAGES)
def test_every_figure_lists_exactly_as_many_cases_as_it_says(
    auditor: Browser, address: str, seen: dict[str, tuple[int, int, list[str]]]
) -> None:
    links = tree(auditor, address).xpath("//a[@data-count]")

    figures = {(a.get("href"), int(a.get("data-count"))) for a in links}
    assert len(figures) > 5
    for href, count in sorted(figures):
        if href not in seen:
            seen[href] = listed(auditor, href)
        total, hidden, cases = seen[href]
        assert (total, len(cases), len(set(cases))) == (count, count - hidden, count - hidden), href
    for a in links:  # a number that is one of cases is written as it is
        if re.fullmatch(r"\d+", text(a)) and "tile" not in str(a.getparent().getparent().get("class")):
            assert int(text(a)) == int(a.get("data-count")), address


def test_figures_of_visits_open_the_cases_in_which_they_were(
    auditor: Browser, seen: dict[str, tuple[int, int, list[str]]]
) -> None:
    for address in (DIAGRAM, f"{DIAGRAM}?measure=late", VARIANTS):
        for a in tree(auditor, address).xpath("//table//a[not(@data-count)][contains(@href, 'figure=')]"):
            visits = int(text(a)) if text(a).isdigit() else None
            href = a.get("href")
            if href not in seen:
                seen[href] = listed(auditor, href)
            total = seen[href][0]
            assert total > 0, href
            if visits is not None and "合计" not in (a.getparent().getparent().get("data-label") or ""):
                assert total <= visits, href


def test_the_list_says_in_words_what_it_counts(auditor: Browser) -> None:
    page = tree(auditor, f"{CASES}?figure=on_time.of&level=province")
    of_element = tree(auditor, f"{CASES}?figure=element:T12-07&name=拟定答复意见")

    assert "有法定期限且期限已有结果" in text(page.get_element_by_id("cases-title"))
    assert "层级：省级" in text(page.find_class("scope")[0])
    assert "经过“拟定答复意见”的事项" in text(of_element.get_element_by_id("cases-title"))
    assert auditor.get(f"{CASES}?figure=nonsense").status_code == 404


def test_cases_of_lower_levels_are_counted_and_not_opened(
    enter: Callable[[str], Browser], shown: Engine
) -> None:
    actor = shown.accounts.actor_named("ysj.jb")
    with shown.database.reading() as conn:
        ended = conn.exec_driver_sql("SELECT key FROM process_instance WHERE ended_at IS NOT NULL").scalars()
        every = {str(key) for key in ended}
    behind = shown.queries.search(questions.cases_behind, actor, EVERYTHING, "cases", "", 500)
    browser = enter("ysj.jb")
    page = tree(browser, CASES)
    total, hidden, cases = listed(browser, CASES)
    rows = list(csv.reader(browser.get(f"{CASES}?format=csv").data.decode("utf-8-sig").splitlines()))

    assert (total, hidden) == (behind.total, behind.hidden)
    assert len(rows) - 1 == len(cases) == total - hidden
    assert hidden > 0 and "无权打开" in text(page)
    assert {key for key in every if browser.get(f"/cases/{key}").status_code == 200} == set(cases)


def html_rows(table: Any) -> list[list[str]]:
    """Return the rows of a table as a file has them, as far as the page says the same: texts, numbers, parts and wholes."""
    rows = []
    for tr in table.xpath(".//tbody/tr"):
        cells: list[str] = []
        for td in tr.xpath("./td"):
            kind, found = td.get("class").split()[0].removeprefix("kind-"), text(td)
            if kind == "rate":
                of = re.search(r"(\d+) ?/ ?(\d+)", found)
                cells += [of[1], of[2]] if of else ["0", "0"]
            elif kind == "spread":
                cells.append((re.match(r"\d+", found) or [""])[0])
            elif kind == "steps":
                cells.append(" → ".join(text(span) for span in td.xpath(".//span/span")))
            elif kind in ("text", "count"):
                cells.append("" if found == "—" else found)
        rows.append(cells)
    return rows


KEPT = {"rate": (True, True, False), "spread": (True, *(False,) * 6), "share": (False,), "instant": (False,)}


def kept(kinds: list[str], row: list[Any]) -> list[str]:
    """Return of a row of a file what `html_rows` returns."""
    mask = [keep for kind in kinds for keep in KEPT.get(kind, (True,))]
    texts = ["" if v is None else f"{v:g}" if isinstance(v, float) else str(v) for v in row]
    texts += [""] * (len(mask) - len(texts))
    return [value for value, keep in zip(texts, mask, strict=True) if keep]


@pytest.mark.parametrize(("address", "keys"), FILES, ids=["overview", "diagram", "variants"])
def test_files_say_what_the_tables_say(auditor: Browser, address: str, keys: tuple[str, ...]) -> None:
    page = tree(auditor, address)
    book = sheets(auditor.get(f"{address}&format=xlsx").data)
    *tables, notes = book.values()

    assert len(tables) == len(keys)
    assert ["统计日", "2026年6月17日"] in notes
    for key, in_book in zip(keys, tables, strict=True):
        answer = auditor.get(f"{address}&format=csv&table={key}")
        in_csv = list(csv.reader(answer.data.decode("utf-8-sig").splitlines()))
        assert in_csv[0] == in_book[0]
        assert len(in_csv) == len(in_book) > 1
        assert all(
            any(name.endswith(f" · {head}") for name, _ in notes)
            for head in in_csv[0]
            if "件数" in head and "：" in head
        )
        if key == "rates":
            continue
        table = page.xpath(f"//section[.//h2[@id='{key}-title']]//table")[0]
        kinds = [th.get("class").removeprefix("kind-") for th in table.xpath(".//th")]
        shown_rows = html_rows(table)
        assert [kept(kinds, row) for row in in_csv[1:]] == shown_rows
        assert [kept(kinds, row) for row in in_book[1:]] == shown_rows


def test_there_is_no_file_of_a_table_that_is_not_there(auditor: Browser) -> None:
    assert auditor.get(f"{OVERVIEW}?format=csv&table=nothing").status_code == 404


def test_the_file_of_cases_has_each_case_and_what_it_counts_for(auditor: Browser) -> None:
    total, _, _ = listed(auditor, f"{CASES}?figure=overdue")
    answer = auditor.get(f"{CASES}?figure=overdue&format=xlsx")
    book = sheets(answer.data)
    head, *rows = book["事项清单"]

    assert unquote(answer.headers["Content-Disposition"]).endswith("事项清单 2026-06-17.xlsx")
    assert len(rows) == total
    assert {row[head.index("逾期率：计入件数")] for row in rows} == {1}
    assert all(row[head.index("办结")] > 46000 for row in rows)
    assert ["指标", "曾有法定期限届满而未履行的事项"] in book["说明"]


def test_a_table_is_sorted_by_any_column_and_empty_cells_stand_last(auditor: Browser) -> None:
    def shares(order: str) -> list[str]:
        page = tree(auditor, f"{OVERVIEW}?dimension=procedure&sort=on_time&order={order}")
        column = page.xpath("//section[@id='groups']//td[@data-label='按期率']")
        return [text(td).split(" ")[0] for td in column]

    rising, falling = shares("rising"), shares("falling")
    known = [float(share[:-1]) for share in rising if share != "—"]
    assert known == sorted(known) and len(known) > 2
    assert [s for s in falling if s != "—"] == [f"{share:.1f}%" for share in reversed(known)]
    assert rising[len(known) :] == falling[len(known) :] == ["—"] * (len(rising) - len(known)) != []


def test_the_diagram_is_that_of_one_version_and_says_what_is_left_out(
    auditor: Browser, shown: Engine
) -> None:
    page = tree(auditor, f"{DIAGRAM}?procedure=ln_art20_rectification")
    chosen = page.xpath("//select[@name='definition']//option[@selected]/@value")
    heat = shown.queries.search(
        questions.heat, shown.accounts.actor_named("audit"), Selection(), int(chosen[0])
    )

    assert heat.process_id == "ln_art20_rectification"
    assert page.xpath("//@data-model") == [f"/diagrams/{chosen[0]}.bpmn"]
    assert text(page.get_element_by_id("heat-title")).endswith(f"{heat.cases}件办结事项")


def test_no_figure_is_lost_when_nothing_fits_the_filter(auditor: Browser) -> None:
    for address in (OVERVIEW, DIAGRAM, VARIANTS):
        page = tree(auditor, f"{address}?month_until=2020-01")
        assert "没有符合条件的" in text(page)
    assert listed(auditor, f"{CASES}?month_until=2020-01") == (0, 0, [])


def test_filters_go_with_every_link_of_a_page(auditor: Browser) -> None:
    page = tree(auditor, f"{OVERVIEW}?dimension=department&level=province&month_from=2026-05")
    links = [a for a in page.xpath("//main//a/@href") if a.startswith(OVERVIEW) and "?" in a]

    assert len(links) > 40
    for link in links:
        asked = parse_qs(urlsplit(link).query)
        if link != f"{OVERVIEW}?dimension=department":  # clears the filters
            assert asked["level"] == ["province"], link
            assert asked["month_from"][0] >= "2026-05", link


def test_pages_have_no_inline_style_or_script(auditor: Browser) -> None:
    for address in PAGES:
        page = tree(auditor, address)
        assert not page.xpath("//*[@style]") and not page.xpath("//style")
        assert {s.get("type") for s in page.xpath("//script")} <= {"module", "application/json"}


@pytest.mark.parametrize("address", [OVERVIEW, DIAGRAM, VARIANTS, CASES])
@pytest.mark.parametrize(
    "asked",
    [
        "definition=9223372036854775808",
        "department=9999999999999999999",
        "variant=--1",
        "variant=9" + "9" * 18,
    ],
)
def test_a_number_that_no_database_holds_asks_nothing(auditor: Browser, address: str, asked: str) -> None:
    assert auditor.get(f"{address}?{asked}").status_code == 200


@pytest.mark.parametrize(
    "after", ["2026-01-01T00:00:00Z~9223372036854775808", "0001-01-01T00:00:00%2B14:00~1"]
)
def test_a_list_behind_a_figure_begins_anew_at_a_place_that_is_none(auditor: Browser, after: str) -> None:
    assert listed(auditor, f"{CASES}?after={after}") == listed(auditor, CASES)
