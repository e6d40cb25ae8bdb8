"""Every page of the product, found by following its links."""

import re
from collections.abc import Iterator
from dataclasses import fields
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import ConsoleMessage, Page

from engine.demo.seed import DEMO_PASSWORD
from engine.statistics.selection import Selection
from tests.browser.browser import FRONTEND

AXE = FRONTEND / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (1440, 390)


def sign_in(page: Page, address: str, username: str) -> None:
    """Sign in as somebody else."""
    page.context.clear_cookies()
    page.goto(f"{address}/sign-in")
    page.fill("#username", username)
    page.fill("#password", DEMO_PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_selector("h1:not(.gate h1)")


def complaints(page: Page, *refusals: str) -> list[str]:
    """Return a list that fills with what the browser complains about.

    Args:
        refusals: Statuses of answers that refuse, which the browser notes as if they were faults of the page.
    """
    heard: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(status in message.text for status in refusals):
            heard.append(message.text)

    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("console", hear)
    return heard


_SETTLED = """() => Promise.allSettled(
    document.getAnimations().filter((a) => a.effect.getComputedTiming().endTime !== Infinity).map((a) => a.finished),
)"""


def findings(page: Page) -> list[str]:
    """Return what axe-core finds on the page: rule, element, and why."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    page.evaluate(_SETTLED)  # half-way through a transition a colour is neither the one nor the other
    found = page.evaluate("() => axe.run({ resultTypes: ['violations'] })")
    return [
        f"{v['id']}: {node['html'][:160]} ({'; '.join(c['message'] for c in node['any'] + node['all'] + node['none'])})"
        for v in found["violations"]
        for node in v["nodes"]
    ]


def shape(href: str) -> str:
    """Return what an address has in common with others of the same page: numbers and values left out.

    Each figure goes on with the filters of its page and one more, so that there are as many addresses as sets of filters.
    """
    parts = urlsplit(href)
    kept = {name for name, _ in parse_qsl(parts.query)}
    if parts.path.startswith("/audit/statistics"):
        kept -= {field.name for field in fields(Selection)}
    path = re.sub(r"\d[\w-]*", "N", parts.path)
    path = re.sub(r"/(acts|do|document|processes)/[^/]+", r"/\1/X", path)
    return path + "?" + "&".join(sorted(kept))


def walk(page: Page, address: str, seen: set[str]) -> Iterator[str]:
    """Go to each page that the signed-in person reaches by links and whose shape was not seen yet; yield where it is."""
    waiting = ["/"]
    while waiting:
        href = waiting.pop(0)
        answer = page.request.get(address + href)
        if "text/html" not in answer.headers.get("content-type", "") or answer.headers.get(
            "content-disposition"
        ):
            continue
        page.goto(address + href)
        yield href
        links = page.eval_on_selector_all(
            "a[href]:not([download])", "(all) => all.map((a) => a.getAttribute('href'))"
        )
        for link in links:
            target = urlsplit(link)
            if target.netloc or not target.path.startswith("/") or shape(link) in seen:
                continue
            seen.add(shape(link))
            waiting.append(target.path + (f"?{target.query}" if target.query else ""))
