"""The editors of what stands beside a diagram: their pages, what they answer, and that nothing hostile runs."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.web.test_designer import begin, script

Person = Callable[[str], Any]
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture
def designer(signed_in: Person) -> Any:
    return signed_in("designer")


@pytest.fixture
def model(designer: Any) -> str:
    where = begin(designer, **{"from": "template:ln_art20_rectification"})
    designer.get(where)
    return where


def text_of(designer: Any, model: str, path: str) -> str:
    return str(designer.get(f"{model}/files/{path}").get_data(as_text=True))


@pytest.mark.parametrize(
    "path",
    [
        "/forms",
        "/forms/F20-A",
        "/decisions",
        "/decisions/limit_by_ground",
        "/documents",
        "/documents/E-8",
    ],
)
def test_designers_alone_see_the_editors(signed_in: Person, model: str, designer: Any, path: str) -> None:
    assert designer.get(model + path).status_code == 200
    assert signed_in("gat.jb").get(model + path).status_code == 403
    assert designer.get(model + path + "x").status_code == 404


@pytest.mark.parametrize(
    ("kind", "data", "path"),
    [
        ("forms", {"id": "F20-Z", "title": "新表", "copy_of": "F20-A"}, "forms/F20-Z.json"),
        ("forms", {"id": "F20-Z", "title": "新表"}, "forms/F20-Z.json"),
        ("decisions", {"id": "table_z", "title": "新表"}, "decisions/table_z.dmn"),
        ("documents", {"id": "E-99", "from": "pattern:letter"}, "documents/E-99.html"),
        ("documents", {"id": "E-99", "from": "copy:E-8"}, "documents/E-99.html"),
    ],
)
def test_a_file_is_begun_and_taken_away(
    designer: Any, model: str, kind: str, data: dict[str, str], path: str
) -> None:
    began = designer.post(f"{model}/{kind}", data)

    assert (began.status_code, began.headers["Location"]) == (302, f"{model}/{kind}/{data['id']}")
    assert text_of(designer, model, path)
    designer.post(f"{model}/{kind}/{data['id']}/remove", {})
    assert designer.get(f"{model}/files/{path}").status_code == 404


@pytest.mark.parametrize("name", ["", "F20-A", "../x", "a/b", "a..b", ".hidden", "x" * 61, "<b>"])
def test_a_name_that_cannot_be_is_refused_beside_the_form(designer: Any, model: str, name: str) -> None:
    answer = designer.post(f"{model}/forms", {"id": name})

    assert answer.status_code in (409, 422)
    assert "error-summary" in answer.get_data(as_text=True)


def test_the_preview_is_what_the_page_of_a_task_shows(designer: Any, model: str) -> None:
    form = {
        "components": [
            {
                "key": "why",
                "type": "textarea",
                "label": "理由",
                "description": "不少于{p20.no_such}字。",
                "validate": {"required": True, "maxLength": 500},
                "shixian": {"visibleWhen": "kind == 'a'", "group": "说明"},
            },
            {"key": "kind", "type": "radio", "label": "类别", "values": [{"value": "a", "label": "甲"}]},
        ]
    }

    html = script(designer, f"{model}/forms/F20-A/preview", {"text": json.dumps(form)}).json["html"]

    assert '<textarea class="form-control" rows="3" id="f-why" name="why"' in html
    assert 'data-visible-when="kind=a"' in html and "<legend>说明</legend>" in html and "甲" in html


def test_every_form_of_the_model_can_be_shown(designer: Any, model: str) -> None:
    names = re.findall(r"/forms/(F20-\w+)\"", designer.get(f"{model}/forms").get_data(as_text=True))
    assert len(set(names)) > 10
    for name in set(names):
        text = text_of(designer, model, f"forms/{name}.json")
        assert script(designer, f"{model}/forms/{name}/preview", {"text": text}).status_code == 200


def test_markup_in_labels_is_shown_as_text(designer: Any, model: str) -> None:
    component = {
        "key": "a",
        "type": "radio",
        "label": HOSTILE,
        "description": HOSTILE,
        "values": [{"value": HOSTILE, "label": HOSTILE}],
        "shixian": {"group": HOSTILE, "visibleWhen": HOSTILE},
        "hints": [{"when": "True", "text": HOSTILE}],
    }

    html = script(
        designer, f"{model}/forms/F20-A/preview", {"text": json.dumps({"components": [component]})}
    ).json["html"]

    assert "<img" not in html and "<script" not in html and "&lt;script&gt;" in html


def test_the_page_of_a_hostile_form_holds_no_markup_of_it(designer: Any, model: str) -> None:
    form = json.dumps({"id": "F20-A", "title": "</script>" + HOSTILE, "components": []})
    script(designer, f"{model}/save", {"base": 1, "files": {"forms/F20-A.json": form}})

    for path in ("/forms", "/forms/F20-A"):
        assert HOSTILE not in designer.get(model + path).get_data(as_text=True)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"components": [{"type": {}}]}', "[" * 100_000, None, 5])
def test_what_is_no_form_is_refused_with_a_sentence(designer: Any, model: str, text: Any) -> None:
    answer = script(designer, f"{model}/forms/F20-A/preview", {"text": text})

    assert answer.status_code == 422 and answer.json["detail_zh"]


def test_a_renamed_field_is_carried_through_without_being_saved(designer: Any, model: str) -> None:
    body = {"field": "points", "name": "verdict", "files": {}}

    found = script(designer, f"{model}/forms/F20-C/uses", body).json["places"]
    changed = script(designer, f"{model}/forms/F20-C/rename", body).json["files"]

    assert {place["path"] for place in found if place["sure"]} <= changed.keys()
    assert '"verdict"' in changed["forms/F20-C.json"]
    assert '"verdict"' not in text_of(designer, model, "forms/F20-C.json")
    assert script(designer, f"{model}/forms/F20-C/rename", {**body, "name": "a b"}).status_code == 422


def test_a_decision_is_read_and_tried_as_the_engine_does(designer: Any, model: str) -> None:
    text = text_of(designer, model, "decisions/limit_by_ground.dmn")
    where = f"{model}/decisions/limit_by_ground"

    read = script(designer, f"{where}/read", {"text": text}).json["html"]
    tried = script(
        designer, f"{where}/try", {"text": text, "decision": "limit_by_ground", "values": ["['4']"]}
    ).json

    assert 'data-row="6"' in read and "contains(〔违反情形（第二十条）〕" in read
    assert tried["hits"] == [4] and "<code data-outcome>5</code>" in tried["html"]


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><definitions>&x;</definitions>',
        '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><d>&b;</d>',
        "<d>",
        "<d>" + "x" * 2_000_001 + "</d>",
    ],
    ids=["external entity", "entities of entities", "malformed", "huge"],
)
def test_hostile_tables_are_refused(designer: Any, model: str, text: str) -> None:
    answer = script(designer, f"{model}/decisions/limit_by_ground/read", {"text": text})

    assert answer.status_code == 422 and "root:" not in answer.get_data(as_text=True)


def test_markup_in_a_table_is_shown_as_text(designer: Any, model: str) -> None:
    text = text_of(designer, model, "decisions/limit_by_ground.dmn").replace(
        "（一）目录，参照第八条", HOSTILE.replace("<", "&lt;")
    )

    html = script(designer, f"{model}/decisions/limit_by_ground/read", {"text": text}).json["html"]

    assert "<img" not in html and "<script" not in html and "&lt;script&gt;" in html


@pytest.mark.parametrize("values", [None, "x", [1], []])
def test_a_try_out_needs_a_text_for_each_input(designer: Any, model: str, values: Any) -> None:
    text = text_of(designer, model, "decisions/limit_by_ground.dmn")
    body = {"text": text, "decision": "limit_by_ground", "values": values}

    assert script(designer, f"{model}/decisions/limit_by_ground/try", body).status_code == 422


def test_a_document_is_shown_in_a_frame_where_nothing_runs(designer: Any, model: str) -> None:
    text = "<p>{{ doc.title }}</p>" + HOSTILE

    shown = designer.post(f"{model}/documents/E-8/preview", {"text": text})

    policy = shown.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none';") and "script-src" not in policy
    assert "allow-scripts" not in policy and "frame-ancestors 'self'" in policy
    assert "<p>" in shown.get_data(as_text=True)


def test_a_faulty_document_names_its_line_and_shows_no_markup_of_its_own(designer: Any, model: str) -> None:
    text = f"<p>\n{{{{ case['{HOSTILE}'] }}}}"

    fault = script(designer, f"{model}/documents/E-8/try", {"text": text}).json["fault"]
    shown = designer.post(f"{model}/documents/E-8/preview", {"text": text}).get_data(as_text=True)

    assert (fault["line"], fault["own"]) == (2, True)
    assert "<script" not in shown
    assert script(designer, f"{model}/documents/E-8/try", {"text": "<p>a</p>"}).json == {"fault": None}


def test_a_part_is_shown_by_a_document_that_includes_it(designer: Any, model: str) -> None:
    text = text_of(designer, model, "documents/_course.html") + "<p>另加一行</p>"

    shown = designer.post(f"{model}/documents/_course/preview", {"text": text}).get_data(as_text=True)

    assert "另加一行" in shown and "<!DOCTYPE html>" in shown


def test_the_policy_is_widened_for_styles_and_frames_alone_and_only_where_needed(
    designer: Any, model: str
) -> None:
    def policy(path: str) -> str:
        return str(designer.get(model + path).headers["Content-Security-Policy"])

    decision, document, form = (
        policy("/decisions/limit_by_ground"),
        policy("/documents/E-8"),
        policy("/forms/F20-A"),
    )

    assert re.search(r"style-src 'self' 'nonce-[\w-]+'", decision)
    assert document.endswith("; frame-src 'self'")
    assert "nonce" not in document + form and "frame-src" not in form
    for each in (decision, document, form):
        assert "script-src 'self';" in each and "unsafe" not in each


def test_a_published_or_discarded_model_is_shown_and_not_changed(designer: Any, model: str) -> None:
    designer.post(f"{model}/discard", {})

    page = designer.get(f"{model}/forms").get_data(as_text=True)

    assert "新增表单" not in page and "确认删除" not in page
    assert designer.post(f"{model}/forms", {"id": "F20-Z"}).status_code in (409, 422)
