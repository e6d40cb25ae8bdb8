"""The diagram page of the designer's workbench, by the hands of a designer."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from playwright.sync_api import Page, expect

from engine.process_files import PROCESSES, definition_files
from tests.browser.pages import findings, sign_in
from tests.browser.studio import PLAIN, Draw, Studio

FOREIGN = Path(__file__).with_name("foreign.bpmn").read_bytes()
LAW = definition_files(PROCESSES / "ln_art12_application")
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
SHIXIAN = "{urn:shixian:bpmn:1}"


@pytest.fixture
def refusals() -> tuple[str, ...]:
    """Nothing that is drawn here is refused: the browser may complain about nothing."""
    return ()


def named(root: etree._Element, name: str) -> etree._Element:
    [found] = [e for e in root.iter(etree.Element) if e.get("name") == name]
    return found


def setting(root: etree._Element, key: str) -> etree._Element:
    [found] = [e for e in root.iter(f"{SHIXIAN}setting") if e.get("key") == key]
    return found


def test_a_setting_is_changed_with_its_basis_undone_and_saved_by_itself(draw: Draw, studio: Studio) -> None:
    drawing, key = draw(LAW)
    drawing.fill("setting.p12.reply_wd.value", "10")
    drawing.fill("setting.p12.reply_wd.basis", "《政务数据共享条例》第二十一条")
    drawing.undo()
    assert drawing.value("setting.p12.reply_wd.basis").startswith("《辽宁省")
    drawing.redo()
    drawing.saved()
    drawing.page.reload()
    drawing.ready()

    assert drawing.value("setting.p12.reply_wd.value") == "10"
    kept = setting(studio.saved(key), "p12.reply_wd")
    assert (kept.get("value"), kept.get("basis")) == ("10", "《政务数据共享条例》第二十一条")
    assert kept.get("kind") == "law"


def test_a_timer_takes_its_period_from_the_settings_and_leads_to_them(draw: Draw, studio: Studio) -> None:
    drawing, key = draw(LAW)
    drawing.select("TM12-1")
    expect(drawing.panel.locator('[data-group="period"] .panel-setting')).to_contain_text("5 个工作日")
    drawing.fill("period.setting", "p12.provision_wd")
    drawing.panel.locator('[data-goto="setting.p12.provision_wd"]').click()
    drawing.shows("process")
    expect(drawing.panel.locator('[data-field="setting.p12.provision_wd.value"]')).to_be_focused()
    drawing.saved()

    [timer] = [e for e in studio.saved(key).iter(f"{BPMN}boundaryEvent") if e.get("id") == "TM12-1"]
    assert timer.find(f".//{SHIXIAN}period").get("setting") == "p12.provision_wd"


def test_a_task_with_a_limit_is_drawn_connected_and_filled_in(draw: Draw, studio: Studio) -> None:
    drawing, key = draw({"process.bpmn": PLAIN})
    row = drawing.add("setting")
    drawing.fill(f"{row}.key", "p.approve_wd")
    drawing.fill("setting.p.approve_wd.kind", "law")
    drawing.fill("setting.p.approve_wd.basis", "第一条")
    drawing.drag("End", right=420, down=120)
    drawing.delete("F2")
    task = drawing.append("Task", "用户任务", "审批")
    gateway = drawing.append(task, "排他网关", "同意？")
    flow = drawing.connect(gateway, "End")
    drawing.fill("condition", "approval['decision'] == 'agree'", of=flow)
    drawing.connect(gateway, "Task")
    drawing.fill("default", drawing.panel_options("default", gateway)[-1])
    timer = drawing.attach(task, "定时边界事件（不中断）", "审批期限届满")
    drawing.fill("period.setting", "p.approve_wd", of=timer)
    drawing.fill("period.onExpiry", "overdue")
    drawing.add("assign", of=task)
    drawing.fill("assign.0.variable", "approved_at")
    drawing.fill("assign.0.expression", "now()")
    drawing.saved()

    root = studio.saved(key)
    assert named(root, "审批").tag == f"{BPMN}userTask"
    assert named(root, "审批").find(f".//{SHIXIAN}assign").attrib == {
        "variable": "approved_at",
        "expression": "now()",
    }
    kept = named(root, "审批期限届满")
    assert (kept.get("attachedToRef"), kept.get("cancelActivity")) == (task, "false")
    assert dict(kept.find(f".//{SHIXIAN}period").attrib) == {"setting": "p.approve_wd", "onExpiry": "overdue"}
    assert kept.findtext(f"{BPMN}timerEventDefinition/{BPMN}timeDate") == "due_at"
    [condition] = [e.text for e in root.iter(f"{BPMN}conditionExpression")]
    assert condition == "approval['decision'] == 'agree'"
    assert named(root, "同意？").get("default") not in (None, flow)


def test_an_event_sub_process_is_drawn_and_filled(draw: Draw, studio: Studio) -> None:
    drawing, key = draw(LAW)
    scope = drawing.create("事件子流程", "Participant_Case", right=300, down=60, name="申请延长答复期限")
    start = drawing.create("开始事件", scope, right=60, down=80, name="申请延长")
    start = drawing.morph(start, "消息开始事件（不中断）")
    drawing.fill("message", "申请延长答复期限", of=start)
    drawing.fill("role", "prov.handler")
    task = drawing.append(start, "用户任务", "审批延长")
    drawing.fill("role", "mgr.head", of=task)
    drawing.add("extension", of=task)
    drawing.fill("extension.0.of", "TM12-1")
    drawing.append(task, "结束事件", "已答复")
    drawing.saved()

    root = studio.saved(key)
    [kept] = [e for e in root.iter(f"{BPMN}subProcess") if e.get("name") == "申请延长答复期限"]
    assert kept.get("triggeredByEvent") == "true"
    begins = kept.find(f"{BPMN}startEvent")
    assert begins.get("isInterrupting") == "false"
    message = begins.find(f"{BPMN}messageEventDefinition").get("messageRef")
    assert [m.get("name") for m in root.iter(f"{BPMN}message") if m.get("id") == message] == [
        "申请延长答复期限"
    ]
    assert kept.find(f"{BPMN}userTask").get(f"{SHIXIAN}role") == "mgr.head"
    assert kept.find(f".//{SHIXIAN}extension").get("of") == "TM12-1"


def test_what_the_checks_find_is_marked_and_the_list_leads_to_it(draw: Draw) -> None:
    drawing, _ = draw({"process.bpmn": PLAIN})
    page = drawing.page
    mark = page.locator('[data-marks="Task"]')
    expect(mark).to_contain_text("须改")
    assert mark.get_attribute("title")
    lines = page.locator("[data-finding]").count()
    page.locator('[data-finding-of="Task"]').first.click()
    drawing.shows("Task")
    drawing.fill("role", "prov.handler")

    assert page.locator("[data-finding]").count() < lines or not page.locator('[data-marks="Task"]').count()


def test_everything_the_menus_say_is_chinese(draw: Draw) -> None:
    drawing, _ = draw(LAW)
    page = drawing.page
    seen: set[str] = set()
    drawing._tab("outline")
    lines = page.locator("[data-outline]")
    for element in lines.evaluate_all("(all) => all.map((b) => b.dataset.outline)"):
        kind = page.locator(f'[data-outline="{element}"] .outline-type').text_content() or ""
        if kind in seen:
            continue
        seen.add(kind)
        drawing.select(element)
        for act in ("morph", "append", "create"):
            if page.locator(f'[data-act="{act}"]').get_attribute("aria-disabled") == "true":
                continue
            drawing.act(act)
            page.keyboard.press("Escape")
        if kind == "用户任务":
            drawing.pad("set-colour")
            expect(page.locator(".djs-popup")).to_contain_text("默认")
            page.keyboard.press("Escape")
    drawing.select_several("T12-01", "T12-02")
    drawing.act("align")
    expect(page.locator('.djs-popup .entry[title="左对齐"]')).to_be_visible()
    page.keyboard.press("Escape")
    drawing.act("minimap")
    drawing.act("find")
    expect(page.locator(".djs-search-input input")).to_be_visible()

    assert len(seen) > 10
    assert page.locator("[data-workbench]").get_attribute("data-untranslated") == ""
    titles = page.locator('[data-part="canvas"] [title]').evaluate_all("(all) => all.map((e) => e.title)")
    assert [t for t in titles if re.search("[A-Za-z]{3,}", t) and "bpmn" not in t.lower()] == []


def test_the_simulation_speaks_chinese(draw: Draw) -> None:
    drawing, _ = draw({"process.bpmn": PLAIN})
    page = drawing.page
    drawing.act("simulate")
    expect(page.locator('[data-act="simulate"]')).to_have_attribute("aria-pressed", "true")
    page.locator(".bts-context-pad").first.click()
    expect(page.locator(".bts-log .bts-text, .bts-notification .bts-text").first).to_be_attached()
    page.locator(".bts-palette .bts-entry[title*=记录]").click()
    expect(page.locator(".bts-log .bts-header")).to_contain_text("模拟记录")

    told = page.locator("[class*=bts-]").evaluate_all(
        "(all) => all.flatMap((e) => [e.title, ...[...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim())])"
    )
    scopes = page.locator("[data-scope-id]").evaluate_all("(all) => all.map((e) => e.dataset.scopeId)")
    names = {"task", "Start", "End", "plain", *scopes, *(f"只看实例{scope}" for scope in scopes)}
    assert [t for t in told if t and re.search("[A-Za-z]{3,}", t) and t not in names] == []
    drawing.act("simulate")
    drawing.rename("Task", "不受影响")


def elements(xml: bytes | etree._Element) -> Counter[Any]:
    """Return every element of a model with its attributes and its text."""
    root = etree.fromstring(xml) if isinstance(xml, bytes) else xml
    return Counter(
        (e.tag, tuple(sorted(e.attrib.items())), (e.text or "").strip()) for e in root.iter(etree.Element)
    )


def test_what_other_editors_wrote_survives_a_change_and_a_save(draw: Draw, studio: Studio) -> None:
    drawing, key = draw({"process.bpmn": FOREIGN})
    drawing.rename("Start_Own", "收到函件")
    drawing.saved()

    kept = studio.saved(key)
    lost = elements(FOREIGN) - elements(kept)
    assert [tag for tag, _, _ in lost] == [f"{BPMN}startEvent"]
    assert kept.nsmap["xsd"] == "http://www.w3.org/2001/XMLSchema"


def test_what_has_no_place_in_the_drawing_is_given_one(draw: Draw) -> None:
    drawing, _ = draw({"process.bpmn": FOREIGN})
    page = drawing.page
    for element in (
        "Gateway_Complex",
        "Participant_Other",
        "Task_Script",
        "Store_Archive",
        "Note_1",
        "Flow_3",
    ):
        expect(page.locator(f'[data-part="canvas"] g[data-element-id="{element}"]')).to_have_count(1)
    page.select_option('[data-part="diagrams"]', label="另一张图")
    expect(page.locator('[data-part="canvas"] g[data-element-id="Task_Private"]')).to_have_count(1)


def test_what_has_no_place_is_laid_out_by_its_flows_where_nodes_do_not_name_them(draw: Draw) -> None:
    bare = re.sub(rb"<bpmn:(incoming|outgoing)>[^<]*</bpmn:(incoming|outgoing)>", b"", PLAIN)
    drawing, _ = draw({"process.bpmn": bare})
    x = [drawing.place(element).x for element in ("Start", "Task", "End")]
    assert x[0] < x[1] < x[2]


def test_names_and_documentation_stay_text(draw: Draw) -> None:
    drawing, _ = draw({"process.bpmn": FOREIGN})
    page = drawing.page
    drawing.select("Task_Own")
    expect(drawing.panel.locator("h2")).to_contain_text("<script>")
    drawing.act("find")
    page.locator(".djs-search-input input").press_sequentially("script")
    expect(page.locator(".djs-search-result").first).to_be_visible()
    page.keyboard.press("Escape")
    drawing.act("simulate")
    drawing.act("simulate")

    assert page.evaluate("() => window.hacked") is None
    assert page.locator('[data-workbench] img[src="x"]').count() == 0


def test_the_mark_of_bpmn_io_is_on_top_and_can_be_clicked(draw: Draw) -> None:
    drawing, _ = draw(LAW)
    for act in (None, "minimap", "simulate"):
        if act:
            drawing.act(act)
        assert drawing.page.evaluate(
            """() => { const mark = document.querySelector(".bjs-powered-by"), box = mark.getBoundingClientRect();
            return [[2, 2], [box.width / 2, box.height / 2], [box.width - 2, box.height - 2]].every(([x, y]) =>
              mark.contains(document.elementFromPoint(box.x + x, box.y + y))); }"""
        )


def test_axe_finds_nothing_on_the_page(draw: Draw) -> None:
    drawing, _ = draw(LAW)
    assert findings(drawing.page) == []
    drawing.select("TM12-1")
    assert findings(drawing.page) == []
    drawing.act("xml")
    assert findings(drawing.page) == []


def test_a_copy_travels_to_another_model(draw: Draw, studio: Studio, designer: Page) -> None:
    drawing, _ = draw(LAW)
    drawing.select("T12-01")
    drawing.act("copy")
    key = studio.model({"process.bpmn": PLAIN})
    drawing.open(studio.diagram(key))
    drawing.process()
    drawing.act("paste")
    place = drawing.place("End")
    designer.mouse.move(place.x - 40, place.y + 140)
    designer.mouse.move(place.x, place.y + 150, steps=4)
    designer.mouse.click(place.x, place.y + 150)
    drawing.saved()

    pasted = named(studio.saved(key), "填写共享申请")
    assert pasted.find(f".//{SHIXIAN}form").get("id") == "F12-A"


def test_the_model_as_text_is_taken_or_refused_with_the_reason(draw: Draw, studio: Studio) -> None:
    drawing, key = draw({"process.bpmn": PLAIN})
    page = drawing.page
    drawing.act("xml")
    text = page.input_value("#xml-text")
    page.fill("#xml-text", text.replace("</bpmn:process>", ""))
    page.click('[data-act="xml-apply"]')
    expect(page.locator('[data-part="xml-error"]')).to_contain_text("附近不是格式良好的 XML")
    page.fill("#xml-text", text.replace("<bpmn:definitions", "<!DOCTYPE x><bpmn:definitions", 1))
    page.click('[data-act="xml-apply"]')
    expect(page.locator('[data-part="xml-error"]')).to_contain_text("DOCTYPE")
    page.fill("#xml-text", text.replace('name="task"', 'name="改过的任务"'))
    page.click('[data-act="xml-apply"]')
    expect(page.locator('[data-part="canvas"]')).to_be_visible()
    drawing.saved()

    assert named(studio.saved(key), "改过的任务").get("id") == "Task"


def test_a_file_from_disk_replaces_the_diagram_and_goes_out_again(draw: Draw, studio: Studio) -> None:
    drawing, key = draw({"process.bpmn": PLAIN})
    page = drawing.page
    file = {"name": "a.bpmn", "mimeType": "application/xml", "buffer": FOREIGN}
    page.set_input_files('[data-part="file"]', file)  # type: ignore[arg-type]
    expect(page.locator('[data-part="canvas"] g[data-element-id="Task_Own"]')).to_have_count(1)
    drawing.saved()
    with page.expect_download() as waiting:
        drawing.act("export-bpmn")
    out = waiting.value.path().read_bytes()
    with page.expect_download() as waiting:
        drawing.act("export-svg")

    assert elements(FOREIGN) - elements(out) == Counter()
    assert elements(FOREIGN) - elements(studio.saved(key)) == Counter()
    assert waiting.value.path().read_bytes().lstrip().startswith(b"<?xml")
    page.set_input_files(
        '[data-part="file"]', {"name": "b.bpmn", "mimeType": "application/xml", "buffer": b"<no/>"}
    )  # type: ignore[arg-type]
    expect(page.locator('[data-part="note"]')).to_contain_text("未应用")
    expect(page.locator('[data-part="canvas"] g[data-element-id="Task_Own"]')).to_have_count(1)


def test_a_file_in_another_encoding_keeps_its_letters(draw: Draw) -> None:
    drawing, _ = draw({"process.bpmn": PLAIN})
    page = drawing.page
    for encoding, name in (("ISO-8859-1", "geprüft"), ("UTF-16", "已审核")):
        text = (
            PLAIN.decode()
            .replace('encoding="UTF-8"', f'encoding="{encoding}"')
            .replace('"task"', f'"{name}"')
        )
        file = {"name": "a.bpmn", "mimeType": "application/xml", "buffer": text.encode(encoding)}
        page.set_input_files('[data-part="file"]', file)  # type: ignore[arg-type]
        expect(page.locator('[data-part="canvas"] g[data-element-id="Task"]')).to_contain_text(name)
        expect(page.locator('[data-part="note"]')).not_to_contain_text("encoding")


def test_a_finding_at_a_setting_leads_to_its_place_in_the_panel(draw: Draw) -> None:
    drawing, _ = draw(definition_files(PROCESSES / "templates/blank"))
    line = drawing.page.locator('[data-finding-of="new.reply_wd"]')
    expect(line).to_have_text("答复期限，自收到申请之日起")
    line.click()
    expect(drawing.page.locator('[data-field="setting.new.reply_wd.value"]')).to_be_focused()


def test_the_palette_lies_over_nothing_that_is_drawn(draw: Draw) -> None:
    drawing, _ = draw(definition_files(PROCESSES / "templates/blank"))
    palette = drawing.page.locator(".djs-palette").bounding_box()
    pool = drawing.page.locator('g[data-element-id="Participant_Case"] .djs-visual').first.bounding_box()
    assert palette and pool and pool["x"] >= palette["x"] + palette["width"]


def test_the_outline_is_a_way_by_keyboard(draw: Draw, studio: Studio) -> None:
    drawing, key = draw({"process.bpmn": PLAIN})
    page = drawing.page
    page.focus('[data-tab="findings"]')
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator('[data-outline][aria-current="true"]')).to_have_count(1)
    page.locator('[data-outline-name="Task"]').fill("键盘改名")
    page.keyboard.press("Tab")
    drawing.saved()

    assert named(studio.saved(key), "键盘改名").get("id") == "Task"


def test_an_id_is_refused_where_it_is_taken_or_malformed(draw: Draw) -> None:
    drawing, _ = draw({"process.bpmn": PLAIN})
    for typed in ("End", "1 x"):
        drawing.select("Task")
        drawing.field("id").fill(typed)
        drawing.page.keyboard.press("Tab")
        expect(drawing.panel.locator('[data-error-of="id"]')).not_to_be_empty()
        drawing.process()


def test_a_message_is_given_an_id_unless_it_is_taken(draw: Draw, studio: Studio) -> None:
    drawing, key = draw(LAW)
    drawing.fill("message.Message_Return.id", "Message_SentBack")
    drawing.field("message.Message_Reply.id").fill("T12-01")
    drawing.page.keyboard.press("Tab")
    expect(drawing.panel.locator('[data-error-of="message.Message_Reply.id"]')).to_contain_text("已被使用")
    drawing.saved()

    root = studio.saved(key)
    assert {e.get("messageRef") for e in root.iter(f"{BPMN}messageEventDefinition")} >= {
        "Message_SentBack",
        "Message_Reply",
    }


def test_colours_and_alignment(draw: Draw, studio: Studio) -> None:
    drawing, key = draw({"process.bpmn": PLAIN})
    drawing.select("Task")
    drawing.pad("set-colour")
    drawing.page.locator(".djs-popup .entry", has_text="橙色").click()
    drawing.drag("End", right=10, down=90)
    drawing.select_several("Start", "End")
    drawing.act("align")
    drawing.page.locator('.djs-popup .entry[title="顶端对齐"]').click()
    drawing.saved()

    root = studio.saved(key)
    shapes = {e.get("bpmnElement"): e for e in root.iter("{*}BPMNShape")}
    assert any("color" in str(name) for name in shapes["Task"].attrib)
    assert shapes["Start"][0].get("y") == shapes["End"][0].get("y")


def test_the_bundle_is_loaded_on_no_other_page(designer: Page, studio: Studio) -> None:
    key = studio.model({"process.bpmn": PLAIN})
    asked: list[str] = []
    designer.on("request", lambda request: asked.append(request.url))
    for path in ("/", "/cases", "/designer", f"/designer/models/{key}", f"/designer/models/{key}/publish"):
        designer.goto(studio.address + path)
        designer.wait_for_load_state("networkidle")

    assert [url for url in asked if "modeler" in url] == []


def test_nobody_but_designers_sees_the_page(page: Page, studio: Studio) -> None:
    key = studio.model({"process.bpmn": PLAIN})
    sign_in(page, studio.address, "gat.jb")

    answer = page.goto(studio.diagram(key))

    assert answer is not None and answer.status in (403, 404)
