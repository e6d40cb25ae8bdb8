"""The pages of substitution, leaving a post and the head's overview."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.demo.cases import Desk
from engine.storage.tables import deputy, leaving
from tests.engine.test_substitution import Department
from tests.processes.office import task

SignIn = Callable[[str], Any]


@pytest.fixture
def office(desk: Desk) -> Department:
    return Department(desk)


def text(response: Any) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", response.data.decode()))


def rule(office: Department, **fields: Any) -> dict[str, Any]:
    return {
        "principal": office.head,
        "role": "head",
        "deputy": "sub.one",
        "valid_from": "2026-06-08",
        "valid_until": "2026-06-12",
        "doc_no": "试人〔2026〕示例1号",
        **fields,
    }


def test_a_head_enters_and_revokes_a_rule(office: Department, signed_in: SignIn) -> None:
    browser = signed_in(office.head or "")
    assert browser.get("/substitutes").status_code == 200

    response = browser.post("/substitutes", rule(office, processes=["ln_art12_application"]))

    assert response.status_code == 302
    page = text(browser.get(response.location))
    assert f"{office.name(office.head)} → 代办one" in page
    assert "生效中" in page
    with office.desk.engine.database.reading() as conn:
        key = conn.execute(select(deputy.c.key).order_by(deputy.c.key.desc()).limit(1)).scalar_one()
    assert browser.post(f"/substitutes/{key}/revocation", {"reason": "提前返岗"}).status_code == 302
    assert "已撤销" in text(browser.get("/substitutes"))
    assert browser.post(f"/substitutes/{key}/revocation").status_code == 409


def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost(
    office: Department, signed_in: SignIn
) -> None:
    browser = signed_in(office.head or "")
    browser.get("/substitutes")

    response = browser.post("/substitutes", rule(office, doc_no="", reason="外出学习"))

    page = response.data.decode()
    assert response.status_code == 422
    assert 'id="doc_no-error"' in page
    assert 'value="外出学习"' in page
    assert re.search(r'<option value="sub.one" selected', page)


def test_a_substitute_finds_the_tasks_and_the_page_names_both(office: Department, signed_in: SignIn) -> None:
    signing = office.drafted()
    office.rule(processes=("ln_art12_application",))
    browser = signed_in("sub.one")

    page = browser.get("/substitutes").data.decode()
    assert f'href="/tasks/{signing}"' in page
    browser.get(f"/tasks/{signing}")
    assert browser.post(f"/tasks/{signing}/do/claim").status_code == 302

    assert f"代办one（代{office.name(office.head)}）" in text(browser.get(f"/tasks/{signing}"))


def test_nobody_revokes_a_rule_that_is_not_theirs(office: Department, signed_in: SignIn) -> None:
    key = office.rule()
    browser = signed_in("sub.two")
    browser.get("/substitutes")

    assert browser.post(f"/substitutes/{key}/revocation").status_code == 403


def test_leaving_is_previewed_confirmed_and_followed(office: Department, signed_in: SignIn) -> None:
    drafting = task(office.desk, office.case, "T12-07").key
    office.desk.engine.handle(c.ClaimTask(actor=office.actor(office.author), task_key=drafting))
    browser = signed_in(office.head or "")
    assert "离职人员" in text(browser.get("/leaving"))

    page = text(browser.get(f"/leaving?user={office.author}&to.all=sub.one"))
    assert "转交1项，退回部门0项" in page
    form = {"user": office.author, "to.all": "sub.one"}
    assert browser.post("/leaving", {**form, "reason": ""}).status_code == 422
    response = browser.post("/leaving", {**form, "reason": "调离（示例）"})

    assert response.status_code == 302
    assert "共1项" in text(browser.get(response.location))
    while office.desk.engine.sweep():
        pass
    assert "账号已经停用" in text(browser.get(response.location))
    assert browser.get(f"/leaving?user={office.author}").status_code == 404
    with office.desk.engine.database.reading() as conn:
        assert conn.execute(select(leaving.c.state)).scalars().all() == ["done"]


def test_leaving_is_for_administrators_and_heads(office: Department, signed_in: SignIn) -> None:
    assert signed_in("sub.one").get("/leaving").status_code == 403
    assert signed_in("admin").get(f"/leaving?user={office.head}").status_code == 200


def test_every_figure_of_the_overview_leads_to_its_list(office: Department, signed_in: SignIn) -> None:
    browser = signed_in(office.head or "")

    page = browser.get("/department").data.decode()

    links = {html.unescape(link) for link in re.findall(r'href="(/department/tasks[^"]+)"', page)}
    assert len(links) >= 3 * 4
    assert {browser.get(link).status_code for link in links} == {200}
    assert "style=" not in page
    assert signed_in("sub.one").get("/department").status_code == 403


@pytest.mark.parametrize("path", ["/substitutes", "/leaving", "/department"])
def test_the_pages_stand_in_the_menu_of_a_head(office: Department, signed_in: SignIn, path: str) -> None:
    assert f'href="{path}"' in signed_in(office.head or "").get("/substitutes").data.decode()
