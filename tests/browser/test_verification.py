"""A table of records and an extension as people meet them in a browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from engine.app import Engine
from engine.demo.cases import Desk
from engine.demo.verifications import accept, act, begin, deliver, window_pair
from tests.conftest import at_once
from tests.processes.office import case, task

Office = tuple[str, int, int]
SignIn = Callable[[str], Page]
ROWS = "\n".join(["记录标识,证件号码", *[f"DJ-{n:05d},21010219900101{n % 10000:04d}" for n in range(10_000)]])


@pytest.fixture
def desk(office_engine: Engine) -> Desk:
    return Desk(office_engine)


def test_ten_thousand_rows_are_sent_at_once_and_the_typed_rows_make_way(
    sign_in: SignIn, office: Office, desk: Desk
) -> None:
    using, entry = window_pair(desk, 1)
    key = begin(desk, using, entry)
    page = sign_in(desk.actor(using, "handler").username)
    page.goto(f"{office[0]}/tasks/{task(desk, key, 'T13-01').key}")
    picked = page.locator("[data-records] input[type=file]")

    picked.set_input_files({"name": "错.csv", "mimeType": "text/csv", "buffer": "记录标识\n=甲\n".encode()})
    expect(page.locator(".records-errors li")).to_contain_text("第2行“记录标识”以“=”开头")
    picked.set_input_files({"name": "清单.csv", "mimeType": "text/csv", "buffer": ROWS.encode("gb18030")})

    expect(page.locator("[data-records-rows]")).to_have_text("10000")
    expect(page.locator("[data-records-first]")).to_contain_text("**************0000")
    expect(page.locator(".records-errors")).to_be_hidden()
    expect(page.locator(".records-typed")).to_be_hidden()
    page.uncheck("[data-records] .records-kept input")
    expect(page.locator(".records-typed")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_the_new_due_date_follows_the_days_that_are_typed(
    sign_in: SignIn, office: Office, desk: Desk, width: int
) -> None:
    key = int(at_once(deliver(desk, 1)))
    accept(desk, key)
    act(desk, key, "ES13-X")
    page = sign_in(desk.actor(case(desk, key).providing_key, "handler").username)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{office[0]}/tasks/{task(desk, key, 'T13-E1').key}")
    shown = page.locator("[data-computed-by=days]")

    page.fill("input[name=days]", "10")  # received on 18 June 2026, due on the 26th
    expect(shown).to_have_text("2026年7月10日")
    page.fill("input[name=days]", "11")
    expect(shown).to_have_text("")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
