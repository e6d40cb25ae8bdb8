"""The one validator: all errors at once, or clean values."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from engine.errors import InvalidForm, Message
from engine.expressions import ExpressionRefused, compile_expression
from engine.forms.model import Component, Form
from engine.forms.values import Options, Unfit, parse

Functions = Mapping[str, Callable[..., object]]
Sources = Callable[[str], Options]


def validate(
    form: Form,
    values: object,
    case: Mapping[str, Any],
    functions: Functions,
    sources: Sources,
    open_fields: Collection[str] | None = None,
    earlier: Mapping[str, Any] | None = None,
    forms: Mapping[str, Form] = MappingProxyType({}),
) -> dict[str, Any]:
    """Return the clean values of a form that was handed in.

    Args:
        values: What was sent; anything a client can send.
        case: The case's variables, which expressions see as `case`.
        open_fields: The only fields that may change; the others keep their `earlier` values.
        forms: The forms that sub-forms name; the errors of the second object of `entries` are `entries.1.name`.

    Raises:
        InvalidForm: every error of every field, Chinese and English, in the order of the form.
    """
    if not isinstance(values, Mapping):
        raise InvalidForm(
            {"": [Message("表单内容应为字段与取值。", "Expected an object of fields and values.")]}
        )
    check = _Check(form, values, case, functions, sources, open_fields, earlier or {}, forms)
    return check.run()


class _Fault(Exception):
    """An expression of the model that cannot be evaluated over these values."""


class _Check:
    def __init__(
        self,
        form: Form,
        values: Mapping[Any, Any],
        case: Mapping[str, Any],
        functions: Functions,
        sources: Sources,
        open_fields: Collection[str] | None,
        earlier: Mapping[str, Any],
        forms: Mapping[str, Form],
    ) -> None:
        self.form, self.values = form, values
        self.functions, self.sources = functions, sources
        self.open_fields, self.earlier, self.forms = open_fields, earlier, forms
        self.clean: dict[str, Any] = {}
        self.scope: dict[str, Any] = {"case": dict(case)}  # what expressions see
        self.errors: dict[str, list[Message]] = {}

    def run(self) -> dict[str, Any]:
        known = {c.key for c in self.form.fields}
        for key in self.values:
            if key not in known:
                self._error(str(key)[:60], "表单没有该字段。", "The form has no such field.")
        for component in self.form.fields:
            try:
                self._take(component)
            except _Fault as fault:
                self._fault(component.key, fault)
        for rule in self.form.rules:
            if any(key == rule.field or key.startswith(f"{rule.field}.") for key in self.errors):
                continue
            try:
                if self._holds(rule.when):
                    self._error(rule.field, rule.message, rule.message_en)
            except _Fault as fault:
                self._fault(rule.field, fault)
        if self.errors:
            order = {c.key: n for n, c in enumerate(self.form.fields)}
            place = [(order.get(key.partition(".")[0], -1), key) for key in self.errors]
            # Sorting is stable: the errors of sub-forms stay in the order of their objects and fields.
            raise InvalidForm({key: self.errors[key] for _, key in sorted(place, key=lambda p: p[0])})
        return {key: value for key, value in self.clean.items() if value is not None}

    def _take(self, c: Component) -> None:
        if c.fixed is not None:
            self._keep(c, self._evaluate(c.fixed))
            return
        if self.open_fields is not None and c.key not in self.open_fields:
            self._keep(c, self.earlier.get(c.key))
            return
        if c.visible_when is not None and not self._holds(c.visible_when):
            return
        options = self._options(c)
        try:
            value = parse(self._bounded(c), self.values.get(c.key), options)
        except Unfit as unfit:
            self.errors.setdefault(c.key, []).extend(unfit.messages)
            return
        required = c.required or (c.required_when is not None and self._holds(c.required_when))
        if required and (
            value is None or (c.type == "checkbox" and c.kind == "must_be_true" and value is not True)
        ):
            verb = (
                "请选择"
                if c.type in ("select", "radio", "checklist")
                else "请确认"
                if c.type == "checkbox"
                else "请填写"
            )
            self._error(c.key, f"{verb}{c.label}。", f"{c.label_en} is required.")
            return
        if isinstance(value, str) and value in c.options_when and not self._holds(c.options_when[value]):
            label = dict(options).get(value, value)
            why = c.options_why.get(value, "已超过规定期限或者次数")
            self._error(c.key, f"“{label}”不能选择：{why}。", f"{value} is not offered: {why}.")
            return
        if c.type == "subforms" and value is not None:
            value = self._each(c, value)
        self._keep(c, value)

    def _bounded(self, c: Component) -> Component:
        """Return a number's field with the greatest value of the moment; where nothing is left, the act refuses."""
        if c.most is None:
            return c
        most, least = self._evaluate(c.most), int(c.limits.get("min", 0))
        if not isinstance(most, int) or most < least:
            return c
        return replace(c, limits={**c.limits, "min": least, "max": most})

    def _options(self, c: Component) -> Options:
        if c.values or not c.source:
            return c.values
        about = f":{self.scope.get(c.source_of) or ''}" if c.source_of else ""
        return self.sources(f"{c.source}{about}")

    def _each(self, c: Component, objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the clean answers to the form that the component names; gather the errors of all of them."""
        clean: list[dict[str, Any]] = []
        for n, values in enumerate(objects):
            try:
                clean.append(
                    validate(
                        self.forms[c.form or ""], values, self.scope["case"], self.functions, self.sources
                    )
                )
            except InvalidForm as refused:
                self.errors |= {
                    f"{c.key}.{n}.{key}".removesuffix("."): list(found)
                    for key, found in refused.errors.items()
                }
        return clean

    def _keep(self, c: Component, value: Any) -> None:
        self.clean[c.key] = value
        if c.key != "case":
            self.scope[c.key] = value

    def _holds(self, expression: str) -> bool:
        return bool(self._evaluate(expression))

    def _evaluate(self, expression: str) -> Any:
        try:
            return compile_expression(expression).evaluate(self.scope, self.functions)
        except ExpressionRefused as refused:
            # Taken for False it would let pass what the rule is there to refuse (R12-11).
            raise _Fault(f"{expression!r}: {refused}") from refused

    def _fault(self, field: str, fault: _Fault) -> None:
        label = next((c.label for c in self.form.fields if c.key == field), field)
        self._error(
            field,
            f"“{label}”的校验规则无法计算，表单不能提交。这是流程模型的问题，请联系流程设计人员。",
            f"A rule of the model cannot be evaluated, so the form is refused: {fault}",
        )

    def _error(self, field: str, zh: str, en: str) -> None:
        self.errors.setdefault(field, []).append(Message(zh, en))
