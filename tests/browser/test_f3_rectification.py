"""F.3 points 6 and 10 by hand: rectification becomes correction by order, what is refused goes on as a proposal."""

from playwright.sync_api import Page

from tests.browser.beside import FormEditor, saved
from tests.browser.f3_board import Board
from tests.browser.f3_pages import LAW, Model

NAMES = {
    "M20-3": "移送处分建议",
    "E20-3": "已移送处分建议",
    "T20-11": "认定情节并起草处分建议书",
    "T20-12": "审签处分建议书",
    "End_NotSent": "继续督促改正",
    "Start_ReportUp": "须认定",
    "Flow_Gateway_Sent_ST20Q": "是",
    "Flow_Gateway_Sent_End_NotSent": "否",
}
TOLD_TO_TARGET = (
    "你单位拒不改正或者情节严重，{mgr_name}已依法移送处分建议（{business_id}）。改正义务不因移送而免除。"
)
TOLD_TO_MANAGERS = "{business_id}《{title}》未在规定期限内完成改正，请认定是否属于拒不改正或者情节严重；属于的，依法提出处分建议，有关材料已由共享平台汇编。"
ARTICLES = dict(
    zip(
        ("17", "20", "21", "22", "26", "27", "28", "29", "39", "40", "41"),
        "第十七条 第二十条 第二十一条 第二十二条 第二十六条 第二十七条 第二十八条 第二十九条 第三十九条 第四十条 第四十一条".split(),
        strict=True,
    )
)
FINDINGS = (
    ("refused", "拒不改正", "Refused"),
    ("serious", "情节严重", "Serious"),
    ("neither", "均不属于", "Neither"),
)
NOT_NEITHER = "finding != 'neither'"


def test_rectification_is_brought_under_809(designer: Page, bureau: str) -> None:
    model = Model.begin(designer, bureau, "ln_art20_rectification", "责令改正（809）")
    drawing = model.diagram()
    end_with_the_proposal(drawing)
    say_what_is_handed_over(drawing)
    forget_the_instruction(drawing)
    drawing.saved()
    model.remove_file("forms", "F20-G")
    draft_a_proposal(model.form("F20-F"))
    sign_a_proposal(model.form("F20-L"))
    order_a_correction(model.form("F20-B"))
    editor = model.form("F20-A")
    editor.choose("source_case")
    replace(editor, "shixian.fixed", "第十八条线索", "举报线索")
    saved(designer)
    write_the_order(model)
    write_the_proposal(model)

    model.take_words()
    drawing = model.finish(f"{LAW}第三十九条至第四十一条")
    drawing.drag_label("Flow_Gateway_Sent_End_NotSent", 54, 11)
    drawing.saved()

    model.agree(bureau, "第三十九条至第四十一条")


def end_with_the_proposal(drawing: Board) -> None:
    """Let the case end where the proposal is handed over; no government, no second round."""
    for element in ("T20-13", "G20-03", "M20-4", "End_SecondRound"):
        drawing.delete(element)
    drawing.move("E20-3", 2890, 420)
    drawing.delete("Lane_Gov")
    drawing.pull("Participant_Case", "nw", (160, 30), (160, 250))
    drawing.call(drawing.morph("E20-3", "结束事件"), "E20-3")
    drawing.fills({"result": "sanction_proposed", "state": ""}, of="E20-3")
    drawing.remove("notice.0", of="E20-3")
    drawing.wire("M20-3", "E20-3", "Flow_M203_E203")
    for element, name in NAMES.items():
        drawing.rename(element, name)


def say_what_is_handed_over(drawing: Board) -> None:
    """Reword what is issued, told and counted from the expiry to the proposal."""
    drawing.fills({"delivery.from": "", "delivery.to": ""}, of="M20-3")
    paper = drawing.row_where("document", "template", "E-12", of="M20-3")
    drawing.fills({f"{paper}.title": "关于移送{target_name}处分建议的函", f"{paper}.to": ""})
    drawing.remove(drawing.row_where("notice", "to", "gov.office"))
    drawing.fill("notice.0.text", TOLD_TO_TARGET)
    drawing.remove(drawing.row_where("assign", "variable", "government", of="RU20"))
    drawing.fill("notice.0.text", TOLD_TO_MANAGERS)
    drawing.remove(drawing.row_where("assign", "variable", "central", of="T20-01"))
    title = drawing.row_where("assign", "variable", "title", of="T20-02")
    drawing.fill(f"{title}.expression", "'责令改正：' + notice['subject']")
    drawing.fill("period.metWhen", "up_signing['decision'] in ['sign', 'drop'] or cured == True", of="TM20-5")
    drawing.fill(
        "period.lengthBy", "'《责令改正通知书》（' + (document_no('E-8') or '文号待定') + '）'", of="TM20-1"
    )


def forget_the_instruction(drawing: Board) -> None:
    """Take away what only the government's instruction needed."""
    drawing.fill(
        "process.results",
        drawing.value("process.results").replace("reported_up_closed", "sanction_proposed"),
    )
    for variable in ("government", "instruction", "central"):
        drawing.remove(f"variable.{variable}")
    drawing.remove("setting.p20.second_round")
    drawing.remove("message.Message_Instruction")


def draft_a_proposal(editor: FormEditor) -> None:
    """Turn the report to the government into a proposal of sanctions that begins with a finding."""
    fill(editor, "", {"title": "处分建议书", "title_en": "Proposal of sanctions"})
    editor.choose("to_government")
    editor.add("radio", "认定")
    editor.press("up")
    fill(
        editor,
        "radio",
        {
            "label_en": "Finding",
            "description": "拒不改正或者情节严重的，移送处分建议（第三十九条至第四十一条）；均不属于的，继续督促改正。",
            "description_en": "Refusal or a serious case: hand over a proposal of sanctions (Articles 39 to 41). Neither: go on urging.",
            "shixian.group": "移送",
            "shixian.group_en": "Hand over",
        },
    )
    editor.field("validate.required").check()
    for n, (value, label, english) in enumerate(FINDINGS):
        if n:
            editor.press("values.add")
        editor.fill(f"values.{n}.value", value)
        editor.fill(f"values.{n}.label", label)
        editor.fill(f"values.{n}.label_en", english)
    call(editor, "radio", "finding")
    editor.add("textfield", "移送机关")
    fill(
        editor,
        "textfield",
        {
            "label_en": "Authority",
            "validate.maxLength": "100",
            "shixian.visibleWhen": NOT_NEITHER,
            "shixian.requiredWhen": NOT_NEITHER,
        },
    )
    call(editor, "textfield", "to_authority")
    for field in ("to_government", "superior_authority"):
        editor.choose(field)
        editor.press("remove")
    fill(
        editor,
        "suggestion",
        {
            "label": "处分建议",
            "label_en": "Proposed sanction",
            "shixian.initial": "",
            "shixian.visibleWhen": NOT_NEITHER,
            "shixian.requiredWhen": NOT_NEITHER,
        },
    )
    editor.field("validate.required").uncheck()
    editor.choose("efforts")
    replace(editor, "shixian.initial", "整改", "改正")
    saved(editor.page)


def sign_a_proposal(editor: FormEditor) -> None:
    """Let the head sign the proposal, or go on urging."""
    fill(
        editor,
        "",
        {
            "title": "审签处分建议书",
            "title_en": "Signing the proposal of sanctions",
            "rules.0.message": "继续督促改正的理由应当以文字说明。",
        },
    )
    editor.choose("decision")
    signs = editor.field("shixian.optionsWhen.0.0").input_value()
    fill(
        editor,
        "decision",
        {
            "description": "认定为拒不改正或者情节严重的，签发移送；均不属于的，或者签发前改正已经核查通过、予以销号的，继续督促改正，理由记入办理记录。",
            "description_en": "Sign if refused or serious. If neither, or if the correction was closed out before signing, go on urging; the reason goes into the history.",
            "values.0.label": "签发移送",
            "values.0.label_en": "Sign and hand over",
            "values.2.label": "继续督促改正",
            "values.2.label_en": "Go on urging",
            "shixian.optionsWhen.0.0": f"case['report_up']['finding'] != 'neither' and ({signs})",
            "shixian.optionsWhen.0.1": "认定为均不属于，或者起草后又有报告核查不通过，应当退回修改",
            "shixian.optionsWhen.0.2": "neither was found, or a report failed its check after drafting; send it back",
            "shixian.optionsWhen.1.0": "case['cured'] == True or case['report_up']['finding'] == 'neither'",
            "shixian.optionsWhen.1.1": "已认定为拒不改正或者情节严重，且改正尚未核查通过、予以销号",
            "shixian.optionsWhen.1.2": "it was found refused or serious, and the correction has not been closed out",
        },
    )
    fill(
        editor,
        "comment",
        {
            "description": "退回或者继续督促改正的，应当填写。",
            "description_en": "Required when you send it back or go on urging.",
        },
    )
    saved(editor.page)


def order_a_correction(editor: FormEditor) -> None:
    """Offer the regulation's articles in the order, and name what follows of refusing."""
    editor.choose("article")
    for n, (number, name) in enumerate(ARTICLES.items()):
        editor.fill(f"values.{n}.value", number)
        editor.fill(f"values.{n}.label", name)
        editor.fill(f"values.{n}.label_en", f"Article {number}")
    for n in (12, 11):
        editor.press(f"values.{n}.remove")
    fill(
        editor,
        "consequence",
        {
            "shixian.fixed": "'拒不改正或者情节严重的，将依照《政务数据共享条例》第三十九条至第四十一条移送处分建议'"
        },
    )
    fill(editor, "report_form", {"shixian.initial": "'通过共享平台提交改正情况报告'"})
    saved(editor.page)


def write_the_order(model: Model) -> None:
    """Write the order of correction by its new grounds."""
    model.change_document(
        "E-8",
        (
            '{% if case.get("central") %}<p>（参照《辽宁省政务信息资源共享管理办法（草案）》第二十条）</p>{% endif %}\n',
            "",
        ),
        (
            "上述情况属于《辽宁省政务信息资源共享管理办法（草案）》第二十条{% for g in n.ground %}第（{{ zh[g] }}）项{% if not loop.last %}、{% endif %}{% endfor %}情形",
            '上述情况属于：{% for label, text in forms.notice if label == "违反情形（第二十条）" %}{{ text }}{% endfor %}',
        ),
        ("依据条款：", "依据《政务数据共享条例》："),
        ("现通知你单位按照下列要求整改", "现责令你单位按照下列要求改正"),
        (
            '{% set zh = {"1": "一", "2": "二", "3": "三", "4": "四", "5": "五", "6": "六"} %}\n',
            "",
        ),
    )


def write_the_proposal(model: Model) -> None:
    """Write the proposal of sanctions in place of the report to the government."""
    found = '{{ {"refused": "拒不改正", "serious": "情节严重"}[u.finding] }}'
    model.change_document(
        "E-12",
        (
            '{% if case.get("central") %}<p>（参照《辽宁省政务信息资源共享管理办法（草案）》第二十条、第二十一条，同时函告{{ u.superior_authority }}，并报请本级政府备案）</p>{% endif %}\n',
            "",
        ),
        ("现将有关情况报告如下。", "现将有关情况函告如下，并提出处分建议。"),
        (
            "建议。{{ u.suggestion | full_stop }}",
            f"认定与处分建议。该单位{found}。{{{{ u.suggestion | full_stop }}}}",
        ),
        (
            '<p>特此{{ "函告并报请备案" if case.get("central") else "报告" }}。</p>',
            "<p>特此函告。</p>",
        ),
        (
            "{% block body %}",
            '{% block to %}<p class="to">{{ u.to_authority }}：</p>{% endblock %}\n{% block body %}',
        ),
        ('"整改情况报告附件：', '"改正情况报告附件：'),
        ('"整改期限逐日计算"', '"改正期限逐日计算"'),
        ('"上报材料汇编（"', '"处分建议材料汇编（"'),
        ("附件2　整改期限", "附件2　改正期限"),
    )


def fill(editor: FormEditor, key: str, values: dict[str, str]) -> None:
    """Fill in properties of a field of the form."""
    editor.choose(key)
    for path, text in values.items():
        editor.fill(path, text)


def replace(editor: FormEditor, path: str, old: str, new: str) -> None:
    """Write another word in a property of the chosen field."""
    text = editor.field(path).input_value()
    assert old in text
    editor.fill(path, text.replace(old, new))


def call(editor: FormEditor, key: str, name: str) -> None:
    """Give a new field its key."""
    editor.choose(key)
    editor.fill("key", name)
    editor.page.keyboard.press("Tab")
    editor.choose(name)
