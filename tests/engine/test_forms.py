"""The one validator: a form passes only if every rule of it could be evaluated."""

from typing import Any

import pytest

from engine.errors import InvalidForm
from engine.expressions import PURE_FUNCTIONS
from engine.forms import load_form, validate

FIELDS: list[dict[str, Any]] = [
    {"key": "reason", "type": "textfield", "label": "理由"},
    {"key": "days", "type": "number", "label": "天数"},
]


def check(values: dict[str, Any], rules: Any = (), fields: Any = FIELDS, **case: Any) -> dict[str, Any]:
    form = load_form({"id": "F", "title": "表", "components": list(fields), "rules": list(rules)})
    functions = {**PURE_FUNCTIONS, "setting": lambda key: {}[key]}
    return validate(form, values, case, functions, lambda name: ())


def refused(*args: Any, **more: Any) -> dict[str, Any]:
    with pytest.raises(InvalidForm) as refusal:
        check(*args, **more)
    return dict(refusal.value.errors)


@pytest.mark.parametrize(
    "expression",
    [
        pytest.param("reason > 3", id="text compared with a number"),
        pytest.param("days + reason > 1", id="number added to a text"),
        pytest.param("days_between(reason, '2026-06-08') > 0", id="no date"),
        pytest.param("len(reason) < setting('p12.unknown')", id="no such setting"),
        pytest.param("days / 0 > 1", id="division by zero"),
        pytest.param("max(reason, days) == reason", id="function refuses its arguments"),
    ],
)
def test_a_rule_that_cannot_be_evaluated_refuses_the_form(expression: str) -> None:
    errors = refused({"reason": "数据不齐", "days": 2}, [{"field": "reason", "when": expression}])

    [message] = errors["reason"]
    assert message.zh == ("“理由”的校验规则无法计算，表单不能提交。这是流程模型的问题，请联系流程设计人员。")
    assert expression in message.en


@pytest.mark.parametrize("condition", ["visibleWhen", "requiredWhen", "fixed"])
def test_a_condition_that_cannot_be_evaluated_refuses_the_form(condition: str) -> None:
    fields = [FIELDS[1], {**FIELDS[0], "shixian": {condition: "days > '3'"}}]

    assert set(refused({"days": 2}, fields=fields)) == {"reason"}


def test_an_option_whose_condition_cannot_be_evaluated_is_refused() -> None:
    choice = {
        "key": "result",
        "type": "radio",
        "label": "结果",
        "values": [{"value": "accept", "label": "受理"}],
        "shixian": {"optionsWhen": {"accept": "case['count'] < 'x'"}},
    }

    assert set(refused({"result": "accept"}, fields=[choice], count=1)) == {"result"}


def test_a_value_not_given_is_none_and_no_fault() -> None:
    rules = [
        {"field": "reason", "when": "days > 3 or days + 1 > 3 or case['x']['y'] in reason"},
        {"field": "reason", "when": "days_between(reason, case['on']) > 0 or len(reason) > 0"},
    ]

    assert check({}, rules) == {}


def test_a_fault_of_the_model_stands_beside_the_other_errors() -> None:
    rules = [
        {"field": "reason", "when": "reason > 3"},
        {"field": "days", "when": "days > 1", "message": "多"},
    ]

    assert set(refused({"reason": "数据不齐", "days": 2}, rules)) == {"reason", "days"}
