"""A decision table as the engine reads it, and tried with values somebody types: pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from engine.bpmn import parse_xml
from engine.clock import Clock, instant_text
from engine.decisions import Decision, as_test, read_decisions
from engine.errors import InvalidInput, Message, ModelFault
from engine.expressions import FUNCTIONS, PURE_FUNCTIONS, ExpressionRefused, check, compile_expression
from engine.periods import beijing_day
from engine.workbench.outline import Outline

_INPUT = re.compile(r"\binput_value\b")


@dataclass(frozen=True)
class Row:
    """A rule: its cells as they stand, and as the engine reads them; what is wrong in it."""

    number: int
    cells: tuple[str, ...]
    read: tuple[str, ...]
    note: str
    wrong: tuple[Message, ...]


@dataclass(frozen=True)
class Table:
    """One decision as the engine reads it; `decision` is None where it cannot be carried out.

    Attributes:
        inputs: Label and expression.
        outputs: Label and name.
    """

    id: str
    name: str
    policy: str
    aggregation: str
    inputs: tuple[tuple[str, str], ...]
    outputs: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    wrong: tuple[Message, ...]
    decision: Decision | None


def tables(content: bytes, drawn: Outline) -> list[Table]:
    """Return the decision tables of a DMN file.

    Raises:
        InvalidDefinition: no well-formed XML, or not safe to read.
    """
    root = parse_xml(content)
    ns = f"{{{etree.QName(root).namespace or ''}}}"
    found, refused = read_decisions(content)
    by_id = {decision.id: decision for decision in found}
    return [
        _table(e, ns, by_id.get(e.get("id", "")), refused, drawn)
        for e in root.findall(f"{ns}decision")
        if e.find(f"{ns}decisionTable") is not None
    ]


def refusals(content: bytes) -> list[Message]:
    """Return what of a DMN file the engine refuses as a whole, decision by decision.

    Raises:
        InvalidDefinition: no well-formed XML, or not safe to read.
    """
    return read_decisions(content)[1]


def _table(
    element: etree._Element, ns: str, decision: Decision | None, refused: Sequence[Message], drawn: Outline
) -> Table:
    table = element.find(f"{ns}decisionTable")
    inputs = tuple(
        (e.get("label") or text, text)
        for e in table.findall(f"{ns}input")
        for text in [(e.findtext(f"{ns}inputExpression/{ns}text") or "").strip()]
    )
    outputs = tuple(
        (e.get("label") or e.get("name") or "", e.get("name") or "") for e in table.findall(f"{ns}output")
    )
    labels = [label for label, _ in inputs]
    names = drawn.variables.keys()
    rows = tuple(_row(n, e, ns, labels, set(names)) for n, e in enumerate(table.findall(f"{ns}rule"), 1))
    about = f"决策 {element.get('id')}："
    wrong = [m for m in refused if m.zh.startswith(about)]
    wrong += [
        Message(f"{label}：{found}", f"{label}: {text}")
        for label, text in inputs
        for found in check(text, names, FUNCTIONS)
    ]
    return Table(
        element.get("id", ""),
        element.get("name", ""),
        table.get("hitPolicy", "UNIQUE"),
        table.get("aggregation", ""),
        inputs,
        outputs,
        rows,
        tuple(wrong),
        decision,
    )


def _row(number: int, rule: etree._Element, ns: str, labels: Sequence[str], names: set[str]) -> Row:
    def texts(tag: str) -> list[str]:
        return [(e.findtext(f"{ns}text") or "").strip() for e in rule.findall(f"{ns}{tag}")]

    tests, results = texts("inputEntry"), texts("outputEntry")
    read = [as_test(text) for text in tests]
    wrong = [
        Message(f"第{number}行：{found}（{text}）", f"row {number}: outside the subset: {text}")
        for text in (*read, *(r or "None" for r in results))
        for found in check(text, {*names, "input_value"}, FUNCTIONS)
    ]
    said = [_INPUT.sub(_subject(labels, n), text) if text != "True" else "" for n, text in enumerate(read)]
    return Row(
        number,
        (*tests, *results),
        (*said, *results),
        (rule.findtext(f"{ns}description") or "").strip(),
        tuple(wrong),
    )


def _subject(labels: Sequence[str], number: int) -> str:
    # A label may hold what a replacement would take for a reference to a group.
    label = labels[number] if number < len(labels) else ""
    return f"〔{label}〕".replace("\\", "\\\\")


@dataclass(frozen=True)
class Outcome:
    """Which rules hit, and the result; or why there is none."""

    hits: tuple[int, ...] = ()
    result: object = None
    wrong: Message | None = None


def try_out(table: Table, typed: Sequence[str], drawn: Outline, clock: Clock) -> Outcome:
    """Decide over typed values: numbers, texts, lists; what is no literal is taken as a text."""
    if table.decision is None:
        return Outcome(
            wrong=Message("该决策表不能执行，请先改正所列问题。", "The table cannot be carried out.")
        )
    if len(typed) != len(table.inputs):
        raise InvalidInput("每个输入须有一个值。", "Expected one value for each input.")
    functions: dict[str, Any] = {
        **PURE_FUNCTIONS,
        "now": lambda: instant_text(clock.now()),
        "today": lambda: beijing_day(clock.now()).isoformat(),
        "setting": lambda key: drawn.settings[key].typed if key in drawn.settings else None,
    }
    blank: Mapping[str, object] = dict.fromkeys(drawn.variables)
    try:
        result, hits = table.decision.decide_on([literal(text) for text in typed], blank, functions)
    except ModelFault as fault:
        return Outcome(wrong=Message(fault.zh, fault.en))
    except ExpressionRefused as refusal:
        return Outcome(
            wrong=Message(f"无法计算：{refusal}", f"This cannot be evaluated over these values: {refusal}")
        )
    return Outcome(tuple(hits), result)


def literal(text: str) -> object:
    """Return what was typed as a value: `5`, `true`, `'公开'`, `['1', '2']`; anything else is a text as it stands."""
    text = text.strip()
    if text in ("", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    try:
        found = compile_expression(text)
        return text if found.names or found.calls else found.evaluate({}, {})
    except ExpressionRefused:
        return text
