"""Versions and models side by side: who sees them, what the page says, and what a designer may do with a version."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest

from engine.demo.cases import Desk, deliver
from engine.workbench.compare_texts import lines
from tests.conftest import at_once
from tests.processes.test_version_states import key_of
from tests.processes.test_versions import TEN_DAYS, publish
from web.designer.compare import hunks

SignIn = Callable[[str], Any]


@pytest.fixture
def two(desk: Desk) -> tuple[int, int]:
    """Two versions; a case runs under the first."""
    at_once(deliver(desk, 1))
    publish(desk, TEN_DAYS)
    return key_of(desk, 1), key_of(desk, 2)


@pytest.mark.parametrize(
    ("who", "status"), [("designer", 200), ("admin", 200), ("audit", 200), ("mzt.jb", 403), ("mzt.fz", 403)]
)
def test_published_versions_are_compared_by_whom_versions_concern(
    two: tuple[int, int], signed_in: SignIn, who: str, status: int
) -> None:
    answer = signed_in(who).get(f"/designer/compare?one=v{two[0]}&other=v{two[1]}")

    assert answer.status_code == status
    assert ("答复期限：5 → 10 个工作日" in answer.text) == (status == 200)


def test_the_page_has_the_sentences_the_marks_and_how_many_cases_run(
    two: tuple[int, int], signed_in: SignIn
) -> None:
    page = signed_in("designer").get(f"/designer/compare?one=v{two[0]}&other=v{two[1]}").text

    assert "共 1 处差别：期限与设置 1 处。" in page
    assert "在办事项1件" in page and "在办事项0件" in page
    found = re.search(r'data-marks="([^"]*)"', page)
    assert found is not None
    marks = json.loads(unescape(found[1]))
    assert marks["before"]["TM12-1"] == marks["after"]["TM12-1"] == "changed"
    assert page.count('data-source="/diagrams/') == 2


def test_a_version_compared_with_itself_says_that_nothing_differs(
    two: tuple[int, int], signed_in: SignIn
) -> None:
    page = signed_in("audit").get(f"/designer/compare?one=v{two[0]}&other=v{two[0]}").text

    assert "两者内容相同。" in page and "data-compare" not in page


@pytest.mark.parametrize("token", ["v1", "x", "m1", "v1r2", "m1r", "v" + "9" * 40, "v٣"])
def test_what_is_not_there_is_not_found(two: tuple[int, int], signed_in: SignIn, token: str) -> None:
    assert signed_in("designer").get(f"/designer/compare?one={token}&other=v{two[0]}").status_code == 404


def begin(designer: Any, version: int) -> str:
    designer.get("/designer")
    answer = designer.post("/designer/models", {"name": "草稿", "from": f"version:{version}"})
    return str(answer.headers["Location"])


def save(designer: Any, model: str, path: str, text: str) -> None:
    answer = designer.client.post(
        f"{model}/save", json={"base": 1, "files": {path: text}}, headers={"X-CSRF": designer.csrf}
    )
    assert answer.status_code == 200


def test_a_draft_is_compared_with_the_version_it_came_from(two: tuple[int, int], signed_in: SignIn) -> None:
    designer = signed_in("designer")
    model = begin(designer, two[0])
    text = designer.get(f"{model}/files/documents/E-2.html").get_data(as_text=True)
    save(designer, model, "documents/E-2.html", text.replace("一次补正。", "一次性补正。"))

    page = designer.get(f"{model}/compare").text

    assert "文书“一次性补正告知书”（E-2）：修改 1 行" in page
    assert "<ins>性</ins>" in page
    assert "答复期限：10 → 5 个工作日" in designer.get(f"{model}/compare?with=v{two[1]}").text


def test_a_draft_that_cannot_be_read_is_compared_all_the_same(
    two: tuple[int, int], signed_in: SignIn
) -> None:
    designer = signed_in("designer")
    model = begin(designer, two[0])
    save(designer, model, "process.bpmn", "<no xml")

    answer = designer.get(f"{model}/compare")

    assert answer.status_code == 200
    assert "流程图无法读取" in answer.text


def test_what_somebody_wrote_reaches_the_page_as_text(two: tuple[int, int], signed_in: SignIn) -> None:
    designer = signed_in("designer")
    model = begin(designer, two[0])
    xml = designer.get(f"{model}/files/process.bpmn").get_data(as_text=True)
    save(
        designer, model, "process.bpmn", xml.replace('name="答复审签"', 'name="&lt;img src=x onerror=a&gt;"')
    )

    page = designer.get(f"{model}/compare").text

    assert "<img src=x" not in page and "&lt;img src=x onerror=a&gt;" in page


@pytest.mark.parametrize("who", ["admin", "audit", "mzt.jb"])
def test_models_are_compared_by_designers_alone(two: tuple[int, int], signed_in: SignIn, who: str) -> None:
    designer = signed_in("designer")
    model = begin(designer, two[0])
    number = model.rpartition("/")[2]

    other = signed_in(who)

    assert other.get(f"{model}/compare").status_code == 403
    assert other.get(f"/designer/compare?one=v{two[0]}&other=m{number}").status_code == 403


def test_a_designer_sees_of_a_version_how_many_cases_run_and_no_number(
    desk: Desk, two: tuple[int, int], signed_in: SignIn
) -> None:
    shown = {who: signed_in(who).get(f"/versions/{two[0]}").text for who in ("designer", "admin", "audit")}

    assert "适用本版本的在办事项共1件" in shown["designer"]
    assert [who for who, page in shown.items() if re.search(r"LN12-\d", page)] == ["admin", "audit"]


def test_a_designer_takes_a_version_anew_and_takes_its_files_out(
    two: tuple[int, int], signed_in: SignIn
) -> None:
    designer = signed_in("designer")
    page = designer.get(f"/versions/{two[0]}").text
    assert f'name="from" value="version:{two[0]}"' in page and "停用" in page

    answer = designer.post("/designer/models", {"name": "恢复", "from": f"version:{two[0]}"})
    archive = designer.get(f"/versions/{two[0]}/export.zip")

    assert "/designer/models/" in answer.headers["Location"]
    assert {"process.bpmn", "forms/F12-A.json"} <= set(zipfile.ZipFile(io.BytesIO(archive.data)).namelist())
    assert signed_in("audit").get(f"/versions/{two[0]}/export.zip").status_code == 403
    assert "以此内容另起模型" not in signed_in("audit").get(f"/versions/{two[0]}").text


def test_the_list_of_versions_leads_to_the_comparison_with_the_one_before(
    two: tuple[int, int], signed_in: SignIn
) -> None:
    page = signed_in("designer").get("/versions").text

    assert f"/designer/compare?one=v{two[0]}&amp;other=v{two[1]}" in page


def test_lines_far_from_what_differs_are_left_out() -> None:
    before = "\n".join(map(str, range(40)))
    after = before.replace("\n20\n", "\nzwanzig\n").replace("\n2\n", "\n2\nneu\n")

    found = list(hunks(lines(before, after), around=2))

    assert [(hunk.left_out, len(hunk.lines)) for hunk in found] == [(1, 5), (13, 6)]
    assert [line.kind for line in found[0].lines] == ["same", "same", "added", "same", "same"]
