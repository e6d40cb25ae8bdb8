"""DMN decision tables (决策表): read, check, decide. Every cell is an expression of the subset; FEEL is not run.

Source: DMN 1.3, clause 8. Of FEEL's unary tests: `-`, a value, `< 5`, `[1..5]`, lists, `not(…)`, and `?` for
the input. Hit policies: UNIQUE, ANY, FIRST, COLLECT (also with SUM, MIN, MAX, COUNT).
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from engine.bpmn.xml import parse_xml
from engine.errors import Message, ModelFault
from engine.expressions import check, compile_expression

Functions = Mapping[str, Callable[..., object]]
_NAMESPACE = re.compile(r"https?://www\.omg\.org/spec/DMN/\d+/MODEL/?")
_POLICIES = ("UNIQUE", "ANY", "FIRST", "COLLECT")
_AGGREGATIONS: dict[str, Callable[[list[object]], object]] = {
    "SUM": lambda values: sum(v for v in values if isinstance(v, int | float)),
    "MIN": lambda values: min((v for v in values if isinstance(v, int | float)), default=None),
    "MAX": lambda values: max((v for v in values if isinstance(v, int | float)), default=None),
    "COUNT": len,
}
_INPUT = "input_value"
_WORDS = {"true": "True", "false": "False", "null": "None"}
_INTERVAL = re.compile(r"([\[\](])(.+?)\.\.(.+?)([\[\])])")
_ORDER = re.compile(r"(<=|>=|<|>)(.+)", re.DOTALL)
# A text in quotes, or a piece of anything else.
_PIECES = re.compile(r"\"[^\"]*\"|'[^']*'|[^\"']")
MAX_RULES = 1000


@dataclass(frozen=True)
class Rule:
    """One row: a test over `input_value` for each input, an expression for each output."""

    tests: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Decision:
    """One decision table."""

    id: str
    name: str
    policy: str
    aggregation: str | None
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rules: tuple[Rule, ...]

    def findings(self, names: Collection[str], functions: Collection[str]) -> Iterator[Message]:
        """Yield every cell that is outside the subset."""
        for text in self.inputs:
            yield from self._check("", text, names, functions)
        for number, rule in enumerate(self.rules, 1):
            for text in (*rule.tests, *rule.outputs):
                yield from self._check(f"第{number}行", text, {*names, _INPUT}, functions)

    def _check(
        self, where: str, text: str, names: Collection[str], functions: Collection[str]
    ) -> Iterator[Message]:
        for wrong in check(text, names, functions):
            yield Message(
                f"决策 {self.id} {where}：{wrong}（{text}）",
                f"decision {self.id}: outside the subset: {text}",
            )

    def decide(self, variables: Mapping[str, object], functions: Functions) -> tuple[object, list[int]]:
        """Return the result and the numbers of the rules that hit.

        Raises:
            ModelFault: several rules hit where only one may.
            ExpressionRefused: a cell cannot be evaluated.
        """
        given = [compile_expression(text).evaluate(variables, functions) for text in self.inputs]
        return self.decide_on(given, variables, functions)

    def decide_on(
        self, given: Sequence[object], variables: Mapping[str, object], functions: Functions
    ) -> tuple[object, list[int]]:
        """Return what `decide` returns, over the values of the inputs themselves, in the order of the table.

        Raises:
            ModelFault: several rules hit where only one may.
            ExpressionRefused: a cell cannot be evaluated.
        """
        hits = [
            number
            for number, rule in enumerate(self.rules, 1)
            if all(_holds(t, v, variables, functions) for t, v in zip(rule.tests, given, strict=True))
        ]
        if self.policy == "FIRST":
            hits = hits[:1]
        found = [self._output(self.rules[number - 1], variables, functions) for number in hits]
        if self.policy == "COLLECT":
            return (_AGGREGATIONS[self.aggregation](found) if self.aggregation else found), hits
        if len(hits) > 1 and (self.policy == "UNIQUE" or any(value != found[0] for value in found)):
            raise ModelFault(
                f"决策“{self.name or self.id}”同时命中第{'、'.join(map(str, hits))}行，请联系流程设计人员。",
                f"Expected one rule of {self.id} to hit, found {hits}.",
                kind="decision",
                subject=self.id,
            )
        return (found[0] if found else None), hits

    def _output(self, rule: Rule, variables: Mapping[str, object], functions: Functions) -> object:
        values = [compile_expression(text).evaluate(variables, functions) for text in rule.outputs]
        return values[0] if len(values) == 1 else dict(zip(self.outputs, values, strict=True))


def read_decisions(content: bytes) -> tuple[list[Decision], list[Message]]:
    """Return the decisions of a DMN file, and what is refused in it.

    Raises:
        InvalidDefinition: no well-formed XML, or not safe to read.
    """
    root = parse_xml(content)
    namespace = etree.QName(root).namespace or ""
    if not _NAMESPACE.fullmatch(namespace) or etree.QName(root).localname != "definitions":
        return [], [Message("根元素应为 DMN 的 definitions", "expected the root element definitions of DMN")]
    found: list[Decision] = []
    wrong: list[Message] = []
    for element in root.findall(f"{{{namespace}}}decision"):
        try:
            found.append(_decision(element, f"{{{namespace}}}"))
        except _Refused as refusal:
            name = element.get("id")
            wrong.append(
                Message(f"决策 {name}：{refusal.message.zh}", f"decision {name}: {refusal.message.en}")
            )
    return found, wrong


def as_test(text: str | None) -> str:
    """Return a unary test of FEEL as an expression over `input_value`."""
    text = (text or "").strip()
    if text in ("", "-"):
        return "True"
    parts = _split(text)
    if len(parts) > 1:
        return " or ".join(f"({as_test(part)})" for part in parts)
    if (negated := re.fullmatch(r"not\s*\((.*)\)", text, re.DOTALL)) is not None:
        return f"not ({as_test(negated[1])})"
    if (interval := _INTERVAL.fullmatch(text)) is not None:
        opens, low, high, closes = interval.groups()
        above, below = ">=" if opens == "[" else ">", "<=" if closes == "]" else "<"
        return f"{_INPUT} {above} ({low.strip()}) and {_INPUT} {below} ({high.strip()})"
    if (order := _ORDER.fullmatch(text)) is not None:
        return f"{_INPUT} {order[1]} ({order[2].strip()})"
    pieces = _PIECES.findall(text)
    if "?" in pieces:
        return "".join(_INPUT if piece == "?" else piece for piece in pieces)
    return f"{_INPUT} == ({_WORDS.get(text, text)})"


class _Refused(Exception):
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.message = Message(zh, en)


def _decision(element: etree._Element, ns: str) -> Decision:
    table = element.find(f"{ns}decisionTable")
    if table is None:
        raise _Refused("只支持决策表", "only decision tables are supported")
    if element.find(f"{ns}informationRequirement/{ns}requiredDecision") is not None:
        raise _Refused("不支持依赖其他决策", "a decision that requires another one is not supported")
    policy, aggregation = table.get("hitPolicy", "UNIQUE"), table.get("aggregation")
    if policy not in _POLICIES or (aggregation is not None and aggregation not in _AGGREGATIONS):
        raise _Refused(
            f"命中策略 {policy} 不受支持，可用 {'、'.join(_POLICIES)}",
            f"hit policy {policy} is not supported; use one of {', '.join(_POLICIES)}",
        )
    inputs = tuple(
        (e.findtext(f"{ns}inputExpression/{ns}text") or "").strip() for e in table.findall(f"{ns}input")
    )
    outputs = tuple(str(e.get("name") or e.get("id") or "") for e in table.findall(f"{ns}output"))
    rows = table.findall(f"{ns}rule")
    if not outputs or len(rows) > MAX_RULES or (aggregation is not None and len(outputs) > 1):
        raise _Refused("决策表的输出列或行数不符合要求", "the outputs or the number of rules do not fit")
    rules = tuple(Rule(tuple(map(as_test, _texts(r, ns, "inputEntry"))), _outputs(r, ns)) for r in rows)
    if any((len(r.tests), len(r.outputs)) != (len(inputs), len(outputs)) for r in rules):
        raise _Refused("每行须与列一一对应", "every rule needs one entry for each column")
    return Decision(
        element.get("id", ""), element.get("name", ""), policy, aggregation, inputs, outputs, rules
    )


def _texts(rule: etree._Element, ns: str, tag: str) -> list[str]:
    return [(entry.findtext(f"{ns}text") or "").strip() for entry in rule.findall(f"{ns}{tag}")]


def _outputs(rule: etree._Element, ns: str) -> tuple[str, ...]:
    return tuple(_WORDS.get(text, text) or "None" for text in _texts(rule, ns, "outputEntry"))


def _split(text: str) -> list[str]:
    """Split a list of tests at the commas that stand in no brackets and no text."""
    parts, depth = [""], 0
    for piece in _PIECES.findall(text):
        depth += (piece in "([") - (piece in ")]") if len(piece) == 1 else 0
        if piece == "," and depth <= 0:
            parts.append("")
        else:
            parts[-1] += piece
    return [part.strip() for part in parts]


def _holds(test: str, value: object, variables: Mapping[str, object], functions: Functions) -> bool:
    return bool(compile_expression(test).evaluate({**variables, _INPUT: value}, functions))
