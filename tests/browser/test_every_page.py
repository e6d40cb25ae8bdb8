"""Every page, on a desk and on a phone: nothing for axe-core to find, nothing wider than the screen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from engine import commands as c
from engine.demo import play
from engine.demo.cases import BEGIN
from tests.browser.pages import WIDTHS, findings, sign_in, walk
from tests.browser.workplace import Seats, Workplace, sound
from tests.conftest import open_engine
from tests.databases import Databases
from tests.web.conftest import serving
from web import create_app
from web.config import Settings
from web.language import COOKIE

PEOPLE = ("gat.fz", "mzt.jb", "ysj.jb", "szf.bg", "mzt.ck", "audit", "designer", "admin")


@pytest.fixture(scope="module")
def address(databases: Databases) -> Iterator[str]:
    """Serve the demonstration."""
    where = databases.new()
    engine = open_engine(where, BEGIN)
    play(engine, 20)
    with serving(create_app(Settings(rehearsal=True), engine)) as address:
        yield address
    engine.close()
    databases.drop(where)


READERS_OF_ENGLISH = ("gat.fz", "ysj.jb", "admin")
TOGETHER = {  # what somebody at work reaches with a query, a role, or something in hand
    "rst.jb": (
        "/?box=mine",
        "/?box=copied",
        "/?box=mine&text=没有这样的事项",
        "/?box=mine&process=ln_art12_application&state=running&provider=厅&due_from=2026-06-01&due_until=2026-07-01",
        "/bulk?verb=assign&task={task}&task={other}",
        "/bulk?verb=complete&task={reply}&task={other}",
        "/bulk?verb=urge&task={task}",
        "/tasks/{task}",
        "/tasks/{done}",
        "/cases/{case}",
        "/settings/notices",
        "/tasks/1",
    ),
    "rst.jb2": ("/?box=mine", "/?box=department", "/tasks/{task}", "/tasks/{other}"),
    "rst.fz": (
        "/department",
        "/department/tasks?of=rst.jb",
        "/leaving",
        "/leaving?username=rst.jb&all=rst.jb2",
        "/substitutes",
    ),
    "ysj.jb": ("/?box=supervised", "/cases/{case}"),
    "admin": ("/cases/do", "/cases/do?number=LN12", "/cases/{case}/do", "/settings/robots", "/leaving"),
}
NOT_THERE = ("/tasks/1", "/cases/do?number=LN12")


def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(page: Page, address: str) -> None:
    wrong: list[str] = []
    seen: set[str] = set()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(f"{page.url}: {m.text}") if m.type == "error" else None)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{address}/sign-in")
    wrong += [f"/sign-in: {what}" for what in findings(page)]
    visited = 0
    for person in PEOPLE:
        sign_in(page, address, person)
        for href in walk(page, address, seen):
            visited += 1
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                    wrong.append(f"{person} {href} is wider than {width}")
                wrong += [f"{person} {href} at {width}: {what}" for what in findings(page)]
            page.set_viewport_size({"width": WIDTHS[0], "height": 900})

    assert "\n".join(wrong) == ""
    assert complaints == []
    assert visited > 40


@pytest.fixture(scope="module")
def places(workplace: Workplace) -> dict[str, int]:
    """Have something of each kind on rst's desks, and say where it stands."""
    task, other = (workplace.delivered(owner="rst.jb") for _ in range(2))
    reply, done = workplace.accepted("rst.jb"), workplace.delivered(owner="rst.jb")
    workplace.delivered()
    workplace.desk.do(done.instance_key, "T12-04", {"check_result": "accept"})
    at, of = {"task_key": task.key}, {"instance_key": task.instance_key}
    workplace.verb("consult", "rst.jb", **at, people=["rst.jb2"], text="以前提供过吗？")
    workplace.verb("add_signer_before", "rst.jb", **at, people=["rst.jb2"], text="请先看。")
    workplace.verb("delegate", "rst.jb", task_key=other.key, person="rst.jb2", text="请代为填写。")
    workplace.verb("supervise", "ysj.jb", **of, text="请按期答复。")
    workplace.verb("copy", "rst.jb2", **of, people=["rst.jb"], text="供您了解。")
    workplace.engine.handle(
        c.AuthoriseDeputy(
            actor=workplace.person("rst.jb"),
            principal="rst.jb",
            deputy="rst.ck",
            role="handler",
            valid_from="2026-06-17",
            valid_until="2026-06-18",
            doc_no="",
        )
    )
    keys = {"task": task, "other": other, "reply": reply, "done": done}
    return {name: row.key for name, row in keys.items()} | {"case": task.instance_key}


def test_pages_of_those_who_work_together_are_sound(
    seat: Seats, workplace: Workplace, places: dict[str, int]
) -> None:
    wrong: list[str] = []
    for person, paths in TOGETHER.items():
        page = seat(person)
        for path in paths:
            answer = page.goto(workplace.address + path.format(**places))
            assert answer is not None
            if answer.status != (404 if path in NOT_THERE else 200):
                wrong.append(f"{person} {path} answers {answer.status}")
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                    wrong.append(f"{person} {path} is wider than {width}")
                wrong += [f"{person} {path} at {width}: {what}" for what in findings(page)]
            page.set_viewport_size({"width": WIDTHS[0], "height": 900})

    assert "\n".join(wrong) == ""
    seat.complaints[:] = [text for text in seat.complaints if "404" not in text]


def test_a_task_loaded_beside_the_list_is_sound(
    seat: Seats, workplace: Workplace, places: dict[str, int]
) -> None:
    page = seat("rst.jb", f"/?box=mine&task={places['reply']}")
    expect(page.locator("#pane [data-foreseen]")).to_contain_text("提交后")
    for tab in page.locator("#pane").get_by_role("tab").all():
        tab.click()
        expect(page.locator("#pane [aria-busy=true]")).to_have_count(0)
        sound(page)


@pytest.mark.parametrize("person", READERS_OF_ENGLISH)
def test_no_page_in_english_is_wider_than_the_screen(page: Page, address: str, person: str) -> None:
    wrong: list[str] = []
    sign_in(page, address, person)
    page.context.add_cookies([{"name": COOKIE, "value": "en", "url": address}])
    for href in walk(page, address, set()):
        assert page.locator("html").get_attribute("lang") == "en", href
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
                wrong.append(f"{href} is wider than {width}")
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})

    assert "\n".join(wrong) == ""
