"""Where a field of a form is named in a model, and carrying another name through."""

import json

import pytest

from engine.definitions import read_definition
from engine.process_files import PROCESSES, definition_files
from engine.workbench.field_uses import places, renamed

FILES = definition_files(PROCESSES / "ln_art13_verification")


def test_a_field_is_found_in_expressions_documents_and_the_form_itself() -> None:
    found = places(FILES, "F13-C", "result")

    sure = {place.path for place in found if place.sure}
    assert sure == {"process.bpmn", "documents/E-7.html", "forms/F13-C.json"}
    assert any("v.result" in place.text for place in found)  # under the short name that the document sets


def test_what_only_may_be_the_field_is_listed_and_left_alone() -> None:
    found = [place for place in places(FILES, "F13-C", "result") if not place.sure]

    assert any("main_result" in place.text for place in found)
    assert b"!= 'result'" in renamed(FILES, "F13-C", "result", "outcome")["process.bpmn"]


def test_a_renamed_field_leaves_a_model_that_can_be_deployed() -> None:
    changed = renamed(FILES, "F13-C", "result", "outcome")

    definition = read_definition(1, 1, FILES | changed)
    assert "outcome" in {c.key for c in definition.forms["F13-C"].fields}
    assert b"verification['outcome']" in changed["process.bpmn"]
    assert b"v.outcome" in changed["documents/E-7.html"]


def test_texts_and_other_names_that_read_alike_stay() -> None:
    form = {
        "id": "F",
        "components": [
            {"key": "a", "type": "textfield"},
            {"key": "b", "type": "textfield", "shixian": {"visibleWhen": "a == 'a' and case['a'] == aa"}},
        ],
        "foreign": {"kept": [1]},
    }

    changed = json.loads(renamed({"forms/F.json": json.dumps(form).encode()}, "F", "a", "z")["forms/F.json"])

    assert changed["components"][1]["shixian"]["visibleWhen"] == "z == 'a' and case['a'] == aa"
    assert changed["components"][0]["key"] == "z" and changed["foreign"] == {"kept": [1]}


@pytest.mark.parametrize("content", [b"", b"<", b"\xff\xfe", b"[]", b'{"components": 3}'])
def test_a_broken_file_names_nothing_and_stays(content: bytes) -> None:
    files = {"process.bpmn": content, "forms/F.json": content, "documents/E.html": content}

    assert renamed(files, "F", "a", "z") == {}
    assert places(files, "F", "a") == []
