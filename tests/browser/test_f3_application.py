"""F.3 points 1 to 4 by hand: the application and its reply under regulation 809, from the shipped procedure."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from engine.app import Engine
from engine.demo.answers import reply as agreed
from engine.demo.cases import Desk, deliver, provide
from engine.periods import beijing_day
from tests.browser.beside import SLOW, FormEditor, saved
from tests.browser.f3_board import Board
from tests.browser.f3_pages import LAW, Model, publish, unlike
from tests.browser.pages import complaints, sign_in
from tests.browser.studio import served
from tests.conftest import at_once, beijing
from tests.databases import Databases
from tests.processes.office import case, limits, task

PROCESS = "ln_art12_application"
CONDITIONAL = "resource['sharing_type'] != 'unconditional'"
UNCONDITIONAL = "resource['sharing_type'] == 'unconditional'"
ARTICLE_21 = (
    "《政务数据共享条例》第二十一条第一款：因特殊原因需要延长答复期限的，应当报经同级政务数据共享主管部门同意，"
    "并告知政务数据需求部门，延长的期限最长不得超过10个工作日。"
)
ARTICLE_21_EN = (
    "Regulations, Article 21 paragraph 1: with the consent of the competent department, at most 10 working days, "
    "the requesting department is told."
)


@pytest.fixture
def office(databases: Databases) -> Iterator[tuple[Engine, str]]:
    """Yield a bureau under the draft, and where it is served."""
    with served(databases, beijing("2026-06-08T10:00")) as office:
        yield office


@pytest.fixture
def seat(page: Page) -> Iterator[Page]:
    """Yield a browser that may complain about nothing."""
    heard = complaints(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    yield page
    assert heard == []


def test_the_application_is_brought_under_809_and_running_cases_stay(
    seat: Page, office: tuple[Engine, str]
) -> None:
    engine, address = office
    desk = Desk(engine)
    old = int(at_once(deliver(desk, 1)))
    sign_in(seat, address, "designer")
    model = Model.begin(seat, address, PROCESS, "共享申请与答复（809）")
    board = draw(model)
    write_forms(model)
    use_forms(model, board)
    model.take_words("p12.unconditional_reply_wd")
    remove_scenarios(model)

    assert model.errors() == []
    assert unlike(PROCESS, model.files()) == []
    model.ask_to_publish(f"{LAW}第二十条至第二十二条")
    publish(seat, address, model.name)

    new = int(at_once(deliver(desk, 2)))
    # R12-04 and R-V1: five working days under the draft, ten under the regulation.
    reads(seat, address, desk, old, "2026年6月15日", "提供部门")
    reads(seat, address, desk, new, "2026年6月23日", "政务数据提供部门")
    extend(seat, address, desk, new, days=10)
    reads(seat, address, desk, new, "2026年7月7日", "政务数据提供部门")
    reply(desk, old)
    assert [str(limits(desk, key, "TM12-1")[0].due_on) for key in (old, new)] == ["2026-06-15", "2026-07-07"]


def reads(page: Page, address: str, desk: Desk, key: int, due: str, party: str) -> None:
    """Claim of a case's page, before its provider, that it says when the reply is due, in the words of its law."""
    sign_in(page, address, desk.actor(case(desk, key).providing_key, "handler").username)
    page.goto(f"{address}/cases/{key}")
    expect(page.locator("main")).to_contain_text(due)
    expect(page.locator("main dt", has_text=party).first).to_have_text(party)


def extend(page: Page, address: str, desk: Desk, key: int, days: int) -> None:
    """Ask for more time and consent to it, each at their own desk."""
    sign_in(page, address, desk.actor(case(desk, key).providing_key, "handler").username)
    page.goto(f"{address}/cases/{key}")
    page.get_by_role("link", name="申请延长答复期限", exact=True).click()
    page.locator("main form button.btn-primary").click()
    page.wait_for_url(f"**/cases/{key}?done=*")
    take(page, f"{address}/tasks/{task(desk, key, 'T12-X1').key}")
    page.fill("#f-days", str(days))
    page.fill("#f-reason", "所涉数据需要跨处室汇总核对，原期限内难以完成。")
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_url("**/cases/**")
    sign_in(page, address, desk.actor(case(desk, key).managing_key, "head").username)
    take(page, f"{address}/tasks/{task(desk, key, 'T12-X2').key}")
    page.check("input[name=decision][value=agree]")
    page.fill("#f-approved_days", str(days))
    page.get_by_role("button", name="提交", exact=True).click()
    page.wait_for_url("**/cases/**")


def take(page: Page, task_page: str) -> None:
    """Go to a task and claim it."""
    page.goto(task_page)
    page.get_by_role("button", name="认领", exact=True).click()
    expect(page.locator(".flash")).to_contain_text("已办理")


def reply(desk: Desk, key: int) -> None:
    """Finish a case as its version says."""
    applied = desk.variables(key)["application"]
    desk.do(key, "T12-04", {"check_result": "accept"})
    desk.do(key, "T12-07", agreed(applied, beijing_day(desk.now), "agree"))
    desk.do(key, "T12-08", {"decision": "sign"})
    provide(desk, key)
    desk.do(key, "T12-10", {"ok": "usable"})
    assert case(desk, key).result == "granted"


def draw(model: Model) -> Board:
    """Points 1 to 3 in the diagram."""
    board = Board(model.page)
    board.open(f"{model.url}/diagram")
    declare(board)
    unconditional_data_is_applied_for(board)
    the_reply_may_be_extended(board)
    the_head_of_the_sharing_unit_signs(board)
    board.saved()
    return board


def remove_scenarios(model: Model) -> None:
    """Remove the scenarios of the draft: they expect its five days."""
    model.page.goto(f"{model.url}/rehearse")
    lines = model.page.locator("#scenarios tbody tr")
    for left in range(lines.count(), 0, -1):
        lines.first.get_by_role("button", name="删除").click()
        expect(lines).to_have_count(left - 1)


def declare(board: Board) -> None:
    """Enter the variables of the extension, and the limit of one day that the law profile fills in later."""
    for name, kind, label in (
        ("reply_extension", "form", "延长答复期限申请"),
        ("reply_extension_decision", "form", "延长答复期限审批意见"),
        ("reply_extension_open", "bool", "是否有未审批的延长申请"),
    ):
        row = board.add("variable")
        board.fill(f"{row}.name", name)
        board.fills({f"variable.{name}.label": label, f"variable.{name}.type": kind})
    board.fill(f"{board.add('setting')}.key", "p12.unconditional_reply_wd")


def unconditional_data_is_applied_for(board: Board) -> None:
    """Point 1: no access without an application; it is answered in one working day."""
    board.delete("ST12-A")
    board.delete("E12-U")
    board.rename("Flow_G1201_T1202", "可以申请共享")
    board.fills({"period.when": CONDITIONAL, "period.extension": "p12.reply_extension_max_wd"}, of="TM12-1")
    timer = board.put("定时边界事件（不中断）", 1700, 1175, "无条件共享答复期限届满", id="TM12-1U")
    board.fills(
        {
            "period.setting": "p12.unconditional_reply_wd",
            "period.from": "received_at",
            "period.onExpiry": "overdue",
            "period.remind": "prov.handler prov.sharing_unit_head",
            "period.supervisor": "mgr.handler",
            "period.metWhen": "intake['check_result'] == 'accept'",
            "period.when": UNCONDITIONAL,
            "period.pauses": "pauses",
        },
        of=timer,
    )
    board.row("assign", {"variable": "reply_overdue_kind", "expression": "'逾期未答复'"}, of=timer)
    board.row("assign", {"variable": "reply_overdue_due", "expression": "due('TM12-1U')"}, of=timer)
    board.drag_label(timer, -65, 4)
    board.drag_label("M12-5", 62, 33)
    board.wire(timer, "M12-5", id="Flow_TM121U_M125")
    for event in ("M12-1", "M12-4"):
        columns = ("template", "title", "series", "by", "to", "number")
        document = {name: board.value(f"document.0.{name}", of=event) for name in columns}
        board.fill("document.0.when", CONDITIONAL, of=event)
        board.row("document", {**document, "limit": timer, "when": UNCONDITIONAL}, of=event)


def the_reply_may_be_extended(board: Board) -> None:
    """Point 2: by at most ten days, with the consent of the competent department's head."""
    scope = board.put("事件子流程", 870, 942, "申请延长答复期限（原期限内）", id="ES12-X")
    board.stretch(scope, 560, 850, 510, 188)
    start = board.put("开始事件", 610, 910, "申请延长答复期限", id="Start_ReplyExtension")
    board.morph(start, "消息开始事件（不中断）")
    board.fills(
        {
            "message": "申请延长答复期限",
            "role": "prov.handler|head",
            "when": "extension_left('TM12-1') > 0 and runs('TM12-1') and reply_extension_open != True",
        },
        of=start,
    )
    [made] = board.messages("申请延长答复期限")
    board.fill(f"message.{made}.id", "Message_ReplyExtension")
    board.row("assign", {"variable": "reply_extension_open", "expression": "True"}, of=start)
    board.row("extensionRequest", {"of": "TM12-1"}, of=start)
    request = board.after(start, "用户任务", "填写延长申请", "T12-X1")
    board.fills({"role": "prov.handler", "form.variable": "reply_extension"}, of=request)
    board.row("extensionRequest", {"of": "TM12-1", "value": "reply_extension['days']"}, of=request)
    consent = board.after(request, "用户任务", "管理部门审批延长", "T12-X2")
    agreed = "reply_extension_decision['decision'] == 'agree'"
    board.fills(
        {
            "role": "mgr.head",
            "separateFrom": "T12-X1 T12-04 T12-07 T12-08",
            "separateStrict": "true",
            "form.variable": "reply_extension_decision",
        },
        of=consent,
    )
    board.row(
        "notice",
        {
            "to": "use.handler use.head",
            "text": "因特殊原因，经{mgr_name}同意，{providing_name}对共享申请{business_id}《{title}》的答复期限延长，"
            "延长后的期限见办理事项。",
            "when": agreed,
        },
        of=consent,
    )
    told = "{mgr_name}对{business_id}《{title}》延长答复期限的申请已作答复，请查阅。"
    board.row("notice", {"to": "prov.handler prov.head", "text": told}, of=consent)
    board.row(
        "extension",
        {
            "of": "TM12-1",
            "value": "reply_extension_decision['approved_days']",
            "asked": request,
            "askedValue": "reply_extension['days']",
            "when": agreed,
        },
        of=consent,
    )
    end = board.after(consent, "结束事件", "已答复", "End_ReplyExtension")
    board.row("assign", {"variable": "reply_extension_open", "expression": "False"}, of=end)
    lapsed = board.put("结束事件", 810, 980, "申请失效，期限不变", id="End_ReplyExtensionLapsed")
    board.row("assign", {"variable": "reply_extension_open", "expression": "False"}, of=lapsed)
    lost = "{business_id}《{title}》延长答复期限的申请未获审批，已经失效，期限没有延长。"
    board.row("notice", {"to": "prov.handler", "text": lost, "when": "replied_at is None"}, of=lapsed)
    for n, x in ((1, 730), (2, 890)):
        event = board.put("条件边界事件", x, 950, "期限已届满或者已答复", id=f"CE12-X{n}")
        board.fill("eventCondition", "not runs('TM12-1')", of=event)
        board.wire(event, lapsed, id=f"Flow_CE12X{n}_End_ReplyExtensionLapsed")
    board.drag_label("CE12-X1", -58, -7)
    board.drag_label("CE12-X2", 58, -7)
    board.stretch(scope, 560, 850, 510, 188)
    board.flow_to("填写延长申请", "Flow_Start_ReplyExtension_T12X1")
    board.flow_to("管理部门审批延长", "Flow_T12X1_T12X2")
    board.flow_to("已答复", "Flow_T12X2_End_ReplyExtension")


def the_head_of_the_sharing_unit_signs(board: Board) -> None:
    """Point 3, and the ground under which a late reply is taken up."""
    board.fills(
        {"role": "use.sharing_unit_head", "name": "使用部门 工作机构负责人"},
        of="Lane_UseHead",
    )
    board.fills(
        {"role": "prov.sharing_unit_head", "name": "提供部门 工作机构负责人"},
        of="Lane_ProvHead",
    )
    board.fill("role", "prov.sharing_unit_head", of="T12-08")
    board.fill("period.remind", "prov.handler prov.sharing_unit_head", of="TM12-1")
    names = [board.value(f"input.{n}.name", of="End_OpenCase") for n in range(4)]
    board.fill(f"input.{names.index('ground')}.expression", "['2']", of="End_OpenCase")


def write_forms(model: Model) -> None:
    """Points 1 and 2: what may be answered, the request for more time and the consent to it."""
    reply = model.form("F12-E")
    reply.choose("decision")
    why, why_en = (
        "属于无条件共享类的政务数据，应当答复同意共享",
        "data of the class shared unconditionally is agreed to",
    )
    for n, option in enumerate(("partly", "refuse")):
        reply.press("shixian.optionsWhen.add")
        row = f"shixian.optionsWhen.{n}"
        reply.fill(f"{row}.name", option)
        reply.fill(f"{row}.0", "case['resource']['sharing_type'] != 'unconditional'")
        reply.fill(f"{row}.1", why)
        reply.fill(f"{row}.2", why_en)
    saved(model.page)

    asked = new_form(model, "F12-X", "延长答复期限申请", "Request for more time to reply")
    add_field(asked, "number", "days", "申请延长工作日数", "Days asked for")
    asked.fill("description", ARTICLE_21)
    asked.fill("description_en", ARTICLE_21_EN)
    asked.field("validate.required").check()
    asked.fill("validate.min", "1")
    asked.fill("shixian.most", "extension_left('TM12-1')")
    add_field(asked, "datetime", "due_now", "原期限届满日", "Due now")
    asked.fill("shixian.fixed", "due('TM12-1')")
    add_field(asked, "datetime", "due_new", "延长后届满日", "Due after")
    asked.fill("shixian.fixed", "extended_due('TM12-1', days)")
    asked.field("shixian.computedBy").select_option("days")
    add_field(asked, "textarea", "reason", "特殊原因", "Special reason")
    asked.field("validate.required").check()
    asked.fill("validate.minLength", "10")
    asked.fill("validate.maxLength", "1000")
    saved(model.page)

    consent = new_form(model, "F12-Y", "审批延长答复期限", "Consent to more time")
    add_field(consent, "radio", "decision", "审批意见", "Decision")
    consent.fill("description", ARTICLE_21)
    consent.fill("description_en", ARTICLE_21_EN)
    consent.field("validate.required").check()
    consent.press("values.add")
    for n, option in enumerate((("agree", "同意", "Agree"), ("refuse", "不同意", "Do not agree"))):
        for name, text in zip(("value", "label", "label_en"), option, strict=True):
            consent.fill(f"values.{n}.{name}", text)
    add_field(consent, "number", "approved_days", "同意延长工作日数", "Days agreed to")
    consent.fill("validate.min", "1")
    consent.fill("shixian.visibleWhen", "decision == 'agree'")
    consent.fill("shixian.requiredWhen", "decision == 'agree'")
    consent.fill("shixian.most", "case['reply_extension']['days']")
    add_field(consent, "textarea", "comment", "意见", "Comment")
    consent.fill("validate.minLength", "5")
    consent.fill("validate.maxLength", "1000")
    consent.fill("shixian.requiredWhen", "decision == 'refuse'")
    saved(model.page)


def new_form(model: Model, form_id: str, title: str, title_en: str) -> FormEditor:
    """Add an empty form and open it."""
    page = model.page
    page.goto(f"{model.url}/forms")
    page.fill("#new-id", form_id)
    page.fill("#new-title", title)
    page.get_by_role("button", name="新增", exact=True).click()
    editor = FormEditor(page)
    expect(page.locator(".fe-preview[data-shown]")).to_be_attached(timeout=SLOW)
    editor.choose("")
    editor.fill("title_en", title_en)
    return editor


def add_field(editor: FormEditor, kind: str, key: str, label: str, label_en: str) -> None:
    """Add a field at the end, with its key and its words."""
    editor.add(kind, label)
    editor.fill("label_en", label_en)
    editor.field("key").fill(key)
    editor.field("key").press("Tab")
    expect(editor.page.locator(f'[data-component="{key}"]')).to_be_attached()


def use_forms(model: Model, board: Board) -> None:
    """Name the new forms where they are filled in, and the article and day of the whole."""
    board.open(f"{model.url}/diagram")
    board.fill("form.id", "F12-X", of="T12-X1")
    board.fill("form.id", "F12-Y", of="T12-X2")
    board.fills({"process.article": f"{LAW}第二十条至第二十二条", "process.effectiveFrom": "2025-08-01"})
    board.saved()
