"""Decision tables compared cell by cell."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from lxml import etree

from engine.bpmn.xml import parse_xml
from engine.errors import InvalidDefinition, Message
from engine.workbench.compare_types import Difference
from engine.workbench.compare_values import NONE, short


@dataclass(frozen=True)
class Table:
    """A decision table as it is written; a rule is its cells, inputs before outputs, and its note."""

    id: str
    name: str
    policy: str
    columns: tuple[tuple[str, str], ...]  # label, what it reads or writes
    inputs: int
    rules: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    rule_ids: tuple[str, ...]


def read_tables(content: bytes) -> dict[str, Table] | None:
    """Return the tables of a DMN file by id, None where it is no XML."""
    try:
        root = parse_xml(content)
    except InvalidDefinition:
        return None
    found: dict[str, Table] = {}
    for decision in root.iter("{*}decision"):
        table = decision.find("{*}decisionTable")
        if table is not None:
            read = _read(decision, table)
            found.setdefault(read.id, read)
    return found


def _read(decision: etree._Element, table: etree._Element) -> Table:
    inputs = [
        (
            e.get("label") or e.findtext("{*}inputExpression/{*}text", ""),
            e.findtext("{*}inputExpression/{*}text", ""),
        )
        for e in table.findall("{*}input")
    ]
    outputs = [
        (e.get("label") or e.get("name") or "", e.get("name") or "") for e in table.findall("{*}output")
    ]
    rules = table.findall("{*}rule")
    return Table(
        id=decision.get("id", ""),
        name=decision.get("name", ""),
        policy=f"{table.get('hitPolicy') or 'UNIQUE'} {table.get('aggregation') or ''}".strip(),
        columns=(*inputs, *outputs),
        inputs=len(inputs),
        rules=tuple(
            tuple(
                " ".join((e.findtext("{*}text") or "").split())
                for e in (*rule.findall("{*}inputEntry"), *rule.findall("{*}outputEntry"))
            )
            for rule in rules
        ),
        notes=tuple(
            " ".join(
                (rule.findtext("{*}description") or rule.findtext("{*}annotationEntry/{*}text") or "").split()
            )
            for rule in rules
        ),
        rule_ids=tuple(rule.get("id", "") for rule in rules),
    )


def table_differences(
    path: str, old: dict[str, Table], new: dict[str, Table], users: dict[str, tuple[str, ...]]
) -> Iterator[Difference]:
    """Yield what differs between two versions of a file of decision tables.

    Args:
        users: Elements that ask a table, by its id.
    """
    for key in dict.fromkeys((*old, *new)):
        one, other = old.get(key), new.get(key)
        shown = users.get(key, ())
        if one is None or other is None:
            yield _whole(path, one, other, shown)
            continue
        name = other.name or key
        for kind, text, weight in _table(one, other):
            told = Message(f"决策表“{name}”：{text.zh}", f"Decision “{name}”: {text.en}")
            yield Difference("decisions", kind, told, key, shown, shown, weight, path=path)


def _whole(path: str, one: Table | None, other: Table | None, shown: tuple[str, ...]) -> Difference:
    table = other or one
    name, number = (table.name or table.id, len(table.rules)) if table else ("", 0)
    kind, zh, en = ("removed", "删除", "Removed") if other is None else ("added", "新增", "Added")
    text = Message(f"{zh}决策表“{name}”，{number} 条规则", f"{en} decision “{name}” with {number} rules")
    before, after = (shown, ()) if kind == "removed" else ((), shown)
    return Difference("decisions", kind, text, table.id if table else "", before, after, 26, path=path)


Said = tuple[str, Message, int]


def _table(one: Table, other: Table) -> Iterator[Said]:
    if one.name != other.name:
        yield "changed", Message(f"改名，原为“{one.name}”", f"renamed, was “{one.name}”"), 45
    if one.policy != other.policy:
        text = f"{one.policy} → {other.policy}"
        yield "changed", Message(f"命中策略：{text}", f"hit policy: {text}"), 30
    yield from _columns(one, other)
    yield from _rules(one, other)


def _columns(one: Table, other: Table) -> Iterator[Said]:
    for zh, en, old, new in (
        ("输入", "input", one.columns[: one.inputs], other.columns[: other.inputs]),
        ("输出", "output", one.columns[one.inputs :], other.columns[other.inputs :]),
    ):
        for (label, text), (new_label, new_text) in zip(old, new, strict=False):
            if label != new_label:
                told = Message(f"{zh}“{label}”改名为“{new_label}”", f"{en} “{label}” is now “{new_label}”")
                yield "changed", told, 45
            if text != new_text and (label == new_label or label != text):
                told = Message(
                    f"{zh}“{new_label}”：{text} → {new_text}", f"{en} “{new_label}”: {text} → {new_text}"
                )
                yield "changed", told, 32
        for label, _ in old[len(new) :]:
            yield "removed", Message(f"删除{zh}“{label}”", f"removed {en} “{label}”"), 30
        for label, _ in new[len(old) :]:
            yield "added", Message(f"新增{zh}“{label}”", f"added {en} “{label}”"), 30


def _rules(one: Table, other: Table) -> Iterator[Said]:
    same = _same_rules(one, other)
    met = set(same.values())
    for i in range(len(one.rules)):
        if i not in same:
            told = _rule(one, i)
            yield "removed", Message(f"删除第 {i + 1} 条规则：{told}", f"removed rule {i + 1}: {told}"), 31
    for j in range(len(other.rules)):
        if j not in met:
            told = _rule(other, j)
            yield "added", Message(f"新增第 {j + 1} 条规则：{told}", f"added rule {j + 1}: {told}"), 31
    for i, j in same.items():
        yield from _cells(one, other, i, j)
    if list(same.values()) != sorted(same.values()):
        yield "changed", Message("规则调整次序", "rules in another order"), 46


def _same_rules(one: Table, other: Table) -> dict[int, int]:
    """Return which rule is which: by id, by content, then the ones between them in order."""
    there = {each: j for j, each in enumerate(other.rule_ids) if each}
    found = {i: there[each] for i, each in enumerate(one.rule_ids) if each in there}
    if found:
        return found
    for tag, a, b, c, d in SequenceMatcher(None, one.rules, other.rules, autojunk=False).get_opcodes():
        if tag in ("equal", "replace"):
            found |= dict(zip(range(a, b), range(c, d), strict=False))
    return found


def _cells(one: Table, other: Table, i: int, j: int) -> Iterator[Said]:
    old, new = _by_column(one, i), _by_column(other, j)
    for column, now in new.items():
        was = old.get(column)
        if was is not None and was != now:
            which = Message("输入", "input") if column[0] else Message("输出", "output")
            label = other.columns[column[1] + (0 if column[0] else other.inputs)][0]
            change = f"{was or NONE.zh} → {now or NONE.zh}"
            yield (
                "changed",
                Message(
                    f"第 {j + 1} 条规则的{which.zh}“{label}”：{change}",
                    f"rule {j + 1}, {which.en} “{label}”: {change}",
                ),
                32,
            )
    if one.notes[i] != other.notes[j]:
        change = f"{one.notes[i] or NONE.zh} → {other.notes[j] or NONE.zh}"
        yield "changed", Message(f"第 {j + 1} 条规则的备注：{change}", f"rule {j + 1}, note: {change}"), 47


def _by_column(table: Table, rule: int) -> dict[tuple[bool, int], str]:
    return {
        (n < table.inputs, n if n < table.inputs else n - table.inputs): cell
        for n, cell in enumerate(table.rules[rule][: len(table.columns)])
    }


def _rule(table: Table, rule: int) -> str:
    return short(" | ".join(table.rules[rule]))
