"""What the parser refuses is said in Chinese and at the element."""

from engine.workbench.findings import check_files

_MODEL = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:shixian="urn:shixian:bpmn:1"
 targetNamespace="urn:x"><process id="p" name="试" isExecutable="true">
<startEvent id="S"/><userTask id="T" name="办理"/><endEvent id="E1"/><endEvent id="E2"/>
<sequenceFlow id="F1" sourceRef="S" targetRef="T"/><sequenceFlow id="F2" sourceRef="T" targetRef="E1"/>
<sequenceFlow id="F3" sourceRef="T" targetRef="E2"/></process></definitions>"""


def test_two_flows_that_leave_a_task_are_told_at_the_task_and_in_chinese() -> None:
    found = [f for f in check_files({"process.bpmn": _MODEL.encode()}) if f.rule == "not-executable"]

    assert [f.element for f in found] == ["T"]
    assert "多条连线离开" in found[0].zh and "supported" not in found[0].zh
