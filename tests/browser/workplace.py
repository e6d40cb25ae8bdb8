"""A department with work, on the real server: what the tests of the reviewer's jobs begin with."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import waitress
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from engine import commands as c
from engine.accounts import load_actor
from engine.app import Engine
from engine.demo.answers import application
from engine.demo.cases import Desk
from engine.demo.seed import DEMO_PASSWORD
from engine.people import Actor
from engine.periods import beijing_day
from engine.storage.tables import catalogue_entry, user
from tests.browser.pages import findings
from tests.processes.office import case, task
from web import create_app
from web.config import Settings
from web.server import OPTIONS, Dispatcher

APPLICANTS = ("mzt", "scj", "zrt", "sw", "syrs", "sygj", "dlwj", "asyb", "hpmz")


@contextmanager
def really_serving(engine: Engine) -> Iterator[str]:
    """Serve as in operation, with a thread for each page that listens; yields the address."""
    app = create_app(Settings(rehearsal=True), engine)
    server = waitress.create_server(app, host="127.0.0.1", port=0, _dispatcher=Dispatcher(), **OPTIONS)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    engine.live.stop()
    server.close()


@dataclass
class Workplace:
    """The engine, where it is served, and stories that end on somebody's desk."""

    engine: Engine
    address: str

    def __post_init__(self) -> None:
        self.desk = Desk(self.engine)
        self._numbers = count()

    def person(self, username: str) -> Actor:
        with self.engine.database.reading() as conn:
            key = conn.execute(select(user.c.key).where(user.c.username == username)).scalar_one()
            return load_actor(conn, key, self.engine.clock)

    def delivered(self, provider: str = "rst", title: str = "", owner: str | None = None) -> Any:
        """Have an application delivered to a department; return its task, the check of form, claimed for the owner."""
        number = next(self._numbers)
        entries = self._entries(self.person(f"{provider}.jb").org_key)
        # A department that asks twice for the same has it back: each asks for one entry after the other.
        applicant = self.person(f"{APPLICANTS[number % len(APPLICANTS)]}.jb")
        key = self.desk.start(applicant.org_key, entries[number // len(APPLICANTS) % len(entries)])
        values = application(self.desk.variables(key)["resource"], beijing_day(self.desk.now), number)
        self.desk.do(key, "T12-01", {**values, **({"title": title} if title else {})})
        self.desk.do(key, "T12-02", {"decision": "agree"})
        return self.claimed(key, "T12-04", owner)

    def accepted(self, owner: str) -> Any:
        """Have an application accepted; return its task, the reply, claimed for the owner."""
        key = self.delivered().instance_key
        self.desk.do(key, "T12-04", {"check_result": "accept"})
        return self.claimed(key, "T12-07", owner)

    def claimed(self, key: int, element_id: str, owner: str | None) -> Any:
        """Return a case's task, after somebody took it."""
        found = self.task(key, element_id)
        if owner:
            self.engine.handle(c.ClaimTask(actor=self.person(owner), task_key=found.key))
        return self.task(key, element_id)

    def task(self, key: int, element_id: str = "T12-04") -> Any:
        return task(self.desk, key, element_id)

    def verb(self, code: str, username: str, **fields: Any) -> None:
        """Do a verb as somebody at another desk does; name task_key or instance_key."""
        where = {name: fields.pop(name) for name in ("task_key", "instance_key") if name in fields}
        self.engine.handle(c.verb_command(code, self.person(username), fields=fields, **where))

    def applicant(self, task: Any) -> str:
        """Return the user name of who applied in a task's case."""
        org = int(self.desk.variables(task.instance_key)["using_dept"])
        return self.desk.actor(org, "handler").username

    def number(self, task: Any) -> str:
        """Return the case's number, as people know it."""
        return str(case(self.desk, task.instance_key).business_id)

    def _entries(self, provider_key: int) -> list[int]:
        with self.engine.database.reading() as conn:
            of = catalogue_entry.c
            query = select(of.key).where(of.provider_key == provider_key, of.sharing_type == "conditional")
            return list(conn.execute(query.order_by(of.key)).scalars())


class Seats:
    """People at browsers of their own, at a width; whatever their browsers complain about is kept."""

    def __init__(self, browser: Browser, workplace: Workplace, args: dict[str, Any]) -> None:
        self._browser, self._workplace, self._args = browser, workplace, args
        self._contexts: list[Any] = []
        self.complaints: list[str] = []

    def __call__(self, username: str, path: str = "/", width: int = 1440, **more: Any) -> Page:
        """Seat somebody who has signed in before a page."""
        page = self.empty(width, **more)
        token = self._workplace.engine.accounts.sign_in(username, DEMO_PASSWORD, "127.0.0.1")
        page.context.add_cookies(
            [{"name": "shixian_session", "value": token, "url": self._workplace.address}]
        )
        page.goto(self._workplace.address + path)
        return page

    def empty(self, width: int = 1440, **more: Any) -> Page:
        """Open a browser in which nobody has signed in."""
        size = {"width": width, "height": 900}
        context = self._browser.new_context(**{**self._args, "viewport": size, **more})
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._heard)
        return page

    def _heard(self, message: Any) -> None:
        # The browser notes an answer that refuses as if it were a fault of the page.
        if message.type == "error" and not any(status in message.text for status in ("409", "422")):
            self.complaints.append(message.text)

    def close(self) -> None:
        for context in self._contexts:
            context.close()


def sound(page: Page) -> None:
    """Claim of a page that axe-core finds nothing, and that it is no wider than the screen."""
    assert (found := findings(page)) == [], "\n".join(found)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url


def open_verb(page: Page, name: str) -> Locator:
    """Open the dialogue of a verb, among the first or the others, and return it."""
    verb = page.locator("[data-verb] > summary:visible").filter(has_text=re.compile(f"^{name}(\\s|$)"))
    if not verb.count():
        page.locator(".more-verbs > summary").click()
    verb.click()
    dialogue = page.get_by_role("dialog")
    expect(dialogue).to_be_visible()
    return dialogue
