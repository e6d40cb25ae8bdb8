"""The expression subset (表达式) that models and forms may use: check it, compile it, evaluate it.

An expression is input from a designer. It is parsed, held against an allow-list, and walked by
`Expression.evaluate`; Python never runs it.

None rule: a name without a value is None, a subscript of None or of a missing key is None, an ordering
comparison with None is False, arithmetic with None is None, and nothing is `in` None.
"""

import ast
import math
import operator
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from engine.catalogue.credit_code import credit_code

MAX_LENGTH = 2000
MAX_DEPTH = 25
MAX_NODES = 300
MAX_NUMBER = 10**15
MAX_TEXT = 100_000

FUNCTIONS = frozenset(
    "now today day setting within working_days_between len min max contains subset overlaps meaningful"
    " days_between add_days due extension_left stretch actor_name government_of level_of managing_of"
    " superior_of department_name filled runs extended_due actor doing column distinct without credit_code"
    " rows_where document_no kind_of names_department case_seen".split()
)
"""Names every engine offers; `PURE_FUNCTIONS` holds those that need neither clock nor settings."""
UNDECLARED = "表达式使用了未声明的变量"


class ExpressionRefused(ValueError):
    """An expression outside the subset, or one that cannot be evaluated with the values it met."""

    def __init__(self, *findings: str) -> None:
        super().__init__("；".join(findings))
        self.findings = findings


_ARITHMETIC: dict[type[ast.operator], Callable[..., object]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_ORDERING: dict[type[ast.cmpop], Callable[..., object]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_COMPARISONS = (*_ORDERING, ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot)


@dataclass(frozen=True)
class Expression:
    """A checked expression; equal texts are one object.

    Attributes:
        names: The variables it reads.
        calls: The functions it calls.
    """

    text: str
    names: frozenset[str]
    calls: frozenset[str]
    _body: ast.expr = field(repr=False, compare=False)

    def evaluate(
        self, variables: Mapping[str, object], functions: Mapping[str, Callable[..., object]]
    ) -> object:
        """Return the value over `variables`.

        Raises:
            ExpressionRefused: a function is not offered, or an operator met values it does not take.
        """
        return _Walk(variables, functions).value(self._body)


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """Return the expression `text` stands for.

    Raises:
        ExpressionRefused: it is not within the subset; `findings` says all that is wrong.
    """
    body, findings = _parse(text)
    if body is None or findings:
        raise ExpressionRefused(*findings)
    called = {id(node.func) for node in ast.walk(body) if isinstance(node, ast.Call)}
    used = [node for node in ast.walk(body) if isinstance(node, ast.Name)]
    return Expression(
        text,
        names=frozenset(node.id for node in used if id(node) not in called),
        calls=frozenset(node.id for node in used if id(node) in called),
        _body=body,
    )


def check(expression: str, names: Collection[str], functions: Collection[str]) -> list[str]:
    """Return what is wrong with `expression`, as Chinese sentences; empty when nothing is.

    Args:
        names: The variables that are declared.
        functions: The functions that may be called.
    """
    try:
        compiled = compile_expression(expression)
    except ExpressionRefused as refused:
        return list(refused.findings)
    return [f"{UNDECLARED}“{name}”。" for name in sorted(compiled.names - set(names))] + [
        f"表达式调用了未开放的函数“{name}”。" for name in sorted(compiled.calls - set(functions))
    ]


@lru_cache(maxsize=4096)
def first_arguments(expression: str, functions: frozenset[str]) -> frozenset[str]:
    """Return the texts that an expression passes first to one of the functions; of a faulty one, none."""
    body, findings = _parse(expression)
    if body is None or findings:
        return frozenset()
    return frozenset(
        node.args[0].value
        for node in ast.walk(body)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions
        if node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    )


@lru_cache(maxsize=4096)
def constants(expression: str) -> frozenset[str]:
    """Return the texts that an expression may have as its value, as far as they are written in it."""
    body, findings = _parse(expression)
    ahead, found = ([body] if body is not None and not findings else []), set()
    while ahead:
        match ahead.pop():
            case ast.Constant(value=str() as text):
                found.add(text)
            case ast.IfExp(body=yes, orelse=no):
                ahead += [yes, no]
            case ast.BoolOp(values=values):
                ahead += values
    return frozenset(found)


def _parse(text: str) -> tuple[ast.expr | None, list[str]]:
    if not isinstance(text, str) or not text.strip():
        return None, ["表达式为空。"]
    if len(text) > MAX_LENGTH:
        return None, [f"表达式超过 {MAX_LENGTH} 个字符。"]
    if "\\" in text:
        return None, ["表达式中不得使用反斜杠。"]
    try:
        body = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None, ["表达式有语法错误，无法解析。"]
    count = 0
    for _, depth in _nodes(body):
        count += 1
        if depth > MAX_DEPTH:
            return None, [f"表达式嵌套超过 {MAX_DEPTH} 层。"]
        if count > MAX_NODES:
            return None, [f"表达式超过 {MAX_NODES} 个节点。"]
    found = [finding for node, _ in _nodes(body) if (finding := _finding(node))]
    return body, list(dict.fromkeys(found))


def _nodes(body: ast.expr) -> Iterator[tuple[ast.AST, int]]:
    # A stack of our own: the bound on depth must hold before anything recurses.
    stack: list[tuple[ast.AST, int]] = [(body, 1)]
    while stack:
        node, depth = stack.pop()
        if isinstance(node, ast.operator | ast.cmpop | ast.boolop | ast.unaryop | ast.expr_context):
            continue
        yield node, depth
        stack.extend((child, depth + 1) for child in ast.iter_child_nodes(node))


def _finding(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=value):
            return _constant_finding(value)
        case ast.Name(id=name):
            return f"名称“{name}”不得以下划线开头。" if name.startswith("_") else None
        case ast.Subscript(slice=key):
            constant = key.operand if isinstance(key, ast.UnaryOp) else key
            plain = isinstance(constant, ast.Constant) and type(constant.value) in (str, int)
            return None if plain else "下标只能是常量文本或整数。"
        case ast.Compare(left=left, ops=ops, comparators=others):
            if not all(isinstance(op, _COMPARISONS) for op in ops):
                return "不支持的比较运算。"
            sides = [left, *others]
            for at, op in enumerate(ops):
                if isinstance(op, ast.Is | ast.IsNot) and not (
                    _is_none(sides[at]) or _is_none(sides[at + 1])
                ):
                    return "is 和 is not 只能与 None 比较。"
            return None
        case ast.BinOp(op=op):
            return None if type(op) in _ARITHMETIC else f"不支持的运算“{type(op).__name__}”。"
        case ast.UnaryOp(op=op):
            return None if isinstance(op, ast.Not | ast.USub | ast.UAdd) else "不支持的一元运算。"
        case ast.Call(func=func, args=args, keywords=keywords):
            if not isinstance(func, ast.Name):
                return "只能按名称调用函数。"
            plain = not keywords and not any(isinstance(arg, ast.Starred) for arg in args)
            return None if plain else "函数只接受按位置给出的参数。"
        case ast.BoolOp() | ast.IfExp() | ast.List() | ast.Tuple():
            return None
        case _:
            return f"表达式中不允许使用“{type(node).__name__}”。"


def _constant_finding(value: object) -> str | None:
    if value is None or isinstance(value, bool | str):
        return None
    if isinstance(value, int | float):
        return None if _bounded(value) else "数字过大。"
    return f"不支持的常量类型“{type(value).__name__}”。"


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _bounded(value: int | float) -> bool:
    return abs(value) <= MAX_NUMBER if isinstance(value, int) else math.isfinite(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True)
class _Walk:
    variables: Mapping[str, object]
    functions: Mapping[str, Callable[..., object]]

    def value(self, node: ast.expr) -> object:
        match node:
            case ast.Constant(value=constant):
                return constant
            case ast.Name(id=name):
                return self.variables.get(name)
            case ast.Subscript(value=container, slice=key):
                return _item(self.value(container), self.value(key))
            case ast.BoolOp(op=op, values=values):
                return self._logic(isinstance(op, ast.And), values)
            case ast.UnaryOp(op=unary, operand=operand):
                return _unary(unary, self.value(operand))
            case ast.BinOp(left=left, op=binary, right=right):
                return _arithmetic(binary, self.value(left), self.value(right))
            case ast.Compare():
                return self._compare(node)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.value(body if self.value(test) else orelse)
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return [self.value(item) for item in items]
            case ast.Call(func=ast.Name(id=name), args=args):
                return self._call(name, [self.value(arg) for arg in args])
        raise ExpressionRefused(f"表达式中不允许使用“{type(node).__name__}”。")

    def _logic(self, all_of: bool, nodes: Sequence[ast.expr]) -> object:
        result: object = None
        for node in nodes:
            result = self.value(node)
            if bool(result) is not all_of:
                break
        return result

    def _compare(self, node: ast.Compare) -> bool:
        left = self.value(node.left)
        for op, other in zip(node.ops, node.comparators, strict=True):
            right = self.value(other)
            if not _holds(op, left, right):
                return False
            left = right
        return True

    def _call(self, name: str, args: list[object]) -> object:
        function = self.functions.get(name)
        if function is None:
            raise ExpressionRefused(f"表达式调用了未开放的函数“{name}”。")
        try:
            return function(*args)
        except ExpressionRefused:
            raise
        except (TypeError, ValueError, LookupError, OverflowError) as error:
            raise ExpressionRefused(f"函数“{name}”的参数不符合要求。") from error


def _item(container: object, key: object) -> object:
    if container is None:
        return None
    if isinstance(container, Mapping):
        return container.get(key)
    if isinstance(container, list | tuple) and isinstance(key, int):
        return container[key] if -len(container) <= key < len(container) else None
    raise ExpressionRefused("下标只能用于映射或列表。")


def _unary(op: ast.unaryop, value: object) -> object:
    if isinstance(op, ast.Not):
        return not value
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return -value if isinstance(op, ast.USub) else value
    raise ExpressionRefused("正负号只能用于数字。")


def _arithmetic(op: ast.operator, left: object, right: object) -> object:
    if left is None or right is None:
        return None
    if isinstance(op, ast.Add) and isinstance(left, str) and isinstance(right, str):
        if len(left) + len(right) > MAX_TEXT:
            raise ExpressionRefused("文本过长。")
        return left + right
    if not (_is_number(left) and _is_number(right)):
        raise ExpressionRefused("算术运算只能用于数字。")
    try:
        result = _ARITHMETIC[type(op)](left, right)
    except (ZeroDivisionError, OverflowError) as error:
        raise ExpressionRefused("除数为零或结果过大。") from error
    if not (isinstance(result, int | float) and _bounded(result)):
        raise ExpressionRefused("数字过大。")
    return result


def _holds(op: ast.cmpop, left: object, right: object) -> bool:
    match op:
        case ast.Is():
            return left is right
        case ast.IsNot():
            return left is not right
        case ast.Eq():
            return left == right
        case ast.NotEq():
            return left != right
        case ast.In():
            return _among(left, right)
        case ast.NotIn():
            return not _among(left, right)
    if left is None or right is None:
        return False
    if not (_is_number(left) and _is_number(right)) and not (
        isinstance(left, str) and isinstance(right, str)
    ):
        raise ExpressionRefused("只能比较两个数字或两段文本的大小。")
    return bool(_ORDERING[type(op)](left, right))


def _among(item: object, container: object) -> bool:
    if container is None:
        return False
    if isinstance(container, str):
        return isinstance(item, str) and item in container
    if isinstance(container, list | tuple | set | frozenset | Mapping):
        return item in list(container)
    raise ExpressionRefused("in 的右边应为列表、映射或文本。")


# The functions that need neither clock nor settings.

_SHANGHAI = ZoneInfo("Asia/Shanghai")


def meaningful(text: object) -> bool:
    """Say whether `text` can be a reason: it has letters, and more than one repeated character."""
    letters = [char for char in str(text or "") if char.isalpha()]
    return len(set(letters)) > 1


def day(moment: object) -> str | None:
    """Return the civil date in Asia/Shanghai of an RFC 3339 instant or of an ISO date."""
    if moment is None:
        return None
    try:
        if not isinstance(moment, str):
            raise ValueError
        if len(moment) == 10:
            return date.fromisoformat(moment).isoformat()
        instant = datetime.fromisoformat(moment)
        if instant.tzinfo is None:
            raise ValueError
        return instant.astimezone(_SHANGHAI).date().isoformat()
    except ValueError as error:
        raise ExpressionRefused(f"应为日期或时刻，实为“{moment}”。") from error


def days_between(start: object, end: object) -> int | None:
    """Return the calendar days from `start` to `end`, negative when `end` comes first."""
    first, last = day(start), day(end)
    if first is None or last is None:
        return None
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def add_days(start: object, days: object) -> str | None:
    """Return the civil date `days` calendar days after `start`."""
    first = day(start)
    if first is None or days is None:
        return None
    if not isinstance(days, int) or isinstance(days, bool) or abs(days) > 100_000:
        raise ExpressionRefused("天数应为整数。")
    try:
        return (date.fromisoformat(first) + timedelta(days=days)).isoformat()
    except OverflowError as error:
        raise ExpressionRefused("日期超出范围。") from error


def rows_where(rows: object, key: object, value: object) -> list[object]:
    """Return the rows of a table whose cell has a value."""
    return [row for row in _rows(rows) if row.get(key) == value]


def _rows(value: object) -> list[Mapping[object, object]]:
    return [row for row in _list(value) if isinstance(row, Mapping)]


def _list(value: object) -> list[object]:
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return list(value)
    raise ExpressionRefused("应为列表。")


def _length(value: object) -> int:
    return len(value) if isinstance(value, str | Mapping) else len(_list(value))


def filled(*pairs: object) -> dict[str, object]:
    """Return a form's values from names and values in turn; what has none is left out."""
    if len(pairs) % 2 or not all(isinstance(name, str) for name in pairs[::2]):
        raise ExpressionRefused("应为成对的名称与取值。")
    return {
        str(name): value for name, value in zip(pairs[::2], pairs[1::2], strict=True) if value is not None
    }


def column(rows: object, key: object) -> list[object]:
    """Return what the rows of a table, or the answers to sub-forms, have under a key; those that have nothing not."""
    found = [row.get(key) if isinstance(row, Mapping) else None for row in _list(rows)]
    return [value for value in found if value not in (None, "")]


def distinct(values: object) -> list[object]:
    """Return the values, each once, in the order of their first appearance."""
    found: list[object] = []
    found.extend(value for value in _list(values) if value not in found)
    return found


PURE_FUNCTIONS: Mapping[str, Callable[..., object]] = MappingProxyType(
    {
        "len": _length,
        "filled": filled,
        "min": min,
        "max": max,
        "contains": lambda items, item: item in _list(items),
        "subset": lambda part, whole: all(item in _list(whole) for item in _list(part)),
        "overlaps": lambda one, other: any(item in _list(other) for item in _list(one)),
        "meaningful": meaningful,
        "day": day,
        "days_between": days_between,
        "add_days": add_days,
        "column": column,
        "distinct": distinct,
        "without": lambda values, value: [x for x in _list(values) if x != value],
        "credit_code": credit_code,
        "rows_where": rows_where,
    }
)
