"""One thing changed in a shipped model is told in exactly one sentence; nothing changed, in none."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from engine.elements import BPMN
from engine.process_files import PROCESSES, definition_files, shipped
from engine.workbench.compare import compare, headline, kept_bases, law_changes, summary

Files = dict[str, bytes]
MODEL = "process.bpmn"
F12_E = "forms/F12-E.json"
DMN = "decisions/limit_by_ground.dmn"
E_2 = "documents/E-2.html"


def files(process: str) -> Files:
    return definition_files(PROCESSES / process)


APPLICATION = files("ln_art12_application")
VERIFICATION = files("ln_art13_verification")
RECTIFICATION = files("ln_art20_rectification")


def edited(before: Mapping[str, bytes], path: str, *changes: tuple[str, str]) -> Files:
    text = before[path].decode()
    for one, other in changes:
        assert one in text
        text = text.replace(one, other)
    return {**before, path: text.encode()}


def sentences(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[str]:
    return [d.text.zh for d in compare(before, after).differences]


LAW_SETTING = 'key="p12.reply_wd" value="5" unit="working_day" kind="law"'
BASIS = "《辽宁省政务信息资源共享管理办法（草案）》第十二条"
GATEWAY = APPLICATION[MODEL].decode().partition('<bpmn:exclusiveGateway id="G12-01"')[2]
GATEWAY = '<bpmn:exclusiveGateway id="G12-01"' + GATEWAY.partition("</bpmn:exclusiveGateway>")[0]
E_4 = (
    '        <shixian:document template="E-4" title="不予共享理由告知书" series="共享告" by="prov" to="use"'
    " limit=\"TM12-8\" when=\"reply['decision'] in ['refuse', 'partly']\"/>\n"
)

ONE_CHANGE = [
    pytest.param(
        [(LAW_SETTING, LAW_SETTING.replace('"5"', '"10"'))],
        "limits",
        "答复期限：5 → 10 个工作日",
        True,
        id="value of a setting",
    ),
    pytest.param(
        [(LAW_SETTING, LAW_SETTING.replace('"5" unit="working_day"', '"20" unit="calendar_day"'))],
        "limits",
        "答复期限：5 个工作日 → 20 个自然日",
        True,
        id="unit of a setting",
    ),
    pytest.param(
        [(LAW_SETTING, LAW_SETTING.replace('"law"', '"choice"'))],
        "limits",
        "答复期限的性质：法定 → 自定",
        True,
        id="a statutory setting becomes a choice",
    ),
    pytest.param(
        [(f'{LAW_SETTING} basis="{BASIS}"', f'{LAW_SETTING} basis="《政务数据共享条例》第二十二条"')],
        "limits",
        f"答复期限的依据：{BASIS} → 《政务数据共享条例》第二十二条",
        True,
        id="basis of a setting",
    ),
    pytest.param(
        [('note="答复期限" min="1" max="10"', 'note="答复期限" min="1" max="20"')],
        "limits",
        "答复期限的上限：10 → 20",
        True,
        id="bound of a setting",
    ),
    pytest.param(
        [('note="提供期限"', 'note="提供数据期限"')],
        "limits",
        "提供期限的名称：提供期限 → 提供数据期限",
        False,
        id="note of a setting",
    ),
    pytest.param(
        [('key="p12.internal_approval" value="true"', 'key="p12.internal_approval" value="false"')],
        "limits",
        "申请是否须经使用部门负责人审核：是 → 否",
        False,
        id="a setting that is yes or no",
    ),
    pytest.param(
        [('      <shixian:variable name="signer" type="text" label="签发人"/>\n', "")],
        "limits",
        "删除变量“签发人”",
        False,
        id="a variable",
    ),
    pytest.param(
        [('effectiveFrom="2019-11-10"', 'effectiveFrom="2026-12-01"')],
        "limits",
        "施行日：2019-11-10 → 2026-12-01",
        False,
        id="the day it is in force from",
    ),
    pytest.param(
        [('setting="p12.reply_wd" from="received_at"', 'setting="p12.reply_wd" from="notified_at"')],
        "limits",
        "计时器“答复期限届满”改自“补正告知送达时刻”起算（原自“收到时刻”起算）",
        True,
        id="start of a limit (the differ of the diagrams misses timers)",
    ),
    pytest.param(
        [('setting="p12.reply_wd" from', 'setting="p12.provision_wd" from')],
        "limits",
        "计时器“答复期限届满”的期限：“答复期限（p12.reply_wd）” → “提供期限（p12.provision_wd）”",
        True,
        id="a timer no longer uses the statutory setting",
    ),
    pytest.param(
        [('TM12-1_def"><bpmn:timeDate xsi:type="bpmn:tFormalExpression">due_at', 'TM12-1_def"><bpmn:timeDate>P8D')],
        "limits",
        "计时器“答复期限届满”的定时：due_at → P8D",
        True,
        id="timer definition (the differ misses timers)",
    ),
    pytest.param(
        [
            ("        <bpmn:flowNodeRef>T12-02</bpmn:flowNodeRef>\n", ""),
            (
                "<bpmn:flowNodeRef>S12</bpmn:flowNodeRef>",
                "<bpmn:flowNodeRef>S12</bpmn:flowNodeRef><bpmn:flowNodeRef>T12-02</bpmn:flowNodeRef>",
            ),
        ],
        "roles",
        "用户任务“使用部门审核”改由使用部门经办人承办（原为使用部门负责人）",
        False,
        id="lane membership (the differ misses lanes)",
    ),
    pytest.param(
        [('name="使用部门 负责人" shixian:role="use.head"', 'name="使用部门 负责人" shixian:role="use.office"')],
        "roles",
        "泳道“使用部门 负责人”的角色：使用部门负责人 → 使用部门办公机构工作人员",
        False,
        id="role of a lane",
    ),
    pytest.param(
        [("intake['check_result'] == 'accept'</bpmn", "intake['check_result'] != 'return'</bpmn")],
        "flows",
        "流向“受理”的条件：intake['check_result'] == 'accept' → intake['check_result'] != 'return'",
        False,
        id="condition (the differ names no attribute)",
    ),
    pytest.param(
        [('sourceRef="Gateway_Signed" targetRef="T12-07"', 'sourceRef="Gateway_Signed" targetRef="T12-08"')],
        "flows",
        "流向“退回”改道：签发？ → 拟定答复意见，改为 签发？ → 答复审签",
        False,
        id="a flow redirected",
    ),
    pytest.param(
        [('default="Flow_G1201_T1202"', 'default="Flow_G1201_ST12A"')],
        "elements",
        "排他网关“共享类型？”的默认流向：“有条件共享” → “无条件共享”",
        False,
        id="default flow",
    ),
    pytest.param(
        [('id="T12-08" name="答复审签"', 'id="T12-08" name="审签答复"')],
        "elements",
        "用户任务改名：“答复审签” → “审签答复”",
        False,
        id="name",
    ),
    pytest.param(
        [
            (f"{GATEWAY}</bpmn:exclusiveGateway>", f"{GATEWAY}</bpmn:inclusiveGateway>"),
            ('<bpmn:exclusiveGateway id="G12-01"', '<bpmn:inclusiveGateway id="G12-01"'),
        ],
        "elements",
        "“共享类型？”由排他网关改为包容网关",
        False,
        id="type",
    ),
    pytest.param(
        [('separateFrom="T12-07 T12-01 T12-02 T12-05"', 'separateFrom="T12-07"')],
        "elements",
        "用户任务“答复审签”的回避要求：“拟定答复意见、填写共享申请、使用部门审核、补正申请” → “拟定答复意见”",
        False,
        id="separation (attributes of the extension)",
    ),
    pytest.param(
        [('<shixian:assign variable="replied_at" expression="now()"/>', '<shixian:assign variable="replied_at" expression="today()"/>')],
        "elements",
        "消息中间抛出事件“答复送达”的赋值“答复送达时刻”的算式：now() → today()",
        False,
        id="assignment (elements of the extension)",
    ),
    pytest.param([(E_4, "")], "elements", "消息中间抛出事件“答复送达”取消文书“不予共享理由告知书”", False, id="a document no longer issued"),
    pytest.param(
        [('id="TM12-1" name="答复期限届满" attachedToRef="Scope_Reply" cancelActivity="false"', 'id="TM12-1" name="答复期限届满" attachedToRef="Scope_Reply" cancelActivity="true"')],
        "elements",
        "计时器“答复期限届满”改为中断原有环节",
        False,
        id="interrupting",
    ),
    pytest.param(
        [('<bpmn:userTask id="T12-08"', '<bpmn:userTask id="T12-08" xmlns:other="urn:other" other:priority="9"')],
        "elements",
        "用户任务“答复审签”的属性 priority：无 → 9",
        False,
        id="an attribute of another editor",
    ),
    pytest.param(
        [('<dc:Bounds x="2005" y="1080" width="110"', '<dc:Bounds x="2025" y="1080" width="110"')],
        "layout",
        "移动或者重绘“答复审签”",
        False,
        id="only moved",
    ),
    pytest.param(
        [("T12-08", "T12-08A")],
        "elements",
        "用户任务“答复审签”的编号：T12-08 → T12-08A",
        False,
        id="id of a task, and all that refers to it",
    ),
    pytest.param(
        [('"Message_Reply"', '"Message_Answer"')],
        "elements",
        "消息“答复送达”的编号：Message_Reply → Message_Answer",
        False,
        id="id of a message",
    ),
    pytest.param(
        [("Flow_G1201_T1202", "Flow_1x")],
        "flows",
        "流向“有条件共享”的编号：Flow_G1201_T1202 → Flow_1x",
        False,
        id="id of a flow",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "group", "sentence", "law"), ONE_CHANGE)
def test_one_change_of_the_model_is_one_sentence(
    changes: list[tuple[str, str]], group: str, sentence: str, law: bool
) -> None:
    after = edited(APPLICATION, MODEL, *changes)

    found = compare(APPLICATION, after)

    assert [(d.group, d.text.zh) for d in found.differences] == [(group, sentence)]
    assert bool(law_changes(APPLICATION, after)) == law
    assert all(d.text.en for d in found.differences)


@pytest.mark.parametrize("folder", shipped(), ids=lambda p: p.name)
def test_the_same_files_have_no_difference(folder: Path) -> None:
    one = definition_files(folder)

    found = compare(one, dict(one))

    assert not found
    assert (found.before, found.after, found.texts) == ({}, {}, {})
    assert summary(found).zh == "两者内容相同。"


def test_what_the_standard_says_anyway_may_be_written_or_left_out() -> None:
    left_out = edited(APPLICATION, MODEL, (' cancelActivity="true"', ""), (' isInterrupting="true"', ""))

    assert sentences(APPLICATION, left_out) == []


def without(before: Mapping[str, bytes], element: str) -> Files:
    """Return the files without an element and what is drawn of it."""
    root = etree.fromstring(before[MODEL])
    gone = root.xpath(f"//*[@id='{element}']")[0]
    inner = {e.get("id") for e in gone.iter() if e.get("id")}
    gone.getparent().remove(gone)
    for ref in [*root.iter(f"{{{BPMN}}}flowNodeRef")]:
        if ref.text in inner:
            ref.getparent().remove(ref)
    for drawn in root.xpath("//*[@bpmnElement]"):
        if drawn.get("bpmnElement") in inner:
            drawn.getparent().remove(drawn)
    return {**before, MODEL: etree.tostring(root)}


def test_what_the_standard_says_anyway_is_no_difference_where_an_editor_leaves_it_out() -> None:
    written = 'cancelActivity="true"'
    left_out = edited(APPLICATION, MODEL, (f" {written}", ""))

    assert written in APPLICATION[MODEL].decode()
    assert sentences(APPLICATION, left_out) == []


def test_a_sub_process_taken_out_is_one_sentence_and_all_of_it_is_marked() -> None:
    after = without(VERIFICATION, "ES13-X")

    found = compare(VERIFICATION, after)

    assert [d.text.zh for d in found.differences] == [
        "删除：申请延长期限（原期限内）（事件子流程），连同其中 14 个环节"
    ]
    assert found.before["ES13-X"] == found.before["T13-E1"] == "removed"
    assert found.after == {}
    assert law_changes(VERIFICATION, after)  # the extension acts on a statutory limit


def test_a_sub_process_put_in_is_one_sentence() -> None:
    before = without(VERIFICATION, "ES13-X")

    found = compare(before, VERIFICATION)

    assert [d.text.zh for d in found.differences] == [
        "新增事件子流程“申请延长期限（原期限内）”，其中 14 个环节"
    ]
    assert found.before == {}


def test_a_new_task_is_told_with_who_does_it_and_its_flows() -> None:
    added = '<bpmn:userTask id="T12-99" name="拟定延长申请"/><bpmn:sequenceFlow id="F99" sourceRef="T12-99" targetRef="M12-4"/>'
    after = edited(
        APPLICATION,
        MODEL,
        ('<bpmn:exclusiveGateway id="G12-01"', f'{added}<bpmn:exclusiveGateway id="G12-01"'),
        (
            "<bpmn:flowNodeRef>T12-09</bpmn:flowNodeRef>",
            "<bpmn:flowNodeRef>T12-09</bpmn:flowNodeRef><bpmn:flowNodeRef>T12-99</bpmn:flowNodeRef>",
        ),
    )

    assert sentences(APPLICATION, after) == [
        "新增用户任务“拟定延长申请”，由提供部门经办人承办",
        "新增流向“拟定延长申请 → 答复送达”",
    ]


def change_form(change: Callable[[dict[str, Any]], object]) -> Files:
    form = json.loads(APPLICATION[F12_E])
    change(form)
    return {**APPLICATION, F12_E: json.dumps(form, ensure_ascii=False).encode()}


def field(form: dict[str, Any], key: str) -> dict[str, Any]:
    return next(c for c in form["components"] if c["key"] == key)


NEW_FIELD = {"key": "why", "type": "textarea", "label": "不予共享理由", "validate": {"required": True}}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda f: f["components"].append(NEW_FIELD), "新增必填字段“不予共享理由”（多行文本）"),
        (lambda f: f["components"].remove(field(f, "agreed_items")), "删除字段“同意的数据项”"),
        (lambda f: field(f, "decision")["validate"].pop("required"), "字段“答复结论”不再必填"),
        (lambda f: field(f, "decision").update(type="select"), "字段“答复结论”的类型：单选 → 下拉选择"),
        (lambda f: field(f, "decision").update(label="结论"), "字段“答复结论”改名为“结论”"),
        (lambda f: field(f, "decision")["values"].pop(1), "字段“答复结论”删除选项“部分同意”"),
        (
            lambda f: field(f, "decision")["values"][1].update(label="同意一部分"),
            "字段“答复结论”的选项“部分同意”改为“同意一部分”",
        ),
        (
            lambda f: field(f, "use_conditions")["validate"].update(minLength=10),
            "字段“使用要求（范围、用途、方式、期限）”的最少字数：5 → 10",
        ),
        (
            lambda f: field(f, "agreed_items")["shixian"].update(visibleWhen="True"),
            "字段“同意的数据项”的显示的条件：decision in ['agree', 'partly'] → True",
        ),
        (
            lambda f: field(f, "agreed_items")["shixian"].update(fixed="case['x']"),
            "字段“同意的数据项”的由系统填入的值：无 → case['x']",
        ),
        (
            lambda f: f["components"].insert(0, f["components"].pop(1)),
            "字段“同意的数据项”移至最前",
        ),
        (lambda f: f["rules"].pop(0), "删除校验“同意的数据项应在申请的数据项之内。”"),
        (lambda f: f.update(maskIds=True), "证件号码遮盖：否 → 是"),
    ],
)
def test_one_change_of_a_form_is_one_sentence(
    change: Callable[[dict[str, Any]], object], sentence: str
) -> None:
    assert sentences(APPLICATION, change_form(change)) == [f"表单“答复意见”（F12-E）：{sentence}"]


def test_a_form_put_in_and_taken_out_is_told_with_the_number_of_its_fields() -> None:
    less = {path: content for path, content in APPLICATION.items() if path != F12_E}

    assert sentences(less, APPLICATION) == ["新增表单“答复意见”（F12-E），18 个字段"]
    assert sentences(APPLICATION, less) == ["删除表单“答复意见”（F12-E），18 个字段"]


@pytest.mark.parametrize(
    ("one", "other", "sentence"),
    [
        ('"Limit_3"><text>10', '"Limit_3"><text>20', "第 3 条规则的输出“整改期限（工作日）”：10 → 20"),
        ('contains(?, "4")', 'contains(?, "7")', '第 4 条规则的输入“违反情形（第二十条）”：contains(?, "4") → contains(?, "7")'),
        ('aggregation="MAX"', 'aggregation="MIN"', "命中策略：COLLECT MAX → COLLECT MIN"),
        ("<text>lead['ground']", "<text>lead['kind']", "输入“违反情形（第二十条）”：lead['ground'] → lead['kind']"),
        ("（五）安全防护", "（五）安全", "第 5 条规则的备注：（五）安全防护 → （五）安全"),
    ],
)  # fmt: skip
def test_one_cell_of_a_decision_is_one_sentence(one: str, other: str, sentence: str) -> None:
    after = edited(RECTIFICATION, DMN, (one, other))

    assert sentences(RECTIFICATION, after) == [f"决策表“按违反情形提出的整改期限”：{sentence}"]


def test_a_rule_taken_out_of_a_decision_is_told_with_its_cells() -> None:
    root = etree.fromstring(RECTIFICATION[DMN])
    [rule] = root.xpath("//*[@id='Rule_6']")
    rule.getparent().remove(rule)

    assert sentences(RECTIFICATION, {**RECTIFICATION, DMN: etree.tostring(root)}) == [
        '决策表“按违反情形提出的整改期限”：删除第 6 条规则：contains(?, "6") | 10'
    ]


def test_a_line_of_a_document_is_told_by_the_words_that_changed() -> None:
    after = edited(APPLICATION, E_2, ("一次补正。逾期", "一次性补正。逾期"))

    found = compare(APPLICATION, after)

    assert [d.text.zh for d in found.differences] == [
        "文书“一次性补正告知书”（E-2）：修改 1 行，如“…}}前，含当日）一次补正。逾期未补正的，…”改为"
        "“…}}前，含当日）一次性补正。逾期未补正的，…”"
    ]
    [line] = [x for x in found.texts[E_2] if x.kind != "same"]
    assert line.after is not None and [text for text, differs in line.after if differs] == ["性"]
    assert line.before_no == line.after_no == 10


def test_a_line_put_into_a_document_is_one_sentence() -> None:
    after = edited(APPLICATION, E_2, ("</table>\n", "</table>\n<p>特此告知。</p>\n"))

    assert sentences(APPLICATION, after) == ["文书“一次性补正告知书”（E-2）：新增 1 行：“特此告知。”"]


def test_a_scenario_is_told_by_its_name() -> None:
    after = {**APPLICATION, "scenarios/straight.json": '{"name": "按期答复"}'.encode()}

    assert sentences(APPLICATION, after) == ["新增情景“按期答复”（straight）"]


@pytest.mark.parametrize(
    ("path", "content"),
    [
        (MODEL, b"<x"),
        (MODEL, b""),
        (MODEL, b"\xff\xfe\x00"),
        (MODEL, b"<a/>"),
        (MODEL, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        (MODEL, b"<a>" * 400 + b"</a>" * 400),
        (F12_E, b"{"),
        (F12_E, b"[]"),
        (F12_E, b'{"components": [1, null, {"components": "x"}], "rules": [3]}'),
        (F12_E, b"[" * 100_000),
        (E_2, b"\xff"),
        ("elsewhere.txt", b"x"),
    ],
)
def test_a_broken_file_is_told_and_never_an_error(path: str, content: bytes) -> None:
    broken = {**APPLICATION, path: content}

    assert compare(APPLICATION, broken).differences
    assert compare(broken, APPLICATION).differences
    assert not compare(broken, dict(broken))


def test_a_model_that_cannot_be_read_counts_as_a_change_of_the_law() -> None:
    assert law_changes(APPLICATION, {**APPLICATION, MODEL: b"<x"})


def test_every_statutory_setting_of_a_new_procedure_is_a_change_of_the_law() -> None:
    assert [m.zh for m in law_changes({}, APPLICATION)] == [
        "新增法定设置“答复期限”：5 个工作日",
        "新增法定设置“无条件共享资源直接使用，无需申请答复”：direct",
    ]


def test_a_statutory_timer_taken_out_is_a_change_of_the_law() -> None:
    [first, *_] = law_changes(APPLICATION, without(APPLICATION, "TM12-1"))

    assert first.zh == "删除：答复期限届满（计时器）"


def test_the_statutory_comes_first_in_the_headline_and_in_its_group() -> None:
    after = edited(
        APPLICATION,
        MODEL,
        ('effectiveFrom="2019-11-10"', 'effectiveFrom="2026-12-01"'),
        ('key="p12.provision_wd" value="20"', 'key="p12.provision_wd" value="30"'),
        (LAW_SETTING, LAW_SETTING.replace('"5"', '"10"')),
        ('id="T12-08" name="答复审签"', 'id="T12-08" name="审签答复"'),
    )

    found = compare(APPLICATION, after)

    assert headline(found, 2)[0].zh == "答复期限：5 → 10 个工作日"
    assert found.differences[0].basis == (BASIS, BASIS)
    assert summary(found).zh == "共 4 处差别：期限与设置 3 处、环节 1 处。"
    assert summary(found).en == "4 differences (limits and settings: 3, elements: 1)."
    assert len(headline(found)) == 4


def test_elements_with_new_ids_are_told_in_the_order_of_the_old_model() -> None:
    flows = re.findall(r'<bpmn:sequenceFlow id="(Flow_[^"]+)"', APPLICATION[MODEL].decode())
    after = edited(APPLICATION, MODEL, ("Flow_", "Way_"))

    told = [d.before for d in compare(APPLICATION, after).differences if d.group == "flows"]

    assert told == [(flow,) for flow in flows]


def test_two_procedures_that_share_nothing_are_compared_too() -> None:
    found = compare(APPLICATION, VERIFICATION)

    assert {d.group for d in found.differences} >= {"limits", "elements", "flows", "forms", "documents"}
    assert all(d.text.zh and d.text.en for d in found.differences)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            '<bpmn:subProcess id="Scope_Reply" ',
            '<bpmn:subProcess id="Scope_Reply" shixian:skipWhen="True" ',
            id="the activity under the limit is skipped",
        ),
        pytest.param(
            'variable="received_at" expression="now()',
            'variable="received_at" expression="replied_at',
            id="the limit is counted from another instant",
        ),
        pytest.param(
            '<bpmn:endEvent id="E12-U"',
            '<bpmn:serviceTask id="Hold"><bpmn:extensionElements><shixian:pause of="TM12-1"/>'
            '</bpmn:extensionElements></bpmn:serviceTask><bpmn:endEvent id="E12-U"',
            id="a new element holds the limit",
        ),
    ],
)
def test_what_moves_a_statutory_limit_without_touching_its_setting_is_a_change_of_the_law(
    one: str, other: str
) -> None:
    assert law_changes(APPLICATION, edited(APPLICATION, MODEL, (one, other)))


def test_of_two_settings_of_one_key_the_one_that_the_engine_takes_is_compared() -> None:
    chosen = LAW_SETTING.replace('"5"', '"9"').replace('"law"', '"choice"')
    setting = f"<shixian:setting {LAW_SETTING}"
    after = edited(APPLICATION, MODEL, (setting, f"{setting}/><shixian:setting {chosen}"))

    assert law_changes(APPLICATION, after)


def test_a_statutory_value_that_changes_while_its_basis_stays_is_told() -> None:
    longer = ('key="p12.reply_wd" value="5"', 'key="p12.reply_wd" value="10"')
    basis = (
        'basis="《辽宁省政务信息资源共享管理办法（草案）》第十二条" note="答复期限"',
        'basis="《政务数据共享条例》第二十一条" note="答复期限"',
    )

    kept = compare(APPLICATION, edited(APPLICATION, MODEL, longer))
    moved = compare(APPLICATION, edited(APPLICATION, MODEL, longer, basis))

    assert [m.zh for m in kept_bases(kept)] == ["答复期限：5 → 10 个工作日"]
    assert kept_bases(moved) == ()
