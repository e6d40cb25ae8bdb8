"""A document's template tried with stand-ins: what ships can be shown, what is faulty names its line, nothing runs on."""

import ast
import inspect
from pathlib import Path

import pytest

from engine.calendar import ChinaWorkingCalendar, load_notices
from engine.handlers import papers
from engine.process_files import PROCESSES, definition_files, shipped
from engine.workbench.paper_preview import tried
from engine.workbench.paper_sample import sample, template_names
from tests.conftest import NOTICES

FOLDERS = [folder for folder in shipped() if (folder / "documents").is_dir()]


def of(text: str) -> dict[str, bytes]:
    return {
        **definition_files(PROCESSES / "ln_art13_verification"),
        "documents/E-7.html": text.encode(),
    }


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_document_that_ships_is_shown_with_stand_ins(folder: Path) -> None:
    files = definition_files(folder)
    for name in template_names(files):
        if not name.startswith("_"):
            found = tried(files, name)
            assert not found.failed, (name, found)
            assert found.html.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    "pattern", sorted((PROCESSES / "patterns/documents").glob("*.html")), ids=lambda p: p.stem
)
def test_every_pattern_makes_a_document(pattern: Path) -> None:
    assert not tried(of(pattern.read_text(encoding="utf-8")), "E-7").failed


def test_a_template_is_tried_with_every_name_that_documents_get() -> None:
    [given] = [
        node.value
        for node in ast.walk(ast.parse(inspect.getsource(papers._context)))
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Dict)
    ]

    names = {key.value for key in given.keys if isinstance(key, ast.Constant)}
    assert sample(of(""), "E-7").keys() == names


def test_forms_and_settings_stand_in_a_document_as_the_model_has_them() -> None:
    html = tried(
        of("{{ case.report.title }} {{ setting['p13.verify_wd'] }} {{ labels.report.title }}"), "E-7"
    ).html

    assert html == "〔标题〕 5 标题"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("<p>\n{% if %}", 2),
        ("<p>\n\n{{ case.report.no_such_field }}", 3),
        ("{{ case.no_such_variable }}", 1),
        ("\n{{ 1 / 0 }}", 2),
        ("{% extends '_layout.html' %}\n{% block body %}\n{{ nothing }}{% endblock %}", 3),
    ],
)
def test_a_fault_names_its_line(text: str, line: int) -> None:
    found = tried(of(text), "E-7")

    assert (found.failed, found.template, found.line) == (True, "E-7", line)


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ case.__init__ }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}{{ os }}",
        "{{ self._TemplateReference__context }}",
    ],
)
def test_a_template_reaches_nothing_outside_its_sandbox(text: str) -> None:
    found = tried(of(text), "E-7")

    assert found.failed or "〔" in found.html


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}", "循环超过 20000 次"),
        (
            "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
            "range 超过 1000 个数",
        ),
        ("{% set x = 'a' * 10 ** 10 %}{{ x }}", "文字重复过多"),
        ("{% set x = 10 ** 1000 %}{{ x }}", "乘方过大"),
    ],
)
def test_a_template_without_end_is_stopped_and_told_why(text: str, said: str) -> None:
    found = tried(of(text), "E-7")

    assert found.failed and said in found.zh


def test_typed_text_with_markup_stays_text() -> None:
    files = of("{{ labels.report.title }}")
    files["forms/F13-A.json"] = files["forms/F13-A.json"].replace(
        '"label": "标题"'.encode(), b'"label": "<script>alert(1)</script>"'
    )

    assert tried(files, "E-7").html == "&lt;script&gt;alert(1)&lt;/script&gt;"


def test_the_sample_limit_is_what_the_calendar_counts() -> None:
    limit = sample(of("x"), "E-7")["deadline"]

    calendar = ChinaWorkingCalendar(load_notices(NOTICES))
    assert limit["due_on"] == calendar.add_working_days(limit["event_on"], limit["length"])
