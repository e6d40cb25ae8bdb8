"""What is wrong with an expression in a model, with the rule it breaks."""

from collections.abc import Collection, Iterator

from engine.expressions import FUNCTIONS, UNDECLARED, check

Told = tuple[str, str, str]  # rule, Chinese, English


def expression_findings(text: str, names: Collection[str]) -> Iterator[Told]:
    """Yield why an expression is outside the subset, or which variable it uses that is not declared."""
    for wrong in check(text, names, FUNCTIONS):
        rule = "undeclared-variable" if wrong.startswith(UNDECLARED) else "expression"
        yield rule, f"{wrong}（{text}）", f"expression outside the subset: {text}"
