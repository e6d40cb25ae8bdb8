"""Templates that designers write: run in a sandbox, and only for so long."""

from typing import Any, cast

from jinja2 import TemplateRuntimeError, nodes
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

MAX_TURNS = 20_000
MAX_RANGE = 1_000
MAX_TEXT = 100_000


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """A sandbox for one rendering, in which loops and macros take so many turns and no text grows by a factor.

    Without bounds a few nested loops would hold the process that prints a document for hours.
    """

    intercepted_binops = frozenset(("*", "**"))

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._left = MAX_TURNS
        self.globals["range"] = short_range

    def turn(self) -> None:
        """Count a turn of a loop, or the call of a macro.

        Raises:
            TemplateRuntimeError: that was one too many.
        """
        self._left -= 1
        if self._left < 0:
            raise TemplateRuntimeError(f"循环超过 {MAX_TURNS} 次 / more than {MAX_TURNS} turns")

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Multiply numbers that a document can have any use for."""
        for one, other in ((left, right), (right, left)):
            if isinstance(one, str | list | tuple) and isinstance(other, int) and len(one) * other > MAX_TEXT:
                raise TemplateRuntimeError(f"文字重复过多 / a text repeated beyond {MAX_TEXT} characters")
        if operator == "**" and isinstance(right, int | float) and abs(right) > 100:
            raise TemplateRuntimeError("乘方过大 / an exponent beyond 100")
        return super().call_binop(context, operator, left, right)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for node in tree.find_all((nodes.For, nodes.Macro, nodes.CallBlock)):
            counted = nodes.ExprStmt(nodes.Call(nodes.EnvironmentAttribute("turn"), [], [], None, None))
            counted.set_environment(self)
            cast(nodes.For, node).body.insert(0, counted.set_lineno(node.lineno, override=True))
        return tree


def short_range(*bounds: int) -> range:
    """Return a range of at most `MAX_RANGE` numbers.

    Raises:
        TemplateRuntimeError: it would have more.
    """
    found = range(*bounds)
    if len(found) > MAX_RANGE:
        raise TemplateRuntimeError(f"range 超过 {MAX_RANGE} 个数 / range has more than {MAX_RANGE} numbers")
    return found
