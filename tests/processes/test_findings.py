"""Each rule of ours: a small model that breaks it, and the same one mended."""

import json
import re
from pathlib import Path

import pytest

from engine.definition_contents import read_contents
from engine.process_files import PROCESSES, definition_files, shipped
from engine.workbench.findings import check_files
from engine.workbench.law_rules import READ_BY_NAME
from engine.workbench.rules import RULES, readme_table
from tests.processes.small_models import model, nodes

ENGINE = Path(__file__).parents[2] / "engine"
LAW = 'kind="law" basis="第一条"'


def found(xml: bytes | str, **forms: object) -> set[tuple[str, str, str]]:
    files = {"process.bpmn": xml if isinstance(xml, bytes) else xml.encode()}
    files |= {f"forms/{name}.json": json.dumps(form).encode() for name, form in forms.items()}
    return {(one.rule, one.element, one.severity) for one in check_files(files)}


def with_setting(xml: bytes, setting: str) -> bytes:
    return xml.replace(b"<extensionElements>", f"<extensionElements><shixian:setting {setting}/>".encode(), 1)


def timer(
    period: str = 'setting="x.wd" from="at" supervisor="mgr.handler"',
    kind: str = "timeDate",
    text: str = "due_at",
) -> str:
    return (
        '<boundaryEvent id="T" attachedToRef="A" cancelActivity="false"><extensionElements>'
        f"<shixian:period {period}/></extensionElements>"
        f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition></boundaryEvent>"
    )


def limited(
    body: str = "",
    flows: str = "",
    setting: str = f'key="x.wd" value="5" unit="working_day" {LAW}',
    boundary: str = "",
) -> bytes:
    drawn = nodes("startEvent:S userTask:A endEvent:E endEvent:F") + (boundary or timer()) + body
    return with_setting(model(drawn, f"S>A A>E T>F {flows}", variables="at"), setting)


def form(*components: dict[str, object], name: str = "FORM") -> dict[str, object]:
    return {"id": name, "title": "表", "components": list(components)}


CHOICE = {
    "key": "d",
    "type": "radio",
    "label": "结论",
    "values": [{"value": "agree", "label": "同意"}, {"value": "refuse", "label": "不同意"}],
}
REASONS = {"key": "why", "type": "textarea", "label": "理由", "shixian": {"requiredWhen": "d == 'refuse'"}}
ASKS = '<startEvent id="S"/><userTask id="A"><extensionElements><shixian:form id="FORM" variable="got"/></extensionElements></userTask><endEvent id="E"{result}/>'
ACT = (
    '<userTask id="{at}"><extensionElements><shixian:extension of="T" value="3" {asked}/></extensionElements></userTask>'
    '<userTask id="Ask"><extensionElements><shixian:extensionRequest of="T" value="3"/></extensionElements></userTask>'
)
EXTENDED = timer('setting="x.wd" from="at" supervisor="mgr.handler" extension="x.wd"')


def looped(kind: str, condition: str = "at is None") -> bytes:
    body = nodes(f"startEvent:S exclusiveGateway:G {kind}:B endEvent:E")
    return model(
        body.replace('id="G"', 'id="G" default="G_E"'), f"S>G G>B[{condition}] G>E B>G", variables="at"
    )


CASES = {
    "limit-without-timer": ("x.wd", limited(boundary='<boundaryEvent id="T" attachedToRef="A"><signalEventDefinition/></boundaryEvent>'), limited()),
    "setting-basis": ("x.wd", limited(setting='key="x.wd" value="5" unit="working_day" kind="law"'), limited()),
    "limit-owner": ("T", limited(boundary=timer('setting="x.wd" from="at" onExpiry="overdue"')), limited(boundary=timer('setting="x.wd" from="at" onExpiry="overdue" supervisor="mgr.handler"'))),
    "calendar-days": ("T", limited(boundary=timer(kind="timeDuration", text="P5D")), limited()),
    "setting-range": ("x.wd", limited(setting=f'key="x.wd" value="50" min="1" max="10" unit="working_day" {LAW}'), limited(setting=f'key="x.wd" value="5" min="1" max="10" unit="working_day" {LAW}')),
    "extension-cap": ("B", limited(ACT.format(at="B", asked='asked="Ask"'), "A>Ask Ask>B B>E"), limited(ACT.format(at="B", asked='asked="Ask"'), "A>Ask Ask>B B>E", boundary=EXTENDED)),
    "extension-approver": ("B", limited(ACT.format(at="B", asked=""), "A>Ask Ask>B B>E", boundary=EXTENDED), limited(ACT.format(at="B", asked='asked="Ask"'), "A>Ask Ask>B B>E", boundary=EXTENDED)),
    "declared-twice": ("x.wd", with_setting(limited(), 'key="x.wd" value="9" unit="working_day" kind="choice"'), limited()),
    "sample-text": ("x.wd", limited(setting='key="x.wd" value="5" unit="working_day" kind="law" basis="（请填写：条次）"'), limited()),
    "limit-removed": ("ln_art12_application", model(nodes("startEvent:S endEvent:E"), "S>E", process_id="ln_art12_application"), model(nodes("startEvent:S endEvent:E"), "S>E")),
    "unreachable": ("B", model(nodes("startEvent:S endEvent:E userTask:B endEvent:F"), "S>E B>F"), model(nodes("startEvent:S endEvent:E userTask:B"), "S>B B>E")),
    "endless-loop": ("G", looped("serviceTask"), looped("userTask")),
    "unbounded-loop": ("B", looped("receiveTask"), looped("receiveTask", "setting('n') == 1")),
    "gateway-default": ("G", model(nodes("startEvent:S exclusiveGateway:G endEvent:E endEvent:F"), "S>G G>E[at is None] G>F[at == 1]", variables="at"), model(nodes("startEvent:S exclusiveGateway:G endEvent:E endEvent:F").replace('id="G"', 'id="G" default="G_F"'), "S>G G>E[at is None] G>F", variables="at")),
    "wait-without-limit": ("R", model(nodes("startEvent:S receiveTask:R endEvent:E"), "S>R R>E"), model(nodes("startEvent:S endEvent:E"), "S>E")),
    "lane-role": ("Lane", model(nodes("startEvent:S userTask:A endEvent:E"), "S>A A>E").replace(b' shixian:role="use.handler"', b""), model(nodes("startEvent:S userTask:A endEvent:E"), "S>A A>E")),
    "undeclared-variable": ("G_E", model(nodes("startEvent:S exclusiveGateway:G endEvent:E endEvent:F"), "S>G G>E[nobody is None] G>F"), model(nodes("startEvent:S exclusiveGateway:G endEvent:E endEvent:F"), "S>G G>E[title is None] G>F")),
    "unsupported-element": ("A", model(nodes("startEvent:S scriptTask:A endEvent:E"), "S>A A>E"), model(nodes("startEvent:S serviceTask:A endEvent:E"), "S>A A>E")),
    "not-executable": ("small", model(nodes("startEvent:S endEvent:E"), "S>E").replace(b'"true"', b'"false"'), model(nodes("startEvent:S endEvent:E"), "S>E")),
}  # fmt: skip


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_finds_what_breaks_it_and_not_what_is_mended(rule: str) -> None:
    element, broken, mended = CASES[rule]

    assert (rule, element) in {(r, e) for r, e, _ in found(broken)}
    assert (rule, element) not in {(r, e) for r, e, _ in found(mended)}


def test_c2_a_choice_that_refuses_needs_required_reasons() -> None:
    xml = model(ASKS.format(result=""), "S>A A>E", variables="got")

    assert ("refusal-reasons", "A", "error") in found(xml, FORM=form(CHOICE))
    assert "refusal-reasons" not in {rule for rule, _, _ in found(xml, FORM=form(CHOICE, REASONS))}


def test_c2_an_end_that_refuses_needs_reasons_before_it() -> None:
    xml = model(ASKS.format(result=' shixian:result="refused"'), "S>A A>E", variables="got")
    plain = {"key": "note", "type": "textfield", "label": "备注"}

    assert ("refusal-reasons", "E", "error") in found(xml, FORM=form(plain))
    assert "refusal-reasons" not in {
        rule
        for rule, _, _ in found(xml, FORM=form(REASONS | {"validate": {"required": True}, "shixian": {}}))
    }


def test_a_limit_of_the_law_in_calendar_days_says_so_itself() -> None:
    def told(note: str) -> set[tuple[str, str, str]]:
        setting = f'key="x.wd" value="5" unit="calendar_day" note="{note}" {LAW}'
        return {one for one in found(limited(setting=setting)) if one[0] == "calendar-days"}

    assert told("五个工作日内") == {("calendar-days", "x.wd", "error")}
    assert told("五日内") == {("calendar-days", "x.wd", "warning")}
    assert told("五日内（自然日）") == set()


def test_a_choice_without_a_timer_is_only_warned_of_and_one_of_nothing_is_off() -> None:
    bare = model(nodes("startEvent:S endEvent:E"), "S>E")

    assert ("limit-without-timer", "x.wd", "warning") in found(
        with_setting(bare, 'key="x.wd" value="5" unit="working_day" kind="choice"')
    )
    assert "limit-without-timer" not in {
        r for r, _, _ in found(with_setting(bare, 'key="x.wd" value="0" unit="working_day" kind="choice"'))
    }


def test_conditions_that_name_every_option_need_no_default() -> None:
    body = ASKS.format(result="") + nodes("exclusiveGateway:G endEvent:F")
    xml = model(body, "S>A A>G G>E[YES] G>F[NO]", variables="got")
    xml = xml.replace(b"YES", b"got['d'] == 'agree'").replace(b"NO", b"got['d'] == 'refuse'")
    asked = CHOICE | {"validate": {"required": True}}

    assert "gateway-default" not in {rule for rule, _, _ in found(xml, FORM=form(asked, REASONS))}
    assert ("gateway-default", "G", "warning") in found(xml, FORM=form(CHOICE, REASONS))


@pytest.mark.parametrize("folder", shipped(), ids=lambda p: p.name)
def test_what_ships_has_no_errors(folder: Path) -> None:
    assert [one.zh for one in check_files(definition_files(folder)) if one.severity == "error"] == []


def test_the_warnings_of_what_ships_are_known() -> None:
    """Each is deserved: the law sets no limit there, or the drawing is as it is for the sake of its readers."""
    told = [(one.rule, one.element) for folder in shipped() for one in check_files(definition_files(folder))]

    assert sorted(told) == sorted([
        *(("wait-without-limit", name) for name in "T08-5 T12-02 T12-03 TD-6 TD-6R TD-7 T18-03 T20-06 T20-10 T20-13".split()),
        *(("no-gateway-join-fork", name) for name in ("Gateway_Lead", "GD-Unresolved", "IG13")),
        ("limit-without-timer", "p12.precheck_wd"),
        ("unbounded-loop", "TD-6"),
    ])  # fmt: skip


def test_every_finding_says_in_both_languages_where_and_what() -> None:
    for _, broken, _ in CASES.values():
        for one in check_files({"process.bpmn": broken}):
            assert one.rule in RULES
            assert one.severity in RULES[one.rule].severity
            assert one.element in one.zh and one.element in one.en
            assert re.search("[\u4e00-\u9fff]", one.zh) and not re.search(
                "[\u4e00-\u9fff]", one.en.replace(one.element, "")
            )


def test_a_broken_form_hides_nothing_else() -> None:
    files = definition_files(PROCESSES / "ln_art12_grant")
    files["forms/F12-I.json"] = b"{"
    files["process.bpmn"] = (
        files["process.bpmn"]
        .replace(b'name="T12-11"', b"")
        .replace(b'isExecutable="true"', b'isExecutable="false"')
    )

    told = {(one.rule, one.path) for one in check_files(files)}

    assert {("form", "forms/F12-I.json"), ("not-executable", "process.bpmn")} <= told


def test_the_readme_shows_the_table_of_the_rules() -> None:
    assert readme_table() in (PROCESSES / "README.md").read_text(encoding="utf-8")


def test_every_rule_that_the_code_names_is_in_the_table() -> None:
    sources = [
        *ENGINE.glob("*_checks.py"),
        *ENGINE.glob("workbench/*.py"),
        ENGINE / "bpmn/checks.py",
        ENGINE / "bpmn/reader.py",
        ENGINE / "definition_contents.py",
    ]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    named = set(re.findall(r'finding\(\s*"([a-z-]+)"', text)) | set(re.findall(r'rule="([a-z-]+)"', text))
    named |= set(re.findall(r'yield \(?\s*"([a-z]+(?:-[a-z]+)*)",\s*f?"[^"]*[\u4e00-\u9fff]', text))

    assert named <= RULES.keys()
    assert len(named) > 30


def test_lengths_that_services_read_by_name_are_known() -> None:
    read = {
        key
        for path in ENGINE.rglob("handlers/*.py")
        for key in re.findall(r'setting\("([^"]+)"', path.read_text(encoding="utf-8"))
    }
    lengths = {
        s.key for f in shipped() for s in _settings(f) if s.unit in ("working_day", "calendar_day", "month")
    }

    assert {key for key in read & lengths if not key.startswith("cal.")} == READ_BY_NAME


def _settings(folder: Path):  # type: ignore[no-untyped-def]
    contents, _ = read_contents(definition_files(folder))
    assert contents.process is not None
    return contents.process.settings.values()
