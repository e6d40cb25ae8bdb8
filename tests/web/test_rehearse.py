"""The rehearsal page: by hand, forward and back, scenarios; after a restart; who may."""

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from tests.web.conftest import Browser


@pytest.fixture
def key(app: Flask, signed_in: Callable[[str], Browser]) -> Iterator[int]:
    designer = signed_in("designer")
    designer.get("/designer")
    answer = designer.post("/designer/models", {"from": "template:ln_art12_application", "name": "申请"})
    yield int(answer.headers["Location"].rsplit("/", 1)[1])
    if "workshop" in app.extensions:
        app.extensions["workshop"].close()


class Page:
    """A rehearsal's page, with what its forms carry along."""

    def __init__(self, browser: Browser, key: int) -> None:
        self.browser, self.address = browser, f"/designer/models/{key}/rehearse"
        self.take(browser.get(self.address))

    def take(self, response: Any) -> "Page":
        self.status, self.text = response.status_code, response.get_data(as_text=True)
        found = re.search(r'name="script" value="([^"]*)"', self.text)
        self.script = html.unescape(found[1]) if found else ""
        return self

    def do(self, act: str, **fields: Any) -> "Page":
        return self.take(
            self.browser.post(f"{self.address}/step", {"do": act, "script": self.script, **fields})
        )

    def filled(self, about: str) -> dict[str, Any]:
        """Return what the form holds after 填入示例值, as a browser would send it."""
        self.do(f"sample:{about}")
        form = self.text[self.text.index('id="form"') : self.text.index("填入示例值")]
        found: dict[str, Any] = {}
        for tag in re.findall(r"<input[^>]*>", form):
            attributes = dict(re.findall(r'(\w[\w.-]*)="([^"]*)"', tag))
            name, kind = attributes.get("name", ""), attributes.get("type", "text")
            if not name or name in ("csrf", "script", "command_id"):
                continue
            if kind in ("checkbox", "radio") and " checked" not in tag:
                continue
            found.setdefault(name, []).append(html.unescape(attributes.get("value", "")))
        for name, value in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', form):
            found[name] = [html.unescape(value)]
        for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
            chosen = re.search(r'<option value="([^"]*)" selected', options)
            found[name] = [chosen[1] if chosen else ""]
        return found

    def complete(self, about: str) -> "Page":
        fields = self.filled(about)
        return self.do(f"complete:{about}", **fields)


ODD = '{"id": "odd", "start": {"at": "2026-06-08"}, "expect": {"deadlines": 5}}'
START = {"at": "2026-06-08T10:00", "entry": "conditional", "event": "S12"}


def test_a_case_is_rehearsed_by_hand_and_saved_as_a_scenario(signed_in: Any, key: int):
    page = Page(signed_in("designer"), key)
    page.do("start", **START)
    assert page.status == 200 and "填写共享申请" in page.text

    page.complete("T12-01|").complete("T12-02|")
    assert page.status == 200
    assert "2026年6月15日" in page.text and "接收与形式检查" in page.text

    page.do("clock:wd")
    page.do("back")
    assert "推进1个工作日" in page.text
    page.do("forward").do("save", name="送达为止")
    assert "情景“送达为止”已保存" in page.text
    saved = page.browser.get(f"/designer/models/{key}/files/scenarios/s1.json").get_json(force=True)
    assert [next(iter(step)) for step in saved["steps"]] == ["complete", "complete", "clock"]
    assert saved["expect"]["open"] == ["T12-04"]

    page.do("run")
    assert page.text.count("state-closed") >= 5 and "未通过" not in page.text
    page.do("delete:scenarios/s1.json")
    assert page.browser.get(f"/designer/models/{key}/files/scenarios/s1.json").status_code == 404


def test_a_rehearsal_goes_on_after_the_server_was_started_anew(app: Flask, signed_in: Any, key: int):
    page = Page(signed_in("designer"), key)
    page.do("start", **START).complete("T12-01|")
    app.extensions.pop("workshop").close()

    page.do("clock:wd")

    assert page.status == 200 and "使用部门审核" in page.text and "2026-06-09" in page.text + "2026-06-09"
    assert page.script.count("complete") == 1


def test_every_error_of_a_form_stands_beside_its_field(signed_in: Any, key: int):
    page = Page(signed_in("designer"), key)
    page.do("start", **START).do("complete:T12-01|", title="x")

    assert page.status == 422 and "error-summary" in page.text and 'value="x"' in page.text


def test_a_scenario_is_done_again_from_the_list(signed_in: Any, key: int):
    page = Page(signed_in("designer"), key)

    page.do("replay:scenarios/agreed.json")

    assert page.status == 200 and "已共享" in page.text and "LN12-2026-0001" in page.text
    found = re.search(r"/rehearse/documents/(\d+)", page.text)
    assert found is not None
    document = page.browser.get(f"{page.address}/documents/{found[1]}")
    assert document.status_code == 200 and "script-src" not in document.headers["Content-Security-Policy"]
    assert "style-src 'unsafe-inline'" in document.headers["Content-Security-Policy"]


def test_a_scenario_done_again_is_saved_over_itself_under_its_name(signed_in: Any, key: int):
    page = Page(signed_in("designer"), key)
    page.do("replay:scenarios/agreed.json")
    name = re.search(r'id="scenario-name"[^>]*value="([^"]*)"', page.text)
    assert name is not None and name[1] == "同意共享，按期办结"

    page.do("back").do("save", name=html.unescape(name[1]))

    saved = page.browser.get(f"/designer/models/{key}/files/scenarios/agreed.json").get_json(force=True)
    assert saved["name"] == name[1] and saved["id"] == "agreed"
    assert page.browser.get(f"/designer/models/{key}/files/scenarios/s1.json").status_code == 404


def test_what_cannot_be_executed_is_shown_as_findings(signed_in: Any, key: int):
    designer = signed_in("designer")
    page = Page(designer, key)
    answer = designer.client.post(
        f"/designer/models/{key}/save",
        json={"base": 1, "files": {"forms/F12-A.json": '{"id": "F12-A"}'}},
        headers={"X-CSRF": designer.csrf},
    )
    assert answer.status_code == 200

    page.do("start", **START)

    assert page.status == 422 and "还不能执行" in page.text and "#findings" in page.text


@pytest.mark.parametrize("username", ["gat.jb", "audit", "admin"])
def test_only_designers_rehearse(signed_in: Any, key: int, username: str):
    browser = signed_in(username)

    assert browser.get(f"/designer/models/{key}/rehearse").status_code == 403
    browser.get("/")
    assert browser.post(f"/designer/models/{key}/rehearse/step", {"do": "start", **START}).status_code == 403


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("complete:T12-01|", {"script": "{}"}),
        ("clock:wd", {"script": ""}),
        ("replay:scenarios/none.json", {}),
        ("start", {"at": "soon"}),
        ("start", {"at": "1990-01-01T10:00"}),
        ("nothing", {}),
        ("save", {"name": "x"}),
    ],
)
def test_nonsense_is_refused_with_a_sentence(signed_in: Any, key: int, act: str, fields: Any):
    page = Page(signed_in("designer"), key)

    page.do(act, **fields)

    assert 400 <= page.status < 500 and "error-summary" in page.text


def test_a_clock_is_not_moved_to_a_day_that_no_notice_knows(signed_in: Any, key: int):
    page = Page(signed_in("designer"), key)
    page.do("start", **START)

    for to in ("", "soon", "1990-01-01T10:00"):
        page.do("clock:to", to=to)
        assert page.status == 422 and "要到达的时刻应为时刻" in page.text


def test_a_torn_scenario_is_listed_and_refused_with_a_sentence(signed_in: Any, key: int):
    designer = signed_in("designer")
    designer.get(f"/designer/models/{key}")
    torn = {"scenarios/torn.json": "{", "scenarios/odd.json": ODD}
    designer.client.post(
        f"/designer/models/{key}/save",
        json={"base": 1, "files": torn},
        headers={"X-CSRF": designer.csrf},
    )
    page = Page(designer, key)
    assert page.status == 200

    for path in torn:
        page.do(f"replay:{path}")
        assert page.status == 422 and "error-summary" in page.text


def test_what_cannot_be_done_leaves_the_rehearsal_on_the_page(signed_in: Any, key: int):
    designer = signed_in("designer")
    designer.get(f"/designer/models/{key}")
    astray = '{"id": "astray", "start": {"at": "2026-06-08", "event": "None"}}'
    designer.client.post(
        f"/designer/models/{key}/save",
        json={"base": 1, "files": {"scenarios/astray.json": astray}},
        headers={"X-CSRF": designer.csrf},
    )
    page = Page(designer, key)
    page.do("start", **START)

    for act in ("open:none", "act:none", "nothing", "replay:scenarios/astray.json", "replay:none"):
        page.do(act)
        assert 400 <= page.status < 500 and "error-summary" in page.text and "填写共享申请" in page.text


def test_names_of_a_model_are_no_markup(signed_in: Any, key: int):
    designer = signed_in("designer")
    page = Page(designer, key)
    xml = designer.get(f"/designer/models/{key}/files/process.bpmn").get_data(as_text=True)
    hostile = xml.replace('name="填写共享申请"', 'name="&lt;img src=x onerror=alert(1)&gt;"')
    designer.get(f"/designer/models/{key}")
    designer.client.post(
        f"/designer/models/{key}/save",
        json={"base": 1, "files": {"process.bpmn": hostile}},
        headers={"X-CSRF": designer.csrf},
    )

    page.do("start", **START)

    assert page.status == 200 and "<img src=x" not in page.text and "&lt;img src=x" in page.text
