"""Pages and API of versions and migrations: who sees them, what they say, and that forms need no script."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from camunda_orchestration_sdk import CamundaClient
from camunda_orchestration_sdk.models import ProcessDefinitionSearchQuery
from sqlalchemy import select

from engine import commands as c
from engine.demo.cases import PROCESS, Desk, begin, deliver
from engine.demo.seed import DEMO_PASSWORD
from engine.history.verify import verify
from engine.storage import tables as t
from tests.conftest import at_once
from tests.processes.office import case, limits, open_tasks
from tests.processes.test_migration import head
from tests.processes.test_version_states import key_of
from tests.processes.test_versions import TEN_DAYS, publish, version

RENAMED = ("T12-07", "T12-07A")
REASON = "新规定已经施行，双方商定适用。"


@pytest.fixture
def key(desk: Desk) -> int:
    """An application that was received and accepted; a second version is in force."""
    found = int(at_once(deliver(desk, 1)))
    desk.do(found, "T12-04", {"check_result": "accept"})
    publish(desk, TEN_DAYS, RENAMED)
    return found


def username(desk: Desk, key: int, side: str) -> str:
    return head(desk, key, side).username


def proposed(desk: Desk, browser: Any, key: int, names: str = "T12-07 = T12-07A") -> str:
    """Propose through the page as an administrator and return the proposal's address."""
    first, second = key_of(desk, 1), key_of(desk, 2)
    browser.get(f"/versions/{first}/propose?case={key}")
    form = {"case": key, "target": second, "reason": REASON, "names": names}
    response = browser.post(f"/versions/{first}/propose", form)
    assert response.status_code == 302
    return str(response.headers["Location"])


# Pages


@pytest.mark.parametrize(
    ("who", "status"), [("admin", 200), ("audit", 200), ("designer", 200), ("mzt.jb", 403), ("mzt.fz", 403)]
)
def test_versions_are_for_administrators_designers_and_auditors(
    desk: Desk, signed_in: Callable[[str], Any], who: str, status: int
) -> None:
    with desk.engine.database.reading() as conn:
        names = set(conn.execute(select(t.user.c.username)).scalars())
    if who not in names:
        pytest.skip("the demonstration has nobody of this role")
    browser = signed_in(who)

    assert browser.get("/versions").status_code == status
    assert browser.get(f"/versions/{key_of(desk, 1)}").status_code == status
    assert ('href="/versions"' in browser.get("/").text) == (status == 200)


def test_the_list_says_how_each_version_stands_and_what_runs_under_it(
    desk: Desk, key: int, signed_in: Callable[[str], Any]
) -> None:
    publish(desk, ('key="p12.reply_wd" value="5"', 'key="p12.reply_wd" value="7"'), effective="2026-09-01")
    page = signed_in("audit").get("/versions").text

    page = page[page.index("共享申请与答复") :]
    rows = re.findall(r"第(\d)版</a></td><td>.*?>(\w+)</span>.*?在办事项\">(\d+)<", page)
    assert rows[:3] == [("3", "未施行", "0"), ("2", "施行中", "0"), ("1", "已由新版接替", "1")]


def test_an_administrator_suspends_and_resumes_with_a_reason(
    desk: Desk, signed_in: Callable[[str], Any]
) -> None:
    browser, own = signed_in("admin"), key_of(desk, 1)
    assert "停用后，本流程不受理新的事项" in browser.get(f"/versions/{own}").text

    refused = browser.post(f"/versions/{own}/suspend", {"reason": "无"})
    assert (refused.status_code, "请填写理由" in refused.text) == (422, True)
    assert browser.post(f"/versions/{own}/suspend", {"reason": "条文引用有误。"}).status_code == 302

    assert "本流程目前不受理新的事项" in browser.get("/versions").text
    page = browser.get(f"/versions/{own}").text
    assert "条文引用有误。" in page and "样例管理" in page
    browser.post(f"/versions/{own}/resume", {"reason": "已经核对更正。"})
    assert "不受理新的事项。</p>" not in browser.get("/versions").text


def test_an_applicant_reads_why_the_procedure_takes_no_application(
    desk: Desk, signed_in: Callable[[str], Any]
) -> None:
    desk.engine.handle(
        c.SuspendDefinition(actor=None, definition_key=key_of(desk, 1), reason="条文引用有误。")
    )
    browser = signed_in("mzt.jb")
    entry = desk.engine.queries.catalogue(desk.engine.accounts.actor_named("mzt.jb"), "驾驶人").rows[0]
    browser.get(f"/catalogue/{entry.key}")
    address = re.search(
        r'action="([^"]+)"[^>]*>(?:(?!</form>).)*申请共享', browser.get(f"/catalogue/{entry.key}").text, re.S
    )
    assert address is not None
    response = browser.post(address[1], {"resource": entry.key})

    assert response.status_code == 409
    assert "已经停用" in response.text and "条文引用有误。" in response.text


def test_an_auditor_reads_but_switches_nothing(desk: Desk, signed_in: Callable[[str], Any]) -> None:
    browser, own = signed_in("audit"), key_of(desk, 1)
    page = browser.get(f"/versions/{own}").text

    assert "停用理由" not in page and "提议迁移" not in page
    assert browser.post(f"/versions/{own}/suspend", {"reason": "条文引用有误。"}).status_code == 403


def test_both_heads_consent_on_the_page_and_the_case_moves(
    desk: Desk, key: int, signed_in: Callable[[str], Any]
) -> None:
    address = proposed(desk, signed_in("admin"), key)
    using, providing = (signed_in(username(desk, key, side)) for side in ("using", "providing"))
    assert address in using.get("/").text
    assert address in using.get(f"/cases/{key}").text
    page = using.get(address).text
    for words in ("5个工作日", "10个工作日", "2026年6月15日", "2026年6月23日", "T12-07A", "同意迁移"):
        assert words in page

    using.post(f"{address}/consent")
    assert version(desk, key) == 1
    assert "同意迁移</button>" not in using.get(address).text
    providing.get(address)
    providing.post(f"{address}/consent")

    assert (version(desk, key), open_tasks(desk, key)) == (2, {"T12-07A"})
    shown = providing.get(f"/cases/{key}").text
    assert "由流程第1版迁移至第2版" in shown and "负责人同意迁移" in shown
    assert "接收与形式检查" in shown  # the form handed in under the first version is still there to read
    assert "现在" not in providing.get(address).text and "迁移前" in providing.get(address).text


def test_a_head_objects_with_a_reason(desk: Desk, key: int, signed_in: Callable[[str], Any]) -> None:
    address = proposed(desk, signed_in("admin"), key)
    browser = signed_in(username(desk, key, "providing"))
    browser.get(address)

    assert browser.post(f"{address}/object", {"reason": ""}).status_code == 422
    browser.post(f"{address}/object", {"reason": "按原期限即可办结。"})

    page = browser.get(address).text
    assert "未获同意" in page and "按原期限即可办结。" in page
    assert version(desk, key) == 1


def test_an_obstacle_is_told_with_the_element_that_stands_in_its_place(
    desk: Desk, key: int, signed_in: Callable[[str], Any]
) -> None:
    browser, first = signed_in("admin"), key_of(desk, 1)
    browser.get(f"/versions/{first}")
    form = {"case": key, "target": key_of(desk, 2), "reason": REASON, "names": ""}
    response = browser.post(f"/versions/{first}/propose", form)

    assert response.status_code == 422
    assert "（T12-07）" in response.text and "（T12-07A）" in response.text
    assert REASON in response.text  # what was typed is kept


@pytest.mark.parametrize("names", ["T12-07", "T12-07=", "=T12-07A", "A=B=C", "A=B\nA=C"])
def test_a_mapping_that_cannot_be_read_is_refused(
    desk: Desk, key: int, signed_in: Callable[[str], Any], names: str
) -> None:
    browser, first = signed_in("admin"), key_of(desk, 1)
    browser.get(f"/versions/{first}")
    form = {"case": key, "target": key_of(desk, 2), "reason": REASON, "names": names}
    response = browser.post(f"/versions/{first}/propose", form)

    assert response.status_code == 422
    assert "一行一对" in response.text


def test_a_proposal_that_the_case_has_overtaken_says_so_before_anybody_consents(
    desk: Desk, key: int, signed_in: Callable[[str], Any]
) -> None:
    from engine.demo.answers import reply
    from engine.periods import beijing_day

    address = proposed(desk, signed_in("admin"), key)
    browser = signed_in(username(desk, key, "using"))
    assert "对照不再成立" not in browser.get(address).text
    desk.do(key, "T12-07", reply(desk.variables(key)["application"], beijing_day(desk.now), "agree"))
    assert "对照不再成立" in browser.get(address).text

    browser.post(f"{address}/consent")

    page = browser.get(address).text
    assert "已失效" in page and "事项所在环节已经变化" in page


def test_all_cases_of_a_version_are_proposed_and_those_that_cannot_move_are_listed(
    desk: Desk, key: int, signed_in: Callable[[str], Any]
) -> None:
    movable = int(at_once(deliver(desk, 2)))  # bound to the second version; the third is for both
    publish(desk, RENAMED, ('key="p12.reply_wd" value="5"', 'key="p12.reply_wd" value="7"'))
    assert version(desk, movable) == 2
    browser, second = signed_in("admin"), key_of(desk, 2)
    browser.get(f"/versions/{second}/propose")
    form = {"case": "", "target": key_of(desk, 3), "reason": REASON, "names": "", "command_id": "batch-1"}

    response = browser.post(f"/versions/{second}/propose", form)
    assert '已就<strong class="num">1</strong>件' in response.text
    first = browser.post(f"/versions/{key_of(desk, 1)}/propose", {**form, "command_id": "batch-2"})
    assert case(desk, key).business_id in first.text and "（T12-07）" in first.text
    assert "征求意见的迁移提议" in browser.get("/versions").text


def test_a_stranger_sees_no_proposal(desk: Desk, key: int, signed_in: Callable[[str], Any]) -> None:
    address = proposed(desk, signed_in("admin"), key)
    row = case(desk, key)
    stranger = next(
        u for u, org in people(desk) if org not in (row.using_key, row.providing_key, row.managing_key)
    )
    browser = signed_in(stranger)

    assert browser.get(address).status_code == 404
    assert browser.post(f"{address}/consent").status_code == 404


def people(desk: Desk) -> list[tuple[str, int]]:
    with desk.engine.database.reading() as conn:
        return [
            (row.username, row.organisation_key)
            for row in conn.execute(
                select(t.user.c.username, t.user.c.organisation_key).where(t.user.c.username.endswith(".fz"))
            )
        ]


# API


@pytest.fixture
def client(address: str) -> Callable[[str], CamundaClient]:
    return lambda username: CamundaClient(
        configuration={
            "CAMUNDA_REST_ADDRESS": address,
            "CAMUNDA_AUTH_STRATEGY": "BASIC",
            "CAMUNDA_BASIC_AUTH_USERNAME": username,
            "CAMUNDA_BASIC_AUTH_PASSWORD": DEMO_PASSWORD,
        }
    )


def test_the_camunda_client_reads_process_definitions(
    client: Callable[[str], CamundaClient], desk: Desk
) -> None:
    publish(desk, TEN_DAYS)
    reader = client("mzt.jb")
    found = reader.search_process_definitions(
        data=ProcessDefinitionSearchQuery.from_dict(
            {"filter": {"processDefinitionId": PROCESS, "isLatestVersion": True}}
        )
    )

    [newest] = found.items
    assert (newest.version, str(newest.process_definition_id), newest.state.value) == (2, PROCESS, "ACTIVE")
    shown = reader.get_process_definition(newest.process_definition_key)
    assert shown.name == newest.name
    assert 'value="10"' in str(reader.get_process_definition_xml(newest.process_definition_key))


def test_a_program_switches_a_version(desk: Desk, call: Callable[..., Any]) -> None:
    own = key_of(desk, 1)
    path = f"/v2/process-definitions/{own}"
    assert (
        call("POST", f"{path}/suspension", "mzt.jb", json={"reason": "条文有误，核对。"}).status_code == 403
    )
    assert call("POST", f"{path}/suspension", "admin", json={}).json["code"] == "invalid_input"
    shown = call("POST", f"{path}/suspension", "admin", json={"reason": "条文有误，核对。"}).json

    assert (shown["state"], shown["versionState"], shown["stateReason"]) == (
        "DRAINING",
        "suspended",
        "条文有误，核对。",
    )
    found = call("POST", "/v2/process-definitions/search", json={"filter": {"state": "DRAINING"}}).json
    assert [x["processDefinitionKey"] for x in found["items"]] == [str(own)]
    entry = desk.engine.queries.catalogue(desk.engine.accounts.actor_named("mzt.jb"), "驾驶人").rows[0]
    started = call(
        "POST",
        "/v2/process-instances",
        "mzt.jb",
        json={"processDefinitionId": PROCESS, "variables": {"resourceKey": str(entry.key)}},
    )
    assert (started.status_code, started.json["code"]) == (409, "procedure_suspended")
    again = call("POST", f"{path}/resumption", "admin", json={"reason": "已经核对更正。"}).json
    assert again["state"] == "ACTIVE"
    assert call("GET", "/v2/process-definitions/12345").status_code == 404


def test_a_migration_by_the_api_is_a_proposal_that_both_heads_consent_to(
    desk: Desk, key: int, call: Callable[..., Any]
) -> None:
    plan = {
        "targetProcessDefinitionKey": str(key_of(desk, 2)),
        "mappingInstructions": [{"sourceElementId": "T12-07", "targetElementId": "T12-07A"}],
        "reason": REASON,
    }
    path = f"/v2/process-instances/{key}/migration"
    blocked = call("POST", path, "admin", json={**plan, "mappingInstructions": []})
    assert (blocked.status_code, blocked.json["code"]) == (422, "migration_obstructed")
    assert blocked.json["obstacles"][0]["en"].startswith("T12-07:")

    made = call("POST", path, "admin", json=plan)
    assert (made.status_code, made.json["state"]) == (202, "OPEN")
    [limit] = made.json["preview"]["limits"]
    assert (limit["beforeDueOn"], limit["afterDueOn"]) == ("2026-06-15", "2026-06-23")
    own = f"/v2/migrations/{made.json['migrationKey']}"
    assert call("POST", f"{own}/consent", username(desk, key, "using")).json["state"] == "OPEN"
    assert call("POST", f"{own}/consent", username(desk, key, "providing")).json["state"] == "DONE"

    assert (version(desk, key), str(limits(desk, key, "TM12-1")[-1].due_on)) == (2, "2026-06-23")
    assert call("GET", own, "admin").json["answers"][0]["consents"] is True
    file = call("GET", f"/v2/history/{key}/export", username(desk, key, "using"))
    assert b"InstanceMigrated" in file.data
    verify(io.BytesIO(file.data))


def test_a_program_proposes_for_a_version_in_slices(desk: Desk, call: Callable[..., Any]) -> None:
    keys = [int(at_once(deliver(desk, n))) for n in (1, 2, 4)]
    publish(desk, TEN_DAYS)
    begin(desk, 7)
    path = f"/v2/process-definitions/{key_of(desk, 1)}/migration"
    plan = {"targetProcessDefinitionKey": str(key_of(desk, 2)), "reason": REASON, "limit": 2}
    first = call("POST", path, "admin", json=plan).json
    second = call("POST", path, "admin", json={**plan, "after": first["next"]}).json

    made = [x["processInstanceKey"] for x in (*first["proposed"], *second["proposed"])]
    assert made == [str(key) for key in keys]
    assert (first["refused"], second["next"]) == ([], None)
    assert call("POST", path, "mzt.jb", json=plan).status_code == 403


@pytest.mark.parametrize(
    "change",
    [
        {"mappingInstructions": "T12-07"},
        {"mappingInstructions": [{"sourceElementId": "T12-07"}]},
        {"mappingInstructions": [{"sourceElementId": "A", "targetElementId": "B"}] * 2},
        {"targetProcessDefinitionKey": "x"},
        {"reason": 1},
        {"other": 1},
    ],
)
def test_a_plan_of_the_wrong_shape_is_refused(
    desk: Desk, key: int, call: Callable[..., Any], change: dict[str, Any]
) -> None:
    plan = {"targetProcessDefinitionKey": str(key_of(desk, 2)), "reason": REASON, **change}
    answer = call("POST", f"/v2/process-instances/{key}/migration", "admin", json=plan)

    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")
