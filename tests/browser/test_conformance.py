"""An auditor looks at a jump: numbered in the diagram as in the list, and shown where it is."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.pages import WIDTHS, findings
from tests.browser.workplace import Seats, Workplace

WHY = "原承办人填错环节，经当事部门同意后转回。"


@pytest.mark.parametrize("width", WIDTHS)
def test_a_jump_is_numbered_in_the_diagram_as_in_the_list(
    seat: Seats, workplace: Workplace, width: int
) -> None:
    task = workplace.accepted("rst.jb")
    workplace.verb("jump", "admin", task_key=task.key, step="T12-04", reason=WHY)

    page = seat("audit", f"/audit/cases/{task.instance_key}/conformance", width)

    expect(page.locator(".deviations li")).to_have_count(1)
    expect(page.locator(".deviations")).to_contain_text(WHY)
    for element_id in ("T12-04", "T12-07"):
        drawn = page.locator(f'.djs-element[data-element-id="{element_id}"]')
        expect(drawn).to_have_class(re.compile("is-deviating"))
    expect(page.locator(".deviation-badge").first).to_have_text("1")
    page.locator("[data-show='1']").click()
    expect(page.locator("#d-1")).to_have_class("is-shown")
    assert findings(page) == []
    assert seat.complaints == []
