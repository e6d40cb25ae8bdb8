"""The calendar's pages: the year, the questions, the documents, the feeds."""

import io
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from engine.demo.cases import Desk, deliver
from tests.conftest import at_once, beijing
from tests.processes.office import case, limits, wait_until

SignIn = Callable[[str], Any]
FICTIONAL = (Path(__file__).parents[1] / "data" / "fictional_notice_2027.txt").read_text(encoding="utf-8")


def html(response: Any) -> str:
    return str(response.get_data(as_text=True))


def cell(page: str, label: str) -> str:
    """Return the marks of the day whose link reads so."""
    for marks, link in re.findall(r'<td class="([^"]*)"><a [^>]*>(.*?)</a>', page):
        if re.sub("<[^>]*>", "", link).startswith(label):
            return str(marks)
    raise AssertionError(label)


# The year


def test_the_year_marks_both_kinds_of_days_by_word_and_shape(signed_in: SignIn) -> None:
    page = html(signed_in("mzt.jb").get("/calendar"))

    assert cell(page, "6月19日，端午节放假") == "holiday"
    assert cell(page, "2月14日，春节调休上班") == "makeup"
    assert cell(page, "6月8日，工作日，今天") == "workday today"
    assert cell(page, "12月30日，工作日，暂定") == "workday tail"
    assert "国办发明电〔2025〕7号" in page and "五、端午节：6月19日" in page
    assert 'href="/calendar" aria-current="page"' in page


def test_r_t13_an_uncovered_year_is_an_estimate(signed_in: SignIn) -> None:
    page = html(signed_in("mzt.jb").get("/calendar?year=2027"))

    assert "估算：2027年放假安排尚未公布" in page
    assert cell(page, "10月1日，国庆节放假") == "holiday"
    assert "调休上班（" not in page


def test_a_day_says_why_without_a_script(signed_in: SignIn) -> None:
    page = html(signed_in("mzt.jb").get("/calendar?day=2026-06-19"))

    assert "2026年6月19日（星期五）不是工作日" in page
    assert 'aria-current="date"' in page
    assert "2025年6月2日（星期一）" in html(signed_in("mzt.jb").get("/calendar?year=2026&day=2025-06-02"))


def test_as_known_on_an_earlier_day_names_what_differs_now(signed_in: SignIn) -> None:
    page = html(signed_in("mzt.jb").get("/calendar?as_of=2025-11-01"))

    assert "以下为截至2025年11月1日已知的安排" in page
    assert "2月16日（周一）：当时为放假（春节），现在为" not in page
    assert "2月14日（周六）：当时为周休息日，现在为调休上班（春节）" in page
    assert "估算：2026年放假安排当时尚未公布" in page


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("as_of=2026-06-09", "不能晚于今天"),
        ("as_of=soon", "不是日期"),
        ("day=2026-02-30", "日历上没有"),
        ("day=0001-01-01", "1949年至2099年"),
    ],
)
def test_an_odd_day_is_refused_beside_its_field(signed_in: SignIn, query: str, sentence: str) -> None:
    response = signed_in("mzt.jb").get(f"/calendar?{query}")

    assert response.status_code == 422
    assert sentence in html(response)


@pytest.mark.parametrize("query", ["year=0", "year=99999", "year=２０２６", "ask=nothing"])
def test_an_odd_year_shows_this_one(signed_in: SignIn, query: str) -> None:
    assert "<h1>2026年工作日历</h1>" in html(signed_in("mzt.jb").get(f"/calendar?{query}"))


# Asking


def test_a_limit_is_explained_in_full(signed_in: SignIn) -> None:
    page = html(signed_in("mzt.jb").get("/calendar?ask=due&from=2026-06-08&time=15:30&n=5&extend=10"))

    assert "5个工作日，延长10个工作日：2026年6月30日（星期二）届满" in page
    assert "原届满日2026年6月15日（星期一）＋延长10个工作日" in page
    assert 'class="strip"' in page and "逐日依据" in page


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("ask=due&from=2026年6月8日&n=5&unit=calendar_day", "5个自然日：2026年6月15日（星期一）届满"),
        ("ask=due&from=2026-01-31&n=1&unit=month", "1个月：2026年2月28日（星期六）届满"),
        ("ask=latest&finish=2026-06-26&n=5", "最迟2026年6月21日（星期日）起算"),
        ("ask=between&first=2026-06-17&last=2026-06-25", "5个工作日"),
        ("ask=day&on=2026/6/19", "2026年6月19日（星期五）不是工作日"),
        ("ask=day&on=2027-10-01", "估算"),
    ],
)
def test_the_four_questions_are_answered_from_the_address(signed_in: SignIn, query: str, answer: str) -> None:
    found = re.search(
        r'<div class="answer".*?</div>', html(signed_in("mzt.jb").get(f"/calendar?{query}")), re.S
    )

    assert found and answer in found[0]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("ask=due&from=&n=", ["due-from", "due-n"]),
        (
            "ask=due&from=2026-06-08&n=5&time=25:00&unit=week&extend=-1",
            ["due-time", "due-unit", "due-extend"],
        ),
        ("ask=latest&finish=soon&n=1001", ["latest-finish", "latest-n"]),
        ("ask=between&first=1900-01-01&last=２０２６", ["between-first", "between-last"]),
        ("ask=day&on=<script>", ["day-on"]),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    signed_in: SignIn, query: str, fields: list[str]
) -> None:
    response = signed_in("mzt.jb").get(f"/calendar?{query}")

    assert response.status_code == 422
    for field in fields:
        assert f'id="{field}-error"' in html(response)
    assert "<script>" not in html(response).partition("问日历")[2]


# Importing


def read(client: Any, **data: Any) -> Any:
    client.get("/calendar/notices/new")
    return client.client.post(
        "/calendar/notices/new",
        data={"csrf": client.csrf, **data},
        content_type="multipart/form-data",
    )


def enter(client: Any, text: str = FICTIONAL, **fields: str) -> Any:
    values = {"title": "测试用通知", "doc_no": "测试〔2026〕9号", "published": "2026-06-05", "text": text}
    return client.post("/calendar/notices/new/enter", values | fields)


def entered(client: Any) -> str:
    client.get("/calendar/notices/new")
    response = enter(client)
    assert response.status_code == 302, html(response)
    return str(response.location)


def test_a_text_is_shown_day_by_day_and_not_stored(signed_in: SignIn) -> None:
    admin = signed_in("admin")
    page = html(read(admin, text=FICTIONAL))

    assert "2026年12月27日（星期日）" in page and "2026年12月27日（周日）上班" in page
    assert 'value="2026-11-04"' in page and "录入，待另一人确认" in page
    assert "2027年" not in html(admin.get("/calendar/notices"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_is_read_in_either_encoding(signed_in: SignIn, encoding: str) -> None:
    response = read(signed_in("admin"), file=(io.BytesIO(FICTIONAL.encode(encoding)), "通知.txt"))

    assert response.status_code == 200
    assert "核对2027年通知" in html(response)


def test_an_unreadable_text_stays_in_the_box_with_its_sentence_marked(signed_in: SignIn) -> None:
    response = read(signed_in("admin"), text=FICTIONAL.replace("共8天", "共9天"))
    page = html(response)

    assert response.status_code == 422
    assert "按日期为8天，文中写作9" in page
    assert page.count("<mark>二、春节") == 2
    assert "三、清明节" in page.partition("<textarea")[2]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(b"%PDF-1.7 \x00\x01", "需要纯文本文件", id="binary"),
        pytest.param(b"\xff\xff\xff", "需要纯文本文件", id="no encoding"),
        pytest.param("节".encode() * 100_000, "不得超过256 kB", id="too large"),
        pytest.param("今天天气很好。".encode(), "应有“一、元旦：…”", id="another text"),
    ],
)
def test_a_wrong_file_is_refused_with_a_sentence(signed_in: SignIn, content: bytes, sentence: str) -> None:
    response = read(signed_in("admin"), file=(io.BytesIO(content), "x.txt"))

    assert response.status_code == 422
    assert sentence in html(response)


def test_nothing_pasted_is_refused(signed_in: SignIn) -> None:
    assert "请粘贴通知全文" in html(read(signed_in("admin"), text=" \n"))


def test_a_large_text_is_refused_and_not_a_fault(signed_in: SignIn) -> None:
    assert "不得超过256 kB" in html(read(signed_in("admin"), text="节" * 100_000))


def test_missing_fields_are_named_beside_them(signed_in: SignIn) -> None:
    admin = signed_in("admin")
    admin.get("/calendar/notices/new")
    response = enter(admin, doc_no="", published="soon")

    assert response.status_code == 422
    assert 'id="doc_no-error"' in html(response) and 'id="published-error"' in html(response)
    assert "核对2027年通知" in html(response)


def test_two_persons(signed_in: SignIn, desk: Desk) -> None:
    first, second = signed_in("admin"), signed_in("admin2")
    path = entered(first)
    assert "您不能确认本人录入的文件" in html(first.get(path))
    assert first.post(f"{path}/confirm").status_code == 403

    page = html(second.get(path))
    assert "确认生效" in page and "2026年12月31日（星期四）" in page
    assert second.post(f"{path}/confirm").status_code == 302

    while desk.engine.sweep():
        pass
    assert "重新计算已于" in html(second.get(path))
    assert "已生效" in html(first.get("/calendar/notices"))
    assert "2027年放假安排尚未公布" not in html(signed_in("mzt.jb").get("/calendar?year=2027"))


def test_a_second_notice_for_the_year_is_refused_and_what_was_typed_stays(signed_in: SignIn) -> None:
    admin = signed_in("admin")
    entered(admin)
    response = enter(admin, title="又一份测试通知")

    assert response.status_code == 422
    assert "正待另一人确认" in html(response) and 'value="又一份测试通知"' in html(response)


def test_a_rejection_needs_a_reason(signed_in: SignIn) -> None:
    first, second = signed_in("admin"), signed_in("admin2")
    path = entered(first)
    second.get(path)
    refused = second.post(f"{path}/reject", {"reason": "错"})
    assert refused.status_code == 422 and 'value="错"' in html(refused)

    assert second.post(f"{path}/reject", {"reason": "文号有误。"}).status_code == 302
    assert "未采用" in html(second.get(path)) and "文号有误。" in html(second.get(path))


def test_a_double_click_enters_one_document(signed_in: SignIn) -> None:
    admin = signed_in("admin")
    admin.get("/calendar/notices/new")
    once = [enter(admin, command_id="once") for _ in range(2)]

    assert once[0].location == once[1].location


def test_everybody_reads_and_only_administrators_enter(signed_in: SignIn) -> None:
    admin = signed_in("admin")
    path = entered(admin)
    handler = signed_in("mzt.jb")

    assert "录入通知文本" not in html(handler.get("/calendar/notices"))
    page = html(handler.get(path))
    assert "待另一位系统管理员确认" in page and "确认生效" not in page
    for form in ("/calendar/notices/new", "/calendar/notices/by-hand"):
        assert handler.get(form).status_code == 403
    assert handler.post(f"{path}/confirm").status_code == 403
    assert handler.get("/calendar/notices/1").status_code == 404


# By hand


def by_hand(client: Any, **fields: str) -> Any:
    client.get("/calendar/notices/by-hand")
    values = {
        "scope": "area:辽宁省",
        "kind": "rule",
        "year": "2026",
        "title": "测试用地方规定",
        "doc_no": "测试〔2026〕12号",
        "published": "2026年6月8日",
        "rows.0.name": "测试假日",
        "rows.0.off": "2026-06-11至6月12日",
        "rows.0.sentence": "6月11日至12日放假。",
    }
    return client.post("/calendar/notices/by-hand", values | fields)


def test_a_local_rule_shows_every_limit_it_moves_and_moves_it(signed_in: SignIn, desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    number = case(desk, key).business_id
    path = str(by_hand(signed_in("admin")).location)
    second = signed_in("admin2")

    page = html(second.get(path))
    assert number in page and "将要变动" in page
    assert "2026年6月15日（星期一）" in page and "2026年6月17日（星期三）" in page
    assert re.search(r"2026年6月11日（星期四）.*?工作日.*?放假（测试假日）", page, re.S)

    second.post(f"{path}/confirm")
    running = html(second.get(path))
    assert '<meta http-equiv="refresh" content="3">' in running and "正在重新计算" in running
    assert "refresh" not in html(second.get(f"{path}?still=1")).partition("<body>")[0]
    second.post(f"{path}/hold", {"held": "true"})
    assert "重新计算已暂停" in html(second.get(path))
    second.post(f"{path}/hold", {"held": "false"})
    while desk.engine.sweep():
        pass

    assert limits(desk, key, "TM12-1")[0].due_on == date(2026, 6, 17)
    done = html(second.get(path))
    assert "其中" in done and number in done and "http-equiv" not in done
    rows = second.get(f"{path}/moves.csv").data.decode("utf-8-sig").splitlines()
    assert rows[1].split(",")[:5] == [
        number,
        "答复期限",
        desk.engine.queries.case(desk.engine.accounts.actor_named("audit"), key).head.parties[1][1],
        "2026-06-15",
        "2026-06-17",
    ]


def test_a_recount_shows_how_far_it_is(
    signed_in: SignIn, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.recounts.SLICE", 1)
    for n in (1, 2):
        at_once(deliver(desk, n))
    path = str(by_hand(signed_in("admin")).location)
    second = signed_in("admin2")
    second.post(f"{path}/confirm")
    desk.engine.sweep()

    page = html(second.get(path))

    assert '<progress max="2" value="1"' in page
    assert "共2件在办事项，已核对1件，其中1件的期限有变动" in re.sub("<[^>]*>", "", page)


def test_the_first_two_hundred_moves_are_shown_and_all_can_be_had(
    signed_in: SignIn, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.calendar.notices.SHOWN", 1)
    for n in (1, 2):
        at_once(deliver(desk, n))
    path = str(by_hand(signed_in("admin")).location)
    reader = signed_in("audit")

    assert "下表为前1项" in html(reader.get(path))
    assert len(reader.get(f"{path}/moves.csv").data.splitlines()) == 3


def test_all_errors_by_hand_come_at_once_beside_their_fields(signed_in: SignIn) -> None:
    response = by_hand(
        signed_in("admin"),
        **{
            "scope": "",
            "kind": "",
            "year": "二〇二六",
            "title": "",
            "published": "2026-02-30",
            "rows.0.off": "2026-06-13至2026-06-11",
            "rows.1.name": "",
            "rows.1.work": "x",
        },
    )
    page = html(response)

    assert response.status_code == 422
    for field in ("scope", "kind", "year", "title", "published", "rows.0.off", "rows.1.name", "rows.1.work"):
        assert f'id="f-{field}-error"' in page, field
    assert 'value="2026-06-13至2026-06-11"' in page and "测试〔2026〕12号" in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": "annual"}, "应选“地方规定或者单位决定”"),
        ({"scope": "national:"}, "应为年度放假安排或者调整通知"),
        ({"scope": "national:", "kind": "amendment"}, "应写明替换原安排中的哪些节日"),
        ({"replaces": "春节"}, "只有调整通知才替换"),
        ({"rows.0.off": ""}, "请填写放假日期或者上班日期"),
        ({"rows.0.off": "2026-06-11、6月11日"}, "写了两次"),
        ({"scope": "area:某市"}, "没有登记过"),
        ({"scope": "unit:x"}, "没有登记过"),
        ({"rows.0.work": "2026-06-11"}, "既是"),
        ({"scope": "national:", "kind": "amendment", "replaces": "清明节、教师节"}, "没有“教师节”"),
    ],
)
def test_a_document_that_contradicts_itself_is_refused(
    signed_in: SignIn, fields: dict[str, str], sentence: str
) -> None:
    response = by_hand(signed_in("admin"), **fields)

    assert response.status_code == 422
    assert sentence in html(response)


def test_a_correction_begins_with_the_document_and_takes_its_place(signed_in: SignIn, desk: Desk) -> None:
    first, second = signed_in("admin"), signed_in("admin2")
    path = str(by_hand(first).location)
    second.get(path)
    second.post(f"{path}/confirm")
    while desk.engine.sweep():
        pass
    wait_until(desk, beijing("2026-06-08T12:00"))

    key = path.rsplit("/", 1)[1]
    assert f"/calendar/notices/by-hand?corrects={key}" in html(second.get(path))
    form = html(second.get(f"/calendar/notices/by-hand?corrects={key}"))
    assert "提出更正" in form and 'value="2026-06-11至2026-06-12"' in form
    corrected = by_hand(second, **{"corrects": key, "rows.0.off": "2026-06-12"})
    assert corrected.status_code == 302, html(corrected)
    first.get(corrected.location)
    assert first.post(f"{corrected.location}/confirm").status_code == 302

    assert "已更正" in html(first.get(path))
    page = html(signed_in("mzt.jb").get("/calendar"))
    assert cell(page, "6月11日，") == "workday" and cell(page, "6月12日，") == "holiday"


# Feeds


def test_the_public_feed_needs_no_one_to_sign_in(app: Any) -> None:
    response = app.test_client().get("/calendar/working-days.ics")

    assert response.content_type == "text/calendar; charset=utf-8"
    events = {str(e["UID"]): e for e in Calendar.from_ical(response.data).walk("VEVENT")}
    boat = events["holiday-2026-06-19@shixian"]
    assert (boat["DTSTART"].dt, boat["DTEND"].dt) == (date(2026, 6, 19), date(2026, 6, 22))
    assert "makeup-2026-02-14@shixian" in events
    again = app.test_client().get(
        "/calendar/working-days.ics", headers={"If-None-Match": response.headers["ETag"]}
    )
    assert again.status_code == 304


def feed_of(client: Any) -> str:
    client.get("/calendar")
    page = html(client.post("/calendar/feed"))
    found = re.search(r'value="http://[^/]+(/calendar/feed/[\w-]{43}\.ics)"', page)
    assert found
    return found[1]


def test_a_personal_feed_moves_with_the_limit(app: Any, signed_in: SignIn, desk: Desk) -> None:
    key = at_once(deliver(desk, 1))
    holder = desk.actor(case(desk, key).providing_key, "handler").username
    path = feed_of(signed_in(holder))
    number = case(desk, key).business_id

    def event() -> Any:
        response = app.test_client().get(path)
        assert response.status_code == 200
        [found] = Calendar.from_ical(response.data).walk("VEVENT")
        return found

    before = event()
    assert (before["DTSTART"].dt, before["SEQUENCE"]) == (date(2026, 6, 15), 0)
    assert str(before["SUMMARY"]) == f"答复期限届满（{number}）"
    [alarm] = before.walk("VALARM")
    assert alarm["TRIGGER"].to_ical() == b"PT9H"

    rule = str(by_hand(signed_in("admin")).location)
    second = signed_in("admin2")
    second.get(rule)
    second.post(f"{rule}/confirm")
    while desk.engine.sweep():
        pass

    after = event()
    assert after["UID"] == before["UID"]
    assert (after["DTSTART"].dt, after["SEQUENCE"]) == (date(2026, 6, 17), 1)


def test_c6_a_feed_holds_no_content_of_the_case_and_nobody_elses_limits(
    app: Any, signed_in: SignIn, desk: Desk
) -> None:
    key = at_once(deliver(desk, 1))
    found = case(desk, key)
    holder = desk.actor(found.providing_key, "handler").username

    own = app.test_client().get(feed_of(signed_in(holder))).data.decode().replace("\r\n ", "")
    other = app.test_client().get(feed_of(signed_in("audit"))).data.decode()

    assert found.business_id in own and found.title not in own
    assert found.business_id not in other


def test_an_address_can_be_renewed_and_revoked_and_an_unknown_one_is_not_found(
    app: Any, signed_in: SignIn, desk: Desk
) -> None:
    client, anybody = signed_in("mzt.jb"), app.test_client()
    first = feed_of(client)
    with desk.engine.database.reading() as conn:
        stored = conn.exec_driver_sql("SELECT digest FROM feed_token").scalar_one()
    assert first.encode() not in stored and len(stored) == 32
    assert first not in html(client.get("/calendar"))

    second = feed_of(client)
    assert [anybody.get(p).status_code for p in (first, second)] == [404, 200]

    client.post("/calendar/feed/revoke")
    assert anybody.get(second).status_code == 404
    for token in ("x", "x" * 43, "%00", "x" * 5000):
        assert anybody.get(f"/calendar/feed/{token}.ics").status_code == 404
    assert anybody.get("/calendar").status_code == 302
