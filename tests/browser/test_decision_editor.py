"""The editor of decision tables: a cell is changed, read as the engine reads it, tried; all of it in Chinese."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.beside import SLOW, begin, saved
from tests.browser.pages import findings

FOREIGN = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:x="urn:elsewhere" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" id="D" name="N" namespace="urn:a" x:tool="other">
  <inputData id="In_1" name="情形"/>
  <decision id="limit_by_ground" name="表" x:owner="somebody">
    <extensionElements><x:note level="2">留存</x:note></extensionElements>
    <informationRequirement id="R_1"><requiredInput href="#In_1"/></informationRequirement>
    <decisionTable id="T" hitPolicy="FIRST">
      <input id="I_1" label="情形"><inputExpression id="E_1"><text>lead['ground']</text></inputExpression></input>
      <output id="O_1" name="days"/>
      <rule id="L_1" x:mark="kept"><inputEntry id="C_1"><text>-</text></inputEntry><outputEntry id="C_2"><text>1</text></outputEntry></rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI><dmndi:DMNDiagram id="DI_1"><dmndi:DMNShape id="S_1" dmnElementRef="limit_by_ground"><dc:Bounds height="80" width="180" x="100" y="100"/></dmndi:DMNShape><dmndi:DMNShape id="S_2" dmnElementRef="In_1"><dc:Bounds height="45" width="125" x="100" y="300"/></dmndi:DMNShape></dmndi:DMNDiagram></dmndi:DMNDI>
</definitions>
"""


@pytest.fixture
def table(designer: Page, bureau: str) -> str:
    """Return the address of a table's page, shown."""
    model = begin(designer, bureau, "ln_art20_rectification")
    designer.goto(f"{model}/decisions")
    designer.click("text=limit_by_ground")
    shown(designer)
    return designer.url


def shown(page: Page) -> None:
    expect(page.locator(".decision-canvas .tjs-table, .decision-canvas .djs-container").first).to_be_visible(
        timeout=SLOW
    )
    expect(page.locator("[data-read]").first).to_be_visible(timeout=SLOW)


def type_into(page: Page, entry: str, text: str) -> None:
    cell = page.locator(f'td[data-element-id="{entry}"]')
    cell.click()
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def take(page: Page, text: str) -> None:
    page.click("#de-tab-xml")
    page.fill("[data-field=xml]", text)
    page.click("[data-act=apply]")


def test_a_changed_cell_is_read_tried_saved_and_there_after_a_reload(designer: Page, table: str) -> None:
    type_into(designer, "Limit_2", "12")

    row = designer.locator('[data-read="limit_by_ground"] [data-row="2"]')
    expect(row).to_contain_text("12")
    designer.fill('[data-field="try.limit_by_ground.0"]', "['2', '4']")
    designer.click('[data-act="try.limit_by_ground"]')
    expect(designer.locator("[data-outcome]")).to_have_text("12")
    assert designer.locator(".is-hit").count() == 2
    saved(designer)
    designer.reload()
    shown(designer)
    expect(designer.locator('td[data-element-id="Limit_2"]')).to_have_text("12")
    assert findings(designer) == []


def test_a_cell_that_the_engine_cannot_carry_out_is_said_at_its_row(designer: Page, table: str) -> None:
    type_into(designer, "Limit_3", "no_such_name")

    expect(designer.locator('[data-row="3"] .error')).to_contain_text("no_such_name")
    expect(designer.locator("[data-findings]")).to_contain_text("no_such_name", timeout=SLOW)


def test_every_text_of_the_editor_has_its_chinese(designer: Page, table: str) -> None:
    menus = (
        "td.rule-index",
        'td[data-element-id="Entry_1"]',
        'td[data-element-id="Limit_1"]',
        "th.input-cell",
        "th.output-cell",
    )
    for menu in menus:
        designer.locator(menu).first.click(button="right")
        expect(designer.locator(".context-menu")).to_be_visible()
        assert not re.search(
            r"[A-Za-z]{3}", designer.locator(".context-menu").inner_text().replace("DRD", "")
        )
        designer.keyboard.press("Escape")
        designer.mouse.click(1400, 500)
    for head in ("th.input-cell", "th.output-cell"):
        designer.locator(head).first.dblclick()
        expect(designer.locator(".context-menu")).to_be_visible()
        designer.mouse.click(1400, 500)
    designer.locator(".hit-policy input, .hit-policy .dms-input-select").first.click()
    expect(designer.locator("text=唯一").first).to_be_visible()
    designer.keyboard.press("Escape")
    designer.click(".view-drd-button")
    designer.locator('.djs-element[data-element-id="limit_by_ground"]').click()
    designer.locator(".djs-palette").wait_for()
    type_of = '[data-action="replace"]'
    if designer.locator(type_of).count():
        designer.click(type_of)

    missing = designer.evaluate("() => document.getElementById('decision-editor').dataset.untranslated")
    assert json.loads(missing) == []
    expect(designer.locator(".bjs-powered-by").first).to_be_visible()


def test_what_is_foreign_survives_a_change_in_the_table(designer: Page, table: str) -> None:
    take(designer, FOREIGN)
    designer.click("#de-tab-table")
    if designer.locator(".dmn-icon-decision-table").count():
        designer.locator(".dmn-icon-decision-table").first.click()
    type_into(designer, "C_2", "7")
    saved(designer)

    kept = designer.request.get(
        re.sub(r"/decisions/.*", "/files/decisions/limit_by_ground.dmn", table)
    ).text()
    for held in (
        'x:tool="other"',
        'x:owner="somebody"',
        'x:mark="kept"',
        "留存",
        'level="2"',
        "In_1",
        "DMNShape",
        "<text>7</text>",
    ):
        assert held in kept, held


def test_a_file_that_a_round_trip_would_harm_is_left_to_its_text(designer: Page, table: str) -> None:
    for text, said in (
        (FOREIGN.replace("<inputData", '<unknownThing id="U"/><inputData'), "为免丢失"),
        (FOREIGN.replace("20191111/MODEL", "20151101/MODEL"), "不能以表格显示"),
    ):
        take(designer, text)
        expect(designer.locator("[data-unread-said]")).to_contain_text(said)
        expect(designer.locator("[data-field=xml]")).to_be_visible()
    take(designer, '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>')
    expect(designer.locator("[data-xml-said]")).to_contain_text("DOCTYPE")
