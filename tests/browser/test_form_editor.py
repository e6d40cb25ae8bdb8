"""The editor of forms: a designer adds, orders, renames and checks fields, by clicks and typing alone."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.beside import FormEditor, begin, saved
from tests.browser.pages import findings

HOSTILE = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"


@pytest.fixture
def model(designer: Page, bureau: str) -> str:
    return begin(designer, bureau, "ln_art13_verification")


def test_a_required_field_is_added_seen_saved_and_there_after_a_reload(designer: Page, model: str) -> None:
    editor = FormEditor(designer).open(f"{model}/forms/F13-C")

    editor.choose("explanation")
    editor.add("radio", "是否通知公民")
    editor.fill("key", "told")
    editor.fill("values.0.value", "yes")
    editor.fill("values.0.label", "已通知")
    editor.press("values.add")
    editor.fill("values.1.value", "no")
    editor.fill("values.1.label", "未通知")
    editor.field("validate.required").check()

    group = editor.shown.locator("#f-told-label")
    expect(group).to_have_text("*是否通知公民")
    expect(editor.shown.locator("#f-told label")).to_have_text(["已通知", "未通知"])
    saved(designer)
    editor.open(designer.url)
    editor.choose("told")
    expect(editor.field("validate.required")).to_be_checked()
    assert editor.keys()[1:3] == ["explanation", "told"]
    assert findings(designer) == []


def test_a_new_field_is_named_without_a_question_though_others_are_called_like_its_makeshift_name(
    designer: Page, model: str
) -> None:
    editor = FormEditor(designer).open(f"{model}/forms/F13-C")
    editor.add("number", "天数")

    editor.fill("key", "days")
    designer.keyboard.press("Tab")

    expect(designer.locator('[data-component="days"]')).to_be_visible()
    expect(designer.locator("#fe-rename")).to_be_hidden()


def test_a_condition_works_in_the_preview_as_on_the_page_of_a_task(designer: Page, model: str) -> None:
    editor = FormEditor(designer).open(f"{model}/forms/F13-C")
    hidden = editor.shown.locator("#f-corrected_value")
    expect(hidden).to_be_hidden()

    editor.shown.get_by_label("数据有误，已更正").check()

    expect(hidden).to_be_visible()
    expect(designer.locator('.fe-item[aria-pressed="true"]')).to_have_attribute("data-component", "result")
    designer.check("[data-act=narrow]")
    assert designer.locator(".fe-preview iframe").evaluate("(f) => f.clientWidth") == 390


def test_fields_are_ordered_by_buttons_keys_and_drag_and_all_of_it_can_be_undone(
    designer: Page, model: str
) -> None:
    editor = FormEditor(designer).open(f"{model}/forms/F13-E")
    first, second = editor.keys()[:2]

    editor.choose(first)
    editor.press("down")
    assert editor.keys()[:2] == [second, first]
    designer.keyboard.press("Alt+ArrowUp")
    assert editor.keys()[:2] == [first, second]
    designer.drag_and_drop(f'[data-component="{second}"]', f'[data-component="{first}"]')
    assert editor.keys()[:2] == [second, first]
    editor.press("copy")
    assert editor.keys()[:2] == [second, f"{second}_2"]
    editor.press("remove")
    for _ in range(5):
        editor.press("undo")

    assert editor.keys()[:2] == [first, second]
    saved(designer)


def test_another_name_of_a_field_is_carried_through_the_model(designer: Page, model: str) -> None:
    editor = FormEditor(designer).open(f"{model}/forms/F13-C")
    editor.choose("result")

    editor.fill("key", "finding")
    designer.keyboard.press("Tab")
    expect(designer.locator("[data-sure]")).to_contain_text("documents/E-7.html")
    assert findings(designer) == []
    designer.click("[data-answer=all]")

    expect(designer.locator('[data-component="finding"]')).to_be_visible()
    saved(designer)
    bpmn = designer.request.get(f"{model}/files/process.bpmn").text()
    assert "verification['finding']" in bpmn and "verification['result']" not in bpmn
    assert "v.finding" in designer.request.get(f"{model}/files/documents/E-7.html").text()


def test_what_the_editor_does_not_know_survives_and_what_is_no_form_is_refused(
    designer: Page, model: str
) -> None:
    editor = FormEditor(designer).open(f"{model}/forms/F13-E")
    designer.click("#fe-tab-json")
    form = json.loads(editor.field("json").input_value())
    form["foreign"] = {"a": [1, None]}
    form["components"][0]["properties"] = {"x": "y"}
    editor.fill("json", json.dumps(form))
    editor.press("apply")
    expect(designer.locator("[data-json-said]")).to_have_text("已采用。")
    designer.click("#fe-tab-properties")
    editor.fill("label", "是否认可校核结果")
    saved(designer)

    kept = json.loads(designer.request.get(f"{model}/files/forms/F13-E.json").text())
    assert kept["foreign"] == {"a": [1, None]} and kept["components"][0]["properties"] == {"x": "y"}
    assert kept["components"][0]["label"] == "是否认可校核结果"
    designer.click("#fe-tab-json")
    editor.fill("json", '{"components": [{"key": "a", "type": "select", "values": "b"}]}')
    editor.press("apply")
    expect(designer.locator("[data-json-said]")).to_contain_text("没有采用：字段 a")


def test_no_markup_of_a_form_becomes_an_element_or_runs(designer: Page, model: str) -> None:
    editor = FormEditor(designer).open(f"{model}/forms/F13-E")
    title = designer.title()
    editor.add("radio", HOSTILE)
    for field in ("description", "shixian.group", "values.0.label", "values.0.value"):
        editor.fill(field, HOSTILE)

    expect(editor.shown.locator("legend", has_text="<img")).to_be_visible()
    assert editor.shown.locator("body img, body script").count() == 0
    assert designer.locator("#form-editor img").count() == 0
    saved(designer)
    editor.open(designer.url)
    designer.goto(f"{model}/forms")
    designer.goto(f"{model}/forms/F13-E")
    expect(editor.shown.locator("legend", has_text="<img")).to_be_visible()
    assert designer.title() == title
