"""What a form shows before anybody typed: initial values, and the text of what the server fills."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.expressions import ExpressionRefused, compile_expression
from engine.forms import Form, describe
from engine.handlers.sources import Options

Functions = Mapping[str, Callable[..., object]]


def initial_values(form: Form, variables: Mapping[str, Any], functions: Functions) -> dict[str, Any]:
    """Return what the fields start with (`shixian.initial`); what cannot be worked out stays empty."""
    found = {c.key: _value(c.initial, variables, functions) for c in form.fields if c.initial is not None}
    return {key: value for key, value in found.items() if value not in (None, "", [])}


def fixed_texts(
    form: Form, variables: Mapping[str, Any], functions: Functions, sources: Callable[[str], Options]
) -> dict[str, str]:
    """Return the present values of the fields that the server fills (`shixian.fixed`), in words."""
    fixed = [c for c in form.fields if c.fixed is not None]
    values = {c.key: _value(c.fixed or "", variables, functions) for c in fixed}
    labels = {c.label: c.key for c in fixed}
    return {labels[label]: text for label, text in describe(form, values, sources) if label in labels}


def _value(expression: str, variables: Mapping[str, Any], functions: Functions) -> Any:
    try:
        return compile_expression(expression).evaluate({"case": dict(variables)}, functions)
    except ExpressionRefused:
        return None  # only a help: what counts is worked out when the form is handed in
