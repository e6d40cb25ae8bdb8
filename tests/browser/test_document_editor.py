"""The editor of documents: a sentence is changed, pieces are inserted, faults name their line, nothing runs."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.beside import SLOW, begin, saved
from tests.browser.pages import findings

HOSTILE = """<script>parent.document.title = 'run'</script>
<img src="x" onerror="parent.document.title = 'run'">
<form action="/sign-out" method="post"><button id="b">退出</button></form>
<svg onload="parent.document.title = 'run'"></svg>
<p>到此为止</p>"""


@pytest.fixture
def document(designer: Page, bureau: str) -> str:
    """Return the address of a document's page, shown."""
    model = begin(designer, bureau, "ln_art13_verification")
    designer.goto(f"{model}/documents")
    designer.click("text=E-7")
    expect(paper(designer).locator("h1")).to_have_text("校核结果反馈单", timeout=SLOW)
    return designer.url


def paper(page: Page):  # type: ignore[no-untyped-def]
    return page.frame_locator("iframe[name=paper]")


def test_a_changed_sentence_is_seen_saved_and_there_after_a_reload(designer: Page, document: str) -> None:
    text = designer.locator("[data-field=text]")
    text.fill(text.input_value().replace("经校核，现反馈如下", "经核实，现答复如下"))

    expect(paper(designer).locator("body")).to_contain_text("经核实，现答复如下", timeout=SLOW)
    saved(designer)
    designer.reload()
    expect(paper(designer).locator("body")).to_contain_text("经核实，现答复如下", timeout=SLOW)
    assert findings(designer) == []


def test_what_a_template_may_use_is_found_and_inserted_where_the_cursor_stands(
    designer: Page, document: str
) -> None:
    text = designer.locator("[data-field=text]")
    text.press("Control+End")
    designer.fill("[data-find]", "核对的来源")
    designer.click('[data-insert="{{ case.verification.source_checked }}"]')

    assert text.input_value().endswith("{{ case.verification.source_checked }}")
    designer.keyboard.press("Control+Z")
    assert "source_checked }}\n" not in text.input_value()[-45:]


def test_a_fault_names_its_line_and_leads_there(designer: Page, document: str) -> None:
    text = designer.locator("[data-field=text]")
    text.fill(text.input_value().replace("{{ case.title }}", "{{ case.titel }}"))

    fault = designer.locator("[data-fault] [data-act=go]")
    expect(fault).to_contain_text("第7行：", timeout=SLOW)
    fault.click()
    chosen = text.evaluate("(t) => t.value.slice(t.selectionStart, t.selectionEnd)")
    assert "case.titel" in chosen
    assert findings(designer) == []


def test_the_keyboard_leaves_the_text(designer: Page, document: str) -> None:
    text = designer.locator("[data-field=text]")
    before = text.input_value()
    text.focus()
    designer.keyboard.press("Tab")
    assert text.input_value() != before

    designer.keyboard.press("Escape")
    designer.keyboard.press("Tab")

    assert not text.evaluate("(t) => t === document.activeElement")


def test_nothing_of_a_template_runs_in_the_preview(designer: Page, document: str) -> None:
    page = designer.context.new_page()  # the browser rightly complains about what it does not run
    page.goto(document)
    title = page.title()
    page.locator("[data-field=text]").fill(HOSTILE)

    expect(paper(page).get_by_text("到此为止")).to_be_visible(timeout=SLOW)
    paper(page).locator("#b").click()
    saved(page)
    assert page.title() == title
    page.goto(document)
    expect(page.locator(".who")).to_be_visible()
    page.close()
