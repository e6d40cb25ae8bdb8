"""F.3 points 5 and 10 by hand: verification under regulation 809, correction within its ten days, no extension."""

from playwright.sync_api import Page

from tests.browser.beside import saved
from tests.browser.f3_board import Board
from tests.browser.f3_pages import LAW, Model

OF_CORRECTION = (
    "TM13-5",
    "M13-5C",
    "T13-08C",
    "End_CorrectionSuperviseNoticed",
    "Gateway_CorrectionSupervised",
    "End_OpenCorrectionCase",
    "End_CorrectionSupervised",
)
SETTINGS = (
    "extension_max_wd",
    "extension_cap_mode",
    "extension_max_count",
    "extension_approver",
    "extension_late_approval",
    "correction_wd",
)
VARIABLES = (
    "extension",
    "extension_decision",
    "extension_open",
    "extension_lapse_on",
    "extended",
    "extension_decided_at",
    "extension_late",
    "correct_supervision",
    "correct_overdue_at",
    "correct_overdue_due",
    "correct_overdue_kind",
)
MESSAGES = ("Message_10", "Message_13", "Message_14")
WITHIN = "自收到校核申请之日起10个工作日内予以核实、更正并反馈校核处理结果。待更正的，审签后即行更正，更正完成后反馈。"
WITHIN_EN = "Verified, corrected and fed back within 10 working days of receipt. What is to be corrected is corrected after signing, before the feedback."


def test_verification_is_brought_under_809(designer: Page, bureau: str) -> None:
    model = Model.begin(designer, bureau, "ln_art13_verification", "校核（809）")
    drawing = model.diagram()
    correct_within_the_limit(drawing)
    drop_the_extension(drawing)
    tell_the_ground(drawing)
    drawing.saved()
    for form in ("F13-F", "F13-G"):
        model.remove_file("forms", form)
    for document in ("E-6", "E-6N"):
        model.remove_file("documents", document)
    model.remove_scenario("延长期限后反馈")
    ask_for_no_day_of_correction(model)
    model.change_document(
        "E-7",
        ('"to_correct": "数据有误，待更正"', '"to_correct": "数据有误，已更正"'),
        (
            "{% if v.correction_due is defined %}<tr><th>更正完成日期</th><td>{{ v.correction_due | date_zh }}</td></tr>{% endif %}",
            '{% if v.result == "to_correct" %}<tr><th>更正内容</th><td>{{ case.correction.what }}</td></tr>{% endif %}',
        ),
        (
            "<tr><th>是否延长</th><td>{% if deadline.moves %}{% for m in deadline.moves %}是，经{{ m.approved_by }}同意延长{{ m.days }}个工作日，由{{ m.due_before | date_zh }}延至{{ m.due_after | date_zh }}。{% endfor %}{% else %}否{% endif %}</td></tr>\n",
            "",
        ),
    )

    model.take_words()
    model.finish(f"{LAW}第二十六条第二款").saved()

    model.renew_scenario("校核无误，按期反馈", "校核无误，十日内反馈")
    model.run_scenarios()
    model.agree(bureau, "第二十六条第二款")


def correct_within_the_limit(drawing: Board) -> None:
    """Take the correction into the limit of verification: no limit of its own."""
    for element in OF_CORRECTION:
        drawing.delete(element)
    drawing.delete("Flow_G1302_T1306")
    drawing.delete("Flow_T1306_ST13B")
    drawing.move("T13-06", 1710, 960)
    drawing.remove(drawing.row_where("assign", "variable", "confirm_from", of="T13-06"))
    flow = drawing.wire("Gateway_Signed", "T13-06", "Flow_Gateway_Signed_T1306")
    drawing.fills(
        {
            "name": "待更正",
            "condition": "signature['decision'] != 'return' and verification['result'] == 'to_correct'",
        },
        of=flow,
    )
    drawing.bend(flow, (1610, 1010), (1645, 1010))
    drawing.move("End_Signed", 1710, 1080)
    drawing.wire("T13-06", "End_Signed", "Flow_T1306_End_Signed")
    drawing.rename("G13-02", "是否更正？")
    drawing.fill("condition", "verification['result'] in ['corrected', 'to_correct']", of="Flow_G1302_ST13B")


def drop_the_extension(drawing: Board) -> None:
    """Take away what extends the limit, in the drawing, its settings and its variables."""
    drawing.delete("ES13-X")
    for field in ("extension", "extensionCap", "extensionCount", "extensionLate"):
        drawing.fill(f"period.{field}", "", of="TM13-1")
    for event in ("M13-1", "M13-8"):
        drawing.remove(drawing.row_where("assign", "variable", "extended", of=event))
    for setting in SETTINGS:
        drawing.remove(f"setting.p13.{setting}")
    for variable in VARIABLES:
        drawing.remove(f"variable.{variable}")
    for message in MESSAGES:
        drawing.remove(f"message.{message}")


def tell_the_ground(drawing: Board) -> None:
    """Say in the facts of a case of rectification what the regulation asks for."""
    facts = f"{drawing.row_where('input', 'name', 'facts', of='End_OpenCase')}.expression"
    told = drawing.value(facts)
    told = told.replace("提供部门收到", "政务数据提供部门收到")
    drawing.fill(facts, told.replace("前校核，届满未反馈", "前核实、更正并反馈，届满未反馈"))


def ask_for_no_day_of_correction(model: Model) -> None:
    """Take the day of correction and its rules out of the form of verification."""
    editor = model.form("F13-C")
    editor.choose("correction_due")
    editor.press("remove")
    editor.choose("")
    for rule in (2, 1):
        editor.press(f"rules.{rule}.remove")
    editor.choose("result")
    editor.fill("description", WITHIN)
    editor.fill("description_en", WITHIN_EN)
    saved(model.page)
