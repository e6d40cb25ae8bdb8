"""A catalogue entry withdrawn while applications are pending (domain C.3.7)."""

from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.demo.cases import Desk, begin, deliver, fill
from engine.errors import InvalidDefinition, NotAllowed, WrongState
from engine.process_files import PROCESSES, definition_files
from engine.storage.tables import catalogue_entry
from tests.conftest import at_once
from tests.processes.office import case, open_tasks, task
from tests.processes.test_ln_art12_application import reply_form
from tests.processes.test_settings_variants import settings  # noqa: F401  a fixture


def withdraw(desk: Desk, key: int, **changes: Any) -> int:
    entry = int(desk.variables(key)["resource"]["key"])
    with desk.engine.database.reading() as conn:
        code = conn.execute(select(catalogue_entry.c.code).where(catalogue_entry.c.key == entry)).scalar_one()
    values = {
        "actor": None,
        "code": code,
        "reason": "系统下线，不再产生该数据。",
        "doc_no": "辽数〔2026〕7号",
    }
    desk.engine.handle(c.WithdrawEntry(**{**values, **changes}))
    return entry


def hint(desk: Desk, key: int, element_id: str, field: str) -> str:
    row = task(desk, key, element_id)
    view = desk.engine.queries.task(desk.actor(row.organisation_key, row.role), row.key)
    components: Any = view.form["components"]
    return str(next(x["description"] for x in components if x["key"] == field))


def test_a_withdrawn_entry_is_no_longer_offered(desk: Desk) -> None:
    key = begin(desk, 1)
    entry = withdraw(desk, key)
    actor = desk.actor(case(desk, key).using_key, "handler")

    view = desk.engine.queries.entry(actor, entry)
    assert (view.offers, view.row.withdrawn_on is not None) == ((), True)
    with pytest.raises(WrongState, match="已从目录撤销"):
        desk.start(case(desk, key).using_key, entry)


def test_an_application_received_before_goes_on_and_the_reply_form_names_the_grounds(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    desk.do(key, "T12-04", {"check_result": "accept"})
    assert "撤销" not in hint(desk, key, "T12-07", "refusal_ground")

    withdraw(desk, key)

    text = hint(desk, key, "T12-07", "refusal_ground")
    assert "数据尚未形成或正在整改" in text
    assert "法律、行政法规、国务院决定明确规定不能提供" in text
    desk.do(key, "T12-07", reply_form(desk, key, "refuse", refusal_ground="8"))
    desk.do(key, "T12-08", {"decision": "sign"})
    assert open_tasks(desk, key) == {"T12-13"}


def test_an_application_that_was_not_received_yet_goes_back_with_the_reason(desk: Desk) -> None:
    key = begin(desk, 1)
    fill(desk, key, 1)
    withdraw(desk, key)
    desk.do(key, "T12-02", {"decision": "agree"})

    assert open_tasks(desk, key) == {"T12-01"}
    assert "已从目录撤销" in desk.variables(key)["check"]["defects"][0]


def test_only_an_administrator_withdraws_an_entry_and_once(desk: Desk) -> None:
    key = begin(desk, 1)

    with pytest.raises(NotAllowed):
        withdraw(desk, key, actor=desk.actor(case(desk, key).using_key, "head"))
    withdraw(desk, key)
    with pytest.raises(WrongState, match="已经撤销"):
        withdraw(desk, key)


def test_the_hints_name_the_days_of_the_settings(desk: Desk, settings: Any) -> None:  # noqa: F811
    settings(supplement_notice_wd="3", return_wrong_provider_wd="4", provision_wd="12")
    key = int(at_once(deliver(desk, 1)))

    text = hint(desk, key, "T12-04", "check_result")
    assert "收到后第3个工作日结束前" in text
    assert "收到后4个工作日内退回" in text
    desk.do(key, "T12-04", {"check_result": "accept"})
    assert hint(desk, key, "T12-07", "provide_by") == "自今日起12个工作日内。"


def test_a_hint_that_names_an_unknown_setting_is_refused_at_deployment() -> None:
    from engine.definitions import read_definition

    files = definition_files(PROCESSES / "ln_art12_application")
    files["forms/F12-C.json"] = files["forms/F12-C.json"].replace(b"{p12.supplement_notice_wd}", b"{p12.x}")

    with pytest.raises(InvalidDefinition, match=r"F12-C\.check_result"):
        read_definition(1, 1, files)
