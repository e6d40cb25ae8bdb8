"""A page posted twice with one id: the second gets the first one's answer, and nothing is done twice."""

import io
from typing import Any

from engine.demo.cases import Desk
from engine.demo.verifications import accept, begin, deliver, report, window_pair
from engine.periods import beijing_day
from tests.conftest import at_once
from tests.processes.office import case, open_tasks, task, trail
from tests.web.conftest import Browser


def test_an_act_posted_twice_is_done_once_and_answered_twice(desk: Desk, signed_in: Any) -> None:
    key = int(at_once(deliver(desk, 1)))
    accept(desk, key)
    page: Browser = signed_in(desk.actor(case(desk, key).using_key, "handler").username)
    address = f"/cases/{key}/acts/ES13-W"
    page.get(address)
    data = {"reason": "重复反馈，予以撤回。", "command_id": "one-press"}

    first, second = page.post(address, data), page.post(address, data)

    assert (first.status_code, second.status_code) == (302, 302)
    assert trail(desk, key).count("ActDone") == 1


def test_a_report_with_a_table_posted_twice_is_answered_twice(desk: Desk, signed_in: Any) -> None:
    using, entry = window_pair(desk, 1)
    key = begin(desk, using, entry)
    form = task(desk, key, "T13-01")
    page: Browser = signed_in(desk.actor(using, "handler").username)
    page.get(f"/tasks/{form.key}")
    values = report(desk.variables(key)["resource"], beijing_day(desk.now), 1)
    values = {name: value for name, value in values.items() if not isinstance(value, bool)}
    del values["record_keys"]
    table = "记录标识,证件号码,现值,说明\r\nA1,,正常,\r\n".encode()

    def post() -> Any:
        sent = {
            "csrf": page.csrf,
            "command_id": "one-press",
            **values,
            "record_keys": (io.BytesIO(table), "表.csv"),
        }
        return page.client.post(f"/tasks/{form.key}/complete", data=sent, content_type="multipart/form-data")

    first, second = post(), post()

    assert (first.status_code, second.status_code) == (302, 302)
    assert open_tasks(desk, key) == {"T13-02"}
