"""DMN decision tables, evaluated with the expression subset."""

from typing import Any

import pytest

from engine import commands as c
from engine.decisions import as_test, read_decisions
from engine.demo.cases import Desk
from engine.errors import InvalidDefinition, WrongState
from engine.expressions import FUNCTIONS, PURE_FUNCTIONS, compile_expression
from tests.processes.office import case, trail
from tests.processes.small_models import model, nodes
from tests.processes.test_messages import start

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def table(rules: list[tuple[str, ...]], policy: str = 'hitPolicy="UNIQUE"', outputs: int = 1) -> bytes:
    """Return a table over `level` and `days` with so many outputs."""
    columns = "".join(
        f"<input><inputExpression><text>{name}</text></inputExpression></input>" for name in ("level", "days")
    )
    columns += "".join(f'<output name="out{i}"/>' for i in range(outputs))
    rows = ""
    for rule in rules:
        cells = [f"<inputEntry><text><![CDATA[{text}]]></text></inputEntry>" for text in rule[:2]]
        cells += [f"<outputEntry><text><![CDATA[{text}]]></text></outputEntry>" for text in rule[2:]]
        rows += f"<rule>{''.join(cells)}</rule>"
    return (
        f'<definitions xmlns="{NAMESPACE}" id="d" name="d" namespace="urn:x"><decision id="D" name="判定">'
        f"<decisionTable {policy}>{columns}{rows}</decisionTable></decision></definitions>"
    ).encode()


def decide(content: bytes, **variables: Any) -> Any:
    [decision], wrong = read_decisions(content)
    assert wrong == []
    assert list(decision.findings(variables, FUNCTIONS)) == []
    return decision.decide(variables, PURE_FUNCTIONS)[0]


@pytest.mark.parametrize(
    ("test", "yes", "no"),
    [
        ("-", 1, None),
        ('"a"', "a", "b"),
        ('"a","b,c"', "b,c", "b"),
        ('not("a","b")', "c", "a"),
        ("5", 5, 6),
        ("> 5", 6, 5),
        ("<= 5", 5, 6),
        ("[1..5]", 5, 0),
        ("[1..5[", 1, 5),
        ("]1..5]", 5, 1),
        ("(1..5)", 2, 5),
        ("[1..3],[7..9]", 8, 5),
        ("true", True, False),
        ("null", None, 1),
        ("? in ['x', 'y']", "x", "z"),
        ("contains(?, 'x')", ["x"], ["y"]),
    ],
)
def test_unary_tests(test: str, yes: Any, no: Any) -> None:
    expression = compile_expression(as_test(test))

    assert expression.evaluate({"input_value": yes}, PURE_FUNCTIONS)
    if test != "-":
        assert not expression.evaluate({"input_value": no}, PURE_FUNCTIONS)


ROWS: list[tuple[str, ...]] = [('"省"', "> 5", "1"), ('"省","市"', "-", "2"), ("-", "[0..3]", "3")]


@pytest.mark.parametrize(
    ("policy", "given", "expected"),
    [
        ('hitPolicy="UNIQUE"', ("市", 4), 2),
        ('hitPolicy="UNIQUE"', ("县", 9), None),
        ('hitPolicy="FIRST"', ("省", 6), 1),
        ('hitPolicy="COLLECT"', ("市", 2), [2, 3]),
        ('hitPolicy="COLLECT"', ("县", 9), []),
        ('hitPolicy="COLLECT" aggregation="SUM"', ("省", 6), 3),
        ('hitPolicy="COLLECT" aggregation="COUNT"', ("市", 2), 2),
        ('hitPolicy="COLLECT" aggregation="MIN"', ("市", 2), 2),
        ('hitPolicy="COLLECT" aggregation="MAX"', ("市", 2), 3),
    ],
)
def test_hit_policies(policy: str, given: tuple[str, int], expected: Any) -> None:
    assert decide(table(ROWS, policy), level=given[0], days=given[1]) == expected


def test_unique_refuses_two_hits_and_any_two_answers() -> None:
    with pytest.raises(WrongState, match="同时命中第1、2行"):
        decide(table(ROWS), level="省", days=6)
    with pytest.raises(WrongState):
        decide(table(ROWS, 'hitPolicy="ANY"'), level="省", days=6)
    assert decide(table([("-", "-", "7"), ("-", "> 1", "7")], 'hitPolicy="ANY"'), level="省", days=6) == 7


def test_several_outputs_make_a_map() -> None:
    assert decide(table([("-", "-", "'x'", "days + 1")], outputs=2), level="", days=1) == {
        "out0": "x",
        "out1": 2,
    }


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (table(ROWS, 'hitPolicy="PRIORITY"'), "决策 D：命中策略 PRIORITY 不受支持"),
        (table([("-", "-", "__import__('os')")]), "决策 D 第1行"),
        (table([("open('x')", "-", "1")]), "决策 D 第1行"),
        (table([("-", "-", "unknown")]), "未声明的变量"),
        (table([("-", "1")]), "每行须与列一一对应"),
        (b'<definitions xmlns="urn:other"/>', "根元素应为 DMN"),
        (f'<definitions xmlns="{NAMESPACE}"><decision id="D"><literalExpression/></decision></definitions>'.encode(), "只支持决策表"),
    ],
)  # fmt: skip
def test_what_is_not_supported_is_refused_when_it_is_deployed(
    desk: Desk, content: bytes, reason: str
) -> None:
    with pytest.raises(InvalidDefinition, match=reason):
        desk.engine.handle(c.DeployDefinition(actor=None, files=files(content)))


def files(content: bytes) -> dict[str, bytes]:
    task = (
        '<businessRuleTask id="Rule"><extensionElements><shixian:decision id="D" variable="answer"/>'
        "</extensionElements></businessRuleTask>"
    )
    first = (
        '<userTask id="A"><extensionElements><shixian:assign variable="level" expression="\'市\'"/>'
        '<shixian:assign variable="days" expression="4"/></extensionElements></userTask>'
    )
    body = nodes("startEvent:S userTask:B endEvent:E exclusiveGateway:X").replace(
        'id="X"', 'id="X" default="X_E"'
    )
    xml = model(
        body + first + task, "S>A A>Rule Rule>X X>B[answer == 2] X>E B>E", variables="level days answer"
    )
    return {"process.bpmn": xml, "decisions/d.dmn": content}


def test_a_business_rule_task_decides_where_the_case_goes(desk: Desk) -> None:
    desk.engine.handle(c.DeployDefinition(actor=None, files=files(table(ROWS))))
    key = start(desk, "small")

    desk.do(key, "A", {})

    assert case(desk, key).variables["answer"] == 2
    assert "DecisionMade" in trail(desk, key)
    desk.do(key, "B", {})


def test_a_task_without_its_table_is_refused(desk: Desk) -> None:
    only = {"process.bpmn": files(b"")["process.bpmn"]}
    with pytest.raises(InvalidDefinition, match="Rule：找不到决策表"):
        desk.engine.handle(c.DeployDefinition(actor=None, files=only))
