"""A draft form as the page shows it; whatever is no form is refused part by part."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.process_files import PROCESSES, definition_files
from engine.workbench.form_preview import NoForm, presentable, read_draft, stand_ins
from engine.workbench.outline import outline

FORMS = sorted(PROCESSES.glob("*/forms/*.json"))
GOOD: dict[str, Any] = {"key": "a", "type": "textfield"}


@pytest.mark.parametrize("path", FORMS, ids=lambda p: p.stem)
def test_every_form_that_ships_is_read_and_written_as_it_stands(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    form = read_draft(text)

    # The editor writes what JSON.stringify does; a form that is opened and saved changes in nothing else.
    assert json.dumps(form, ensure_ascii=False, indent=2) + "\n" == text
    presentable(form, outline(definition_files(path.parents[1])), {})
    stand_ins(form)


def test_settings_in_descriptions_are_filled_in_and_hints_shown() -> None:
    drawn = outline(definition_files(PROCESSES / "ln_art13_verification"))
    form = {
        "components": [
            {
                **GOOD,
                "description": "{p13.verify_wd}日内。",
                "hints": [{"when": "case['x']", "text": "另见{nothing}。"}],
            }
        ]
    }

    assert presentable(form, drawn, {})["components"][0]["description"] == "5日内。另见{nothing}。"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("{", "不是有效的 JSON"),
        ("[" * 100_000, "不是有效的 JSON"),
        ("[]", "应为 JSON 对象"),
        ({"components": {}}, "components"),
        ({"components": [1]}, "components"),
        ({"components": [GOOD] * 501}, "components"),
        ({"components": [{**GOOD, "label": {"a": 1}}]}, "label"),
        ({"components": [{**GOOD, "shixian": []}, {**GOOD, "shixian": "x"}]}, "shixian"),
        ({"components": [{**GOOD, "validate": {"maxLength": "9"}}]}, "maxLength"),
        ({"components": [{**GOOD, "values": [{"value": 1}]}]}, "values"),
        ({"components": [{**GOOD, "shixian": {"columns": ["a"]}}]}, "columns"),
        ({"components": [{**GOOD, "shixian": {"optionsWhen": {"a": 1}}}]}, "optionsWhen"),
        ({"components": [GOOD], "rules": [1]}, "rules"),
    ],
)
def test_what_is_no_form_is_said(form: Any, said: str) -> None:
    with pytest.raises(NoForm) as refusal:
        read_draft(form if isinstance(form, str) else json.dumps(form))

    assert any(said in fault.zh for fault in refusal.value.faults)
