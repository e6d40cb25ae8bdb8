"""Tables of records through pages and API: with a script, without one, and by a program."""

import io
from collections.abc import Callable
from typing import Any

from engine.demo.cases import Desk
from engine.demo.verifications import accept, act, begin, deliver, fill, report, window_pair
from engine.periods import beijing_day
from tests.conftest import at_once
from tests.processes.office import case, task
from tests.web.conftest import Browser

SignIn = Callable[[str], Browser]
NUMBER = "210102199001011234"
GOOD = f"记录标识,证件号码,现值,说明\n甲-1,{NUMBER},正常,\n乙-2,,注销,见档案\n".encode()
BAD = "记录标识,现值\n,正常\n".encode()


def reporting(signed_in: SignIn, desk: Desk) -> tuple[Browser, str, dict[str, Any], int]:
    """A report at the desk of a handler: browser, address, what is typed, case."""
    using, entry = window_pair(desk, 1)
    key = begin(desk, using, entry)
    client = signed_in(desk.actor(using, "handler").username)
    path = f"/tasks/{task(desk, key, 'T13-01').key}"
    client.get(path)
    values = report(desk.variables(key)["resource"], beijing_day(desk.now), 1)
    for field in ("record_keys", "business_pending"):
        values.pop(field)
    return client, path, values, key


def test_a_file_is_taken_while_the_form_is_filled_in_and_named_by_it(signed_in: SignIn, desk: Desk) -> None:
    client, path, values, key = reporting(signed_in, desk)

    answer = client.post(f"{path}/records/record_keys", {"file": (io.BytesIO(GOOD), "清单.csv")})
    assert answer.status_code == 201
    table = answer.get_json()["table"]
    assert table["first"][0]["id_no"] == "**************1234"
    page = client.post(f"{path}/complete", {**values, "record_keys.keep": table["key"]})

    assert page.status_code == 302
    assert desk.variables(key)["report"]["record_keys"] == table


def test_faults_of_a_file_come_back_as_sentences(signed_in: SignIn, desk: Desk) -> None:
    client, path, _, _ = reporting(signed_in, desk)

    answer = client.post(f"{path}/records/record_keys", {"file": (io.BytesIO(BAD), "清单.csv")})

    assert answer.status_code == 422
    assert answer.get_json()["errors"] == ["第2行“记录标识”没有填写，该列为必填。"]
    assert client.post(f"{path}/records/record_keys").status_code == 422
    assert client.post(f"{path}/records/other", {"file": (io.BytesIO(GOOD), "x.csv")}).status_code == 404


def test_without_a_script_the_file_goes_with_the_form(signed_in: SignIn, desk: Desk) -> None:
    client, path, values, key = reporting(signed_in, desk)
    refused = client.post(f"{path}/complete", {**values, "record_keys": (io.BytesIO(BAD), "清单.csv")})
    assert refused.status_code == 422
    assert "第2行“记录标识”没有填写" in refused.get_data(as_text=True)

    client.post(f"{path}/complete", {**values, "record_keys": (io.BytesIO(GOOD), "清单.csv")})

    assert desk.variables(key)["report"]["record_count"] == 2


def test_rows_can_be_typed_and_a_refused_form_shows_them_again(signed_in: SignIn, desk: Desk) -> None:
    client, path, values, key = reporting(signed_in, desk)
    typed = {"record_keys.0.record": "甲-1", "record_keys.0.id_no": NUMBER}

    again = client.post(f"{path}/complete", {**values, **typed, "description": "短"})
    assert again.status_code == 422
    assert 'value="甲-1"' in again.get_data(as_text=True)
    client.post(f"{path}/complete", {**values, **typed})

    table = desk.variables(key)["report"]["record_keys"]
    assert table["first"] == [{"record": "甲-1", "id_no": "**************1234", "value": "", "note": ""}]


def test_a_draft_keeps_the_file_and_the_page_shows_it(signed_in: SignIn, desk: Desk) -> None:
    client, path, values, _ = reporting(signed_in, desk)
    client.post(f"{path}/draft", {**values, "record_keys": (io.BytesIO(GOOD), "清单.csv")})

    page = client.get(path).get_data(as_text=True)

    assert "清单.csv" in page
    assert 'name="record_keys.keep"' in page
    assert NUMBER not in page


def test_the_template_has_the_heading_that_is_expected(signed_in: SignIn, desk: Desk) -> None:
    client, path, _, _ = reporting(signed_in, desk)

    response = client.get(f"{path}/records/record_keys.csv")

    assert response.data.decode("utf-8-sig") == "记录标识,证件号码,现值,说明\r\n"
    assert client.get(f"{path}/records/title.csv").status_code == 404


def test_the_page_of_a_table_searches_and_shows_fifty_rows(signed_in: SignIn, desk: Desk) -> None:
    rows = "".join(f"DJ-{n:04d},,正常,\n" for n in range(120))
    client, path, values, key = reporting(signed_in, desk)
    client.post(
        f"{path}/complete",
        {**values, "record_keys": (io.BytesIO(f"记录标识,证件号码,现值,说明\n{rows}".encode()), "清单.csv")},
    )
    table = desk.variables(key)["report"]["record_keys"]["key"]
    assert f"/cases/{key}/records/{table}" in client.get(f"/cases/{key}").get_data(as_text=True)

    third = client.get(f"/cases/{key}/records/{table}?page=3").get_data(as_text=True)
    found = client.get(f"/cases/{key}/records/{table}?q=dj-0077").get_data(as_text=True)

    assert ("DJ-0100" in third, "DJ-0099" in third) == (True, False)
    assert ("DJ-0077" in found, "DJ-0078" in found) == (True, False)
    outsider = signed_in("audit")
    assert signed_in("dlzf.bg").get(f"/cases/{key}/records/{table}").status_code == 404
    assert outsider.get(f"/cases/{key}/records/{table}").status_code == 200


def test_a_program_sends_a_table_and_reads_it_back(call: Any, desk: Desk) -> None:
    using, entry = window_pair(desk, 1)
    key = begin(desk, using, entry)
    who, t = desk.actor(using, "handler").username, task(desk, key, "T13-01").key
    stored = call(
        "POST", f"/v2/user-tasks/{t}/records/record_keys", who, data={"file": (io.BytesIO(GOOD), "清单.csv")}
    )
    assert stored.status_code == 201
    table = stored.get_json()["table"]
    values = report(
        desk.variables(key)["resource"], beijing_day(desk.now), 1, record_keys={"key": table["key"]}
    )

    assert call("POST", f"/v2/user-tasks/{t}/completion", who, json={"variables": values}).status_code == 204
    page = call("GET", f"/v2/process-instances/{key}/records/{table['key']}?q=乙", who).get_json()

    assert page["items"] == [{"number": 2, "record": "乙-2", "id_no": "", "value": "注销", "note": "见档案"}]
    assert (page["rows"], page["page"]["totalItems"]) == (2, 1)
    bad = call(
        "POST", f"/v2/user-tasks/{t}/records/record_keys", who, data={"file": (io.BytesIO(BAD), "x.csv")}
    )
    assert bad.status_code == 409  # the form was handed in


def test_faults_reach_a_program_as_problem_details(call: Any, desk: Desk) -> None:
    using, entry = window_pair(desk, 1)
    key = begin(desk, using, entry)
    who, t = desk.actor(using, "handler").username, task(desk, key, "T13-01").key

    refused = call(
        "POST", f"/v2/user-tasks/{t}/records/record_keys", who, data={"file": (io.BytesIO(BAD), "x.csv")}
    )

    assert refused.status_code == 422
    [fault] = refused.get_json()["errors"]["record_keys"]
    assert fault["zh"].startswith("第2行“记录标识”")
    assert fault["en"].startswith("Line 2")
    assert call("POST", f"/v2/user-tasks/{t}/records/record_keys", who).status_code == 422


def test_r13_13_the_entry_and_the_api_show_the_hint_to_every_department(
    signed_in: SignIn, call: Any, desk: Desk
) -> None:
    key = int(at_once(deliver(desk, 1)))
    resource = desk.variables(key)["resource"]["key"]

    page = signed_in("dlwj.jb").get(f"/catalogue/{resource}").get_data(as_text=True)
    found = call("POST", "/v2/resource-flags/search", "dlwj.jb", json={"filter": {"resourceKey": resource}})

    assert "正在校核" in page
    assert f"/cases/{key}" not in page
    [flag] = found.get_json()["items"]
    assert (flag["recordCount"], flag["processInstanceKey"]) == (2, None)
    assert call("POST", "/v2/resource-flags/search", json={"filter": {"name": "x"}}).status_code == 422


def test_the_extension_page_holds_the_date_for_every_number_of_days(signed_in: SignIn, desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    accept(desk, key)
    act(desk, key, "ES13-X")
    client = signed_in(desk.actor(case(desk, key).providing_key, "handler").username)

    page = client.get(f"/tasks/{task(desk, key, 'T13-E1').key}").get_data(as_text=True)

    assert 'data-computed-by="days"' in page
    assert "2026年6月30日" in page
    assert "延长期限是在原期限之外延长的时间，最长10个工作日" in page


def test_r13_14_the_window_s_page_names_paragraph_3_and_no_limit(signed_in: SignIn, desk: Desk) -> None:
    using, entry = window_pair(desk, 1)
    key = begin(desk, using, entry)
    fill(desk, key, 1, business_pending=True)
    client = signed_in(desk.actor(using, "window").username)

    page = client.get(f"/tasks/{task(desk, key, 'T13-B1').key}").get_data(as_text=True)

    assert "受理单位应照常办理，不得拒绝、推诿或者要求办事人办理信息更正手续" in page
    assert "校核期限" not in page
