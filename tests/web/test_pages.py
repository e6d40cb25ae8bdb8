"""The pages: who sees what, and what a refused form says."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest

from engine import commands as c
from engine.demo.answers import application
from engine.demo.cases import Desk, begin, deliver, fill
from engine.periods import beijing_day
from tests.conftest import at_once, beijing
from tests.processes.office import case, open_tasks, task, trail, wait_until

SignIn = Callable[[str], Any]


def username(desk: Desk, org_key: int, role: str = "handler") -> str:
    return desk.actor(org_key, role).username


def test_nobody_sees_a_page_without_signing_in(app: Any) -> None:
    response = app.test_client().get("/cases/1")

    assert response.status_code == 302
    assert response.location == "/sign-in?next=/cases/1"


def test_five_wrong_passwords_close_the_door_for_a_while(app: Any, signed_in: SignIn) -> None:
    client = signed_in("audit")
    client.post("/sign-out")
    client.get("/sign-in")
    for _ in range(5):
        assert client.post("/sign-in", {"username": "gat.jb", "password": "wrong"}).status_code == 401

    assert client.post("/sign-in", {"username": "gat.jb", "password": "wrong"}).status_code == 429


def test_a_sign_in_link_leads_nowhere_else(app: Any, signed_in: SignIn) -> None:
    client = signed_in("audit")
    client.post("/sign-out")
    client.get("/sign-in")
    from engine.demo.seed import DEMO_PASSWORD

    answer = client.post(
        "/sign-in", {"username": "audit", "password": DEMO_PASSWORD, "next": "//evil.example/"}
    )

    assert answer.location == "/"


def test_a_post_without_the_token_is_refused(signed_in: SignIn, desk: Desk) -> None:
    key = begin(desk, 1)
    client = signed_in(username(desk, case(desk, key).using_key))
    client.csrf = "forged"

    assert client.post(f"/tasks/{task(desk, key, 'T12-01').key}/do/unclaim").status_code == 403


def test_r12_02_the_form_shows_all_errors_beside_the_fields_and_keeps_what_was_typed(
    signed_in: SignIn, desk: Desk
) -> None:
    key = begin(desk, 1)
    client = signed_in(username(desk, case(desk, key).using_key))
    path = f"/tasks/{task(desk, key, 'T12-01').key}"
    client.get(path)

    response = client.post(
        f"{path}/complete", {"title": "试", "contact_phone": "12", "purpose": "我输入的用途"}
    )
    html = response.get_data(as_text=True)

    assert response.status_code == 422
    assert "申请名称应为5至100个字，现有1个字。" in html
    assert "请填写中国大陆手机号码或者固定电话号码。" in html
    assert 'id="f-purpose-error"' in html
    assert "我输入的用途" in html


def test_r12_11_the_page_refuses_a_refusal_without_reasons(signed_in: SignIn, desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    desk.do(key, "T12-04", {"check_result": "accept"})
    client = signed_in(username(desk, case(desk, key).providing_key))
    path = f"/tasks/{task(desk, key, 'T12-07').key}"
    client.get(path)
    before = trail(desk, key)

    form = {
        "decision": "refuse",
        "refusal_ground": "3",
        "contact_name": "某某",
        "contact_phone": "024-86020100",
    }
    response = client.post(f"{path}/complete", form)

    assert response.status_code == 422
    assert "不予共享理由" in response.get_data(as_text=True)
    assert trail(desk, key) == before


def test_an_official_walks_from_the_catalogue_to_the_reply(signed_in: SignIn, desk: Desk) -> None:
    entries = desk.engine.queries.catalogue(desk.engine.accounts.actor_named("mzt.jb"), "驾驶人").rows
    applicant = signed_in("mzt.jb")
    applicant.get(f"/catalogue/{entries[0].key}")
    started = applicant.post("/start/ln_art12_application", {"resource": entries[0].key})
    assert started.location.startswith("/tasks/")
    page = applicant.get(started.location).get_data(as_text=True)
    assert "辽宁省民政厅" in page and "驾驶人信息" in page

    from engine.demo.answers import application
    from engine.handlers.resources import resource
    from engine.periods import beijing_day

    with desk.engine.database.reading() as conn:
        frozen = resource(conn, entries[0].key)
    values = application(frozen, beijing_day(desk.now), 1)
    values["undertaking"] = "true"
    done = applicant.post(f"{started.location}/complete", values)
    assert done.status_code == 302, done.get_data(as_text=True)
    head = signed_in("mzt.fz")
    inbox = head.get("/?box=department").get_data(as_text=True)
    assert "使用部门审核" in inbox


def test_the_loser_of_a_race_is_told_who_won(signed_in: SignIn, desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    provider = case(desk, key).providing_key
    client = signed_in(username(desk, provider))
    path = f"/tasks/{task(desk, key, 'T12-04').key}"
    client.get(path)
    desk.do(key, "T12-04", {"check_result": "accept"})

    response = client.post(f"{path}/complete", {"check_result": "accept"})

    assert response.status_code == 409
    assert f"已由{desk.actor(provider, 'handler').name}办理" in response.get_data(as_text=True)


def test_the_case_page_explains_every_day_with_its_notice(signed_in: SignIn, desk: Desk) -> None:
    wait_until(desk, beijing("2026-06-17T10:00"))
    key = at_once(deliver(desk, 1))
    html = (
        signed_in(username(desk, case(desk, key).providing_key)).get(f"/cases/{key}").get_data(as_text=True)
    )

    assert "2026年6月25日（星期四）24时届满" in html
    assert "端午节" in html
    assert "国办发明电〔2025〕" in html


def test_c6_a_designer_and_an_administrator_see_no_case(signed_in: SignIn, desk: Desk) -> None:
    key = at_once(deliver(desk, 1))

    for name in ("designer", "admin"):
        assert signed_in(name).get(f"/cases/{key}").status_code == 404


def test_c6_an_auditor_sees_every_case_and_does_nothing(signed_in: SignIn, desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    auditor = signed_in("audit")
    assert auditor.get(f"/cases/{key}").status_code == 200

    response = auditor.post(f"/tasks/{task(desk, key, 'T12-04').key}/complete", {"check_result": "accept"})

    assert response.status_code == 403
    assert open_tasks(desk, key) == {"T12-04"}


def test_c6_before_delivery_the_other_side_sees_nothing(signed_in: SignIn, desk: Desk) -> None:
    key = begin(desk, 1)

    assert signed_in(username(desk, case(desk, key).providing_key)).get(f"/cases/{key}").status_code == 404


def test_a_document_is_frozen_and_shown_under_a_policy_without_scripts(signed_in: SignIn, desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    client = signed_in(username(desk, case(desk, key).providing_key))
    document = desk.engine.queries.case(desk.actor(case(desk, key).providing_key, "handler"), key).documents[
        0
    ]

    response = client.get(f"/documents/{document.key}.html")

    import hashlib

    assert hashlib.sha256(response.data).hexdigest() == document.sha256
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert client.get(f"/documents/{document.key}.pdf").data[:5] == b"%PDF-"


def test_an_attachment_of_a_wrong_kind_is_refused_beside_its_field(signed_in: SignIn, desk: Desk) -> None:
    key = begin(desk, 1)
    client = signed_in(username(desk, case(desk, key).using_key))
    path = f"/tasks/{task(desk, key, 'T12-01').key}"
    client.get(path)

    response = client.post(f"{path}/complete", {"attachments": (io.BytesIO(b"MZ"), "setup.exe")})

    assert response.status_code == 422
    assert "格式不受支持" in response.get_data(as_text=True)


def applying(signed_in: SignIn, desk: Desk) -> tuple[Any, str, dict[str, Any], int]:
    """Return a browser on an empty application, its address, good values for it, and the case."""
    key = begin(desk, 1)
    client = signed_in(username(desk, case(desk, key).using_key))
    path = f"/tasks/{task(desk, key, 'T12-01').key}"
    client.get(path)
    values = application(desk.variables(key)["resource"], beijing_day(desk.now), 1)
    return client, path, {name: "true" if value is True else value for name, value in values.items()}, key


def test_a_refused_file_hides_no_other_error_and_keeps_what_was_typed(signed_in: SignIn, desk: Desk) -> None:
    client, path, values, _ = applying(signed_in, desk)

    response = client.post(
        f"{path}/complete",
        {**values, "purpose": "短", "contact_phone": "12", "attachments": (io.BytesIO(b"MZ"), "setup.exe")},
    )

    text = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "有 3 处需要修改" in text
    assert "格式不受支持" in text
    assert values["title"] in text


def test_a_good_file_is_kept_when_another_is_refused(signed_in: SignIn, desk: Desk) -> None:
    client, path, values, key = applying(signed_in, desk)
    files = [(io.BytesIO(b"%PDF-1.7"), "申请函.pdf"), (io.BytesIO(b"MZ"), "setup.exe")]

    refused = client.post(f"{path}/complete", {**values, "attachments": files}).get_data(as_text=True)
    assert desk.variables(key).get("application") is None
    [kept] = re.findall(r'name="attachments.keep" value="(\d+)"', refused)
    client.post(f"{path}/complete", {**values, "attachments.keep": kept})

    assert [f["name"] for f in desk.variables(key)["application"]["attachments"]] == ["申请函.pdf"]


def test_nobody_can_keep_a_file_that_somebody_else_stored(signed_in: SignIn, desk: Desk) -> None:
    client, path, values, key = applying(signed_in, desk)
    other = begin(desk, 4)
    stored = desk.engine.handle(
        c.StoreAttachments(
            actor=desk.actor(case(desk, other).using_key, "handler"),
            task_key=task(desk, other, "T12-01").key,
            files=(("内部.pdf", b"%PDF"),),
        )
    )["attachments"][0]
    client.post(f"{path}/complete", {**values, "attachments.keep": stored["key"]})

    assert not desk.variables(key)["application"].get("attachments")


def test_a_draft_with_a_refused_file_is_saved_and_says_so(signed_in: SignIn, desk: Desk) -> None:
    client, path, values, _ = applying(signed_in, desk)

    response = client.post(
        f"{path}/draft", {**values, "purpose": "尚未写完", "attachments": (io.BytesIO(b"MZ"), "setup.exe")}
    )

    assert response.status_code == 422
    assert "格式不受支持" in response.get_data(as_text=True)
    assert "尚未写完" in client.get(path).get_data(as_text=True)


def test_a_bug_shows_a_sentence_and_no_trace(
    app: Any, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in("audit")
    monkeypatch.setattr("web.inbox.render_template", lambda *a, **k: 1 / 0)

    response = client.get("/")

    assert response.status_code == 500
    assert "ZeroDivisionError" not in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *((f"/{noun}/{10**20}{end}", 404) for noun, end in (("cases", ""), ("tasks", ""), ("catalogue", ""))),
        *((f"/{noun}/{10**20}{end}", 404) for noun, end in (("documents", ".html"), ("diagrams", ".bpmn"))),
        *(
            (f"/{path}={10**20}", 200)
            for path in ("?page", "notices?page", "catalogue?provider", "catalogue?page")
        ),
    ],
)
def test_a_number_of_twenty_digits_is_no_fault_of_the_server(
    signed_in: SignIn, path: str, status: int
) -> None:
    assert signed_in("mzt.jb").get(path).status_code == status


def test_an_attachment_can_be_opened_by_the_other_side_and_by_nobody_else(
    signed_in: SignIn, desk: Desk
) -> None:
    key = begin(desk, 1)
    client = signed_in(username(desk, case(desk, key).using_key))
    path = f"/tasks/{task(desk, key, 'T12-01').key}"
    client.get(path)
    values = application(desk.variables(key)["resource"], beijing_day(desk.now), 1)
    posted = {name: "true" if value is True else value for name, value in values.items()}

    client.post(f"{path}/complete", {**posted, "attachments": (io.BytesIO(b"%PDF-1.7"), "申请函.pdf")})
    desk.do(key, "T12-02", {"decision": "agree"})
    provider = signed_in(username(desk, case(desk, key).providing_key))
    [link] = set(
        re.findall(r'href="(/attachments/\d+)"', provider.get(f"/cases/{key}").get_data(as_text=True))
    )

    assert provider.get(link).data == b"%PDF-1.7"
    assert signed_in("designer").get(link).status_code == 404


def test_r12_05_what_may_no_longer_be_chosen_is_not_offered(signed_in: SignIn, desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    client = signed_in(username(desk, case(desk, key).providing_key))
    path = f"/tasks/{task(desk, key, 'T12-04').key}"
    option = re.compile(r'<input[^>]*value="supplement"[^>]*>')

    assert "disabled" not in option.search(client.get(path).get_data(as_text=True))[0]  # type: ignore[index]
    wait_until(desk, beijing("2026-06-11T00:00"))
    late = client.get(path).get_data(as_text=True)
    assert "disabled" in option.search(late)[0]  # type: ignore[index]
    assert "需补正（已超过规定期限或者次数）" in late


def test_r12_08_the_new_provider_does_not_find_the_first_ones_answer_in_its_form(
    signed_in: SignIn, desk: Desk
) -> None:
    key = at_once(deliver(desk, 1))
    reason = "该数据由其他部门依职责采集管理。"
    desk.do(key, "T12-04", {"check_result": "not_ours", "return_reason": reason})
    with desk.engine.database.reading() as conn:
        taken = (case(desk, key).providing_key, case(desk, key).using_key)
        other = conn.exec_driver_sql(
            f"SELECT key FROM organisation WHERE NOT managing AND kind <> 'government_office' AND key NOT IN {taken} LIMIT 1"
        ).scalar_one()
    desk.do(
        key, "T12-06", {"assign_result": "new", "assign_to": str(other), "reason": "由该部门依职责提供。"}
    )

    html = (
        signed_in(username(desk, other)).get(f"/tasks/{task(desk, key, 'T12-04').key}").get_data(as_text=True)
    )

    form = html.partition("data-guard")[2].partition("</form>")[0]
    assert reason not in form
    assert "checked" not in form


def test_c6_auditors_and_managing_departments_find_every_case_of_their_level(
    signed_in: SignIn, desk: Desk
) -> None:
    key = at_once(deliver(desk, 1))
    draft = begin(desk, 2)
    number = case(desk, key).business_id

    for reader in ("audit", username(desk, case(desk, key).managing_key)):
        assert f'href="/cases/{key}"' in signed_in(reader).get(f"/cases?q={number}").get_data(as_text=True), (
            reader
        )
    assert f'href="/cases/{draft}"' not in signed_in(username(desk, case(desk, key).managing_key)).get(
        "/cases"
    ).get_data(as_text=True)
    assert "没有符合条件的事项" in signed_in("designer").get("/cases").get_data(as_text=True)
    assert "没有符合条件的事项" in signed_in("audit").get("/cases?which=overdue").get_data(as_text=True)


def test_e12_n_the_case_cites_the_catalogue(signed_in: SignIn, desk: Desk) -> None:
    key = begin(desk, 1, "not_shared")
    fill(desk, key, 1)
    basis = desk.variables(key)["resource"]["sharing_conditions"]

    html = signed_in(username(desk, case(desk, key).using_key)).get(f"/cases/{key}").get_data(as_text=True)

    assert basis and basis in html
    assert "协调处理" in html


def test_on_its_last_day_a_task_says_when_the_limit_ends(signed_in: SignIn, desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    wait_until(desk, beijing("2026-06-15T17:50"))
    path = f"/tasks/{task(desk, key, 'T12-04').key}"

    html = signed_in(username(desk, case(desk, key).providing_key)).get(path).get_data(as_text=True)

    assert "答复期限今日24时届满" in html


def test_a_limit_counted_from_a_day_shows_no_invented_time(signed_in: SignIn, desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    wait_until(desk, beijing("2026-06-16T08:00"))

    html = signed_in("audit").get(f"/cases/{key}").get_data(as_text=True)

    assert "自2026年6月15日（星期一）起算，当日不计入" in html
    assert "自2026年6月8日（星期一）起算" in html


def test_the_diagram_marks_neither_waiting_timers_nor_skipped_tasks_as_passed(desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    auditor = desk.engine.accounts.actor_named("audit")

    passed = desk.engine.queries.case(auditor, key).passed
    assert {"S12", "T12-01", "T12-02", "M12-1"} <= set(passed)
    assert {"TM12-1", "TM12-2", "T12-03", "T12-04"} & set(passed) == set()

    wait_until(desk, beijing("2026-06-16T08:00"))
    assert {"TM12-1", "TM12-2"} <= set(desk.engine.queries.case(auditor, key).passed)


def test_the_page_of_a_withdrawn_entry_says_so_and_offers_no_application(
    signed_in: SignIn, desk: Desk
) -> None:
    key = begin(desk, 1)
    resource = desk.variables(key)["resource"]
    withdrawal = {"code": resource["code"], "reason": "系统下线，不再产生该数据。", "doc_no": ""}
    desk.engine.handle(c.WithdrawEntry(actor=None, **withdrawal))
    client = signed_in(username(desk, case(desk, key).using_key))

    text = client.get(f"/catalogue/{resource['key']}").get_data(as_text=True)

    assert "已撤销" in text
    assert "申请共享</button>" not in text
