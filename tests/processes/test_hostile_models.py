"""Hostile content is looked at while it is drawn as it is when it is deployed: the same messages, and never an exception."""

import pytest

from engine.definitions import read_definition
from engine.errors import InvalidDefinition
from engine.process_files import PROCESSES, definition_files
from engine.workbench.findings import check_files
from tests.processes.mutants import mutant
from tests.processes.test_decisions import ROWS, table

SOUND = definition_files(PROCESSES / "ln_art12_grant")
BOMB = b'<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><d>&b;</d>'


def told(files: dict[str, bytes]) -> list[str]:
    return sorted(found.zh for found in check_files(files) if found.severity == "error")


def refused(files: dict[str, bytes]) -> list[str]:
    try:
        read_definition(1, 1, files)
    except InvalidDefinition as refusal:
        return sorted(found.zh for found in refusal.findings)
    return []


@pytest.mark.parametrize("first", range(0, 200, 25))
def test_a_mutant_is_told_as_it_is_refused(first: int) -> None:
    for number in range(first, first + 25):
        files = {
            **SOUND,
            "process.bpmn": mutant(number, [SOUND["process.bpmn"]], "127.0.0.1:9", "/etc/hostname"),
        }

        assert told(files) == refused(files), number


@pytest.mark.parametrize(
    ("path", "content"),
    [
        pytest.param("process.bpmn", b"", id="empty"),
        pytest.param("process.bpmn", BOMB, id="entities"),
        pytest.param("process.bpmn", b"<" * 100_000, id="brackets"),
        pytest.param("process.bpmn", b"<a>" * 100_000, id="deep"),
        pytest.param("process.bpmn", SOUND["process.bpmn"] + b" " * 2_000_000, id="large"),
        pytest.param("forms/F12-I.json", b"{", id="broken form"),
        pytest.param("forms/F12-I.json", b"[" * 100_000, id="deep form"),
        pytest.param("forms/F12-I.json", b"\xff\xfe\x00", id="form in no text"),
        pytest.param("forms/F12-I.json", b'{"id": "F12-I", "components": [7, null, "x"]}', id="form of numbers"),
        pytest.param("forms/F12-I.json", b'{"id": 5, "components": [{"type": [], "key": {}}]}', id="form of lists"),
        pytest.param("documents/E-9.html", b"\xff\xfe{{", id="document in no text"),
        pytest.param("documents/E-9.html", b"{% for %}", id="broken document"),
        pytest.param("documents/E-9.html", b"{{" + b"(" * 5000, id="deep document"),
        pytest.param("decisions/d.dmn", BOMB, id="decision with entities"),
        pytest.param("decisions/d.dmn", table(ROWS).replace(b"<text>level<", b"<text>__class__<"), id="decision outside the subset"),
        pytest.param("decisions/d.dmn", b"", id="empty decision"),
    ],
)  # fmt: skip
def test_hostile_files_are_told_as_they_are_refused(path: str, content: bytes) -> None:
    files = {**SOUND, path: content}

    assert told(files) == refused(files)
    if path.startswith(("process", "forms", "decisions")):
        assert told(files) != []


@pytest.mark.parametrize(
    ("levels", "expected"),
    [pytest.param(58, [], id="60 levels"), pytest.param(59, ["嵌套超过 60 层"], id="61 levels")],
)
def test_a_diagram_nests_at_most_sixty_levels_deep(levels: int, expected: list[str]) -> None:
    # A process's extensions lie at the second level.
    nest = b"<n:a xmlns:n='urn:nest'>" * levels + b"</n:a>" * levels
    xml = SOUND["process.bpmn"].replace(b"<bpmn:extensionElements>", b"<bpmn:extensionElements>" + nest, 1)
    files = {**SOUND, "process.bpmn": xml}

    assert told(files) == refused(files) == expected


def test_a_model_without_a_process_is_told() -> None:
    assert told({}) == refused({}) == ["缺少 process.bpmn"]


def test_names_with_html_are_told_as_text() -> None:
    xml = SOUND["process.bpmn"].replace(b'id="T12-11"', b'id="T12-11" x="&lt;script&gt;"', 1)

    assert all("<script" not in found.zh for found in check_files({**SOUND, "process.bpmn": xml}))
