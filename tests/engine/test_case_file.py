"""The case file (E-18): what is in it, that it proves itself, and that nothing in it can be exchanged."""

import io
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html
from sqlalchemy import select

from engine.app import Engine
from engine.clock import instant
from engine.demo.cases import Desk, granted, granted_late
from engine.demo.seed import seed
from engine.errors import NotAllowed, NotFound
from engine.history import archive
from engine.history.breaks import GENESIS, Broken
from engine.history.case_file_check import CaseFileReport, verify_case_file
from engine.history.chain import link, parse
from engine.history.export import event_line
from engine.history.recount import Recount, known_notices
from engine.queries.case_file import case_file
from engine.storage.tables import process_instance
from engine.verify_cli import verify
from tests.conftest import open_engine
from tests.engine.test_tampering import auditor
from tests.processes.office import wait_until
from tests.tamper import HISTORY, MANIFEST, body_of, entries, packed

Files = dict[str, bytes]
ROOT = Path(__file__).parents[2]


def words(kind: str, code: str) -> str:
    return code


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Any:
    engine = open_engine(tmp_path_factory.mktemp("case-file") / "a.db")
    seed(engine)
    desk = Desk(engine)
    for pause in granted(desk, 1):
        wait_until(desk, desk.now + pause)
    with engine.database.reading() as conn:
        key = conn.exec_driver_sql(
            "SELECT key FROM process_instance WHERE process_id = 'ln_art12_application'"
        ).scalar()
    yield engine, desk, int(key or 0)
    engine.close()


@pytest.fixture(scope="module")
def made(office: tuple[Engine, Desk, int]) -> bytes:
    engine, desk, key = office
    content: bytes = engine.queries.search(case_file, auditor(desk), key, words).content
    return content


@pytest.fixture
def files(made: bytes) -> Files:
    return entries(made)


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Files]:
    engine = open_engine(tmp_path_factory.mktemp("late") / "a.db")
    seed(engine)
    desk = Desk(engine)
    for pause in granted_late(desk, 1):
        wait_until(desk, desk.now + pause)
    with engine.database.reading() as conn:
        of = process_instance.c
        key = conn.execute(select(of.key).where(of.process_id == "ln_art12_application")).scalar_one()
    yield entries(engine.queries.search(case_file, auditor(desk), key, words).content)
    engine.close()


def check(data: bytes) -> CaseFileReport:
    return verify_case_file(io.BytesIO(data))


def found(files: Files) -> set[tuple[str, int | None]]:
    """Return kind and event of what is found in an archive whose manifest was made to fit."""
    return {(one.kind, one.seq) for one in check(packed(files)).findings}


def bodies(files: Files) -> list[dict[str, Any]]:
    return [orjson.loads(body_of(line)) for line in files[HISTORY].splitlines(keepends=True)[1:-1]]


def event_of(files: Files, kind: str) -> dict[str, Any]:
    return next(body for body in bodies(files) if body["type"] == kind)


def test_a_case_file_holds_everything_and_proves_itself(made: bytes) -> None:
    report, names = check(made), set(entries(made))

    assert report.findings == []
    assert (report.documents, report.versions) == (2, 1) and report.limits >= 3 and report.notices > 5
    assert {
        MANIFEST,
        HISTORY,
        "xes/LN12-2026-0001.xes",
        "report.html",
        "report.pdf",
        "model/1/process.bpmn",
        "calendar/layers.json",
        "calendar/notices.json",
        "forms/forms.json",
        "attachments/index.json",
    } <= names
    assert len([name for name in names if name.startswith("documents/")]) == 4


def test_the_same_case_at_the_same_instant_gives_the_same_bytes(
    office: tuple[Engine, Desk, int], made: bytes
) -> None:
    engine, desk, key = office

    assert engine.queries.search(case_file, auditor(desk), key, words).content == made


def test_only_an_auditor_who_sees_the_case_gets_its_file(office: tuple[Engine, Desk, int]) -> None:
    engine, desk, key = office
    with engine.database.reading() as conn:
        party = conn.exec_driver_sql("SELECT providing_key FROM process_instance").scalar()

    with pytest.raises(NotAllowed):
        engine.queries.search(case_file, desk.actor(int(party or 0), "handler"), key, words)
    with pytest.raises(NotFound):
        engine.queries.search(case_file, auditor(desk), 1, words)


def test_the_report_says_who_did_what_when_with_values_before_and_after(files: Files) -> None:
    page = html.fromstring(files["report.html"].decode())
    text = " ".join(page.text_content().split())
    trailer = orjson.loads(files[HISTORY].splitlines()[-1])["trailer"]

    assert len(page.find_class("event")) == trailer["events"]
    assert [page.find_class("event")[-1].find_class("hash")[0].text_content()] == [trailer["head"]]
    for part in (
        "变动前",
        "变动后",
        "规定时刻",
        "登记时刻",
        "经办人",
        "shixian verify",
        "《民法典》第二百零一条",
    ):
        assert part in text
    assert len(page.xpath("//*[@data-element]")) > 50
    assert page.find_class("passed")


def test_the_forms_are_there_to_be_read_by_programs(files: Files) -> None:
    filled = orjson.loads(files["forms/forms.json"])

    assert {"label", "before", "after"} == set(filled[0]["fields"][0])
    assert "共享申请表" in {one["form"] for one in filled} or any(one["form"] for one in filled)


def test_the_snippet_of_the_readme_checks_each_history_inside(files: Files, tmp_path: Path) -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## Verify a history without us", 1)[1]
    snippet = section.split("```python\n", 1)[1].split("```", 1)[0]
    root = orjson.loads(files[MANIFEST])["sealed_root"]
    inside = [name for name in files if name.endswith(".shixian.jsonl")]

    assert len(inside) == 3
    for name in inside:
        path = tmp_path / "x.jsonl"
        path.write_bytes(files[name])
        told = subprocess.run(
            [sys.executable, "-I", "-c", snippet, str(path)], capture_output=True, text=True, check=True
        )
        assert root in told.stdout


def test_a_case_file_is_checked_without_database_or_web(made: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.shixian.zip"
    path.write_bytes(made)
    script = (
        "import sys; from engine.verify_cli import verify\n"
        "try: verify([sys.argv[1]], standalone_mode=False)\n"
        "except SystemExit as end: assert not end.code\n"
        "assert not {'sqlalchemy', 'flask', 'SpiffWorkflow', 'engine.storage', 'engine.app'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True, cwd=ROOT, capture_output=True)


# What is exchanged


def test_a_file_that_was_edited_taken_out_or_put_in_is_named(files: Files) -> None:
    changed = {**files, "report.html": b"<p>", "more.txt": b"x"}
    del changed["calendar/notices.json"]

    assert {(b.kind) for b in check(packed(changed, fitting=False)).findings} == {"file", "extra", "missing"}


def test_an_edited_document_is_named_at_the_event_that_issued_it(files: Files) -> None:
    issued = event_of(files, "DocumentIssued")
    name = f"documents/{issued['data']['document_key']}.html"

    assert found({**files, name: files[name].replace("同意".encode(), "不同意".encode(), 1) + b" "}) == {
        ("document", issued["seq"])
    }
    assert found({k: v for k, v in files.items() if k != name}) == {("document", issued["seq"])}


def test_a_document_of_another_case_is_named(files: Files) -> None:
    assert found({**files, "documents/1.html": b"<p>"}) == {("document", None)}


def test_an_edited_model_is_named_at_the_event_that_chose_it(files: Files) -> None:
    name = "model/1/process.bpmn"

    assert found({**files, name: files[name].replace(b'value="5"', b'value="9"', 1)}) == {("model", 1)}
    assert found({**files, "model/1/forms/more.json": b"{}"}) == {("model", 1)}


def test_an_attachment_that_the_history_does_not_name_is_named(files: Files) -> None:
    assert found({**files, "attachments/" + "0" * 64: b"x"}) == {("attachment", None)}


def test_another_calendar_is_named(files: Files) -> None:
    name = "evidence/calendar.shixian.jsonl"
    lines = files[name].splitlines(keepends=True)

    assert found({**files, name: b"".join([*lines[:3], *lines[4:]])}) == {("deleted", 3)}
    assert found({k: v for k, v in files.items() if k != name}) == {("missing", None)}


@pytest.mark.parametrize(
    "changed",
    [{"sealed_day": "2020-01-01"}, {"sealed_root": "0" * 64}, {"sealed_to": 1}, {"algorithm": "SM3"}],
)
def test_a_manifest_that_tells_another_seal_is_named(files: Files, changed: dict[str, Any]) -> None:
    manifest = orjson.loads(files[MANIFEST]) | changed

    report = check(packed({**files, MANIFEST: orjson.dumps(manifest)}))

    assert [one.kind for one in report.findings] == ["manifest"]


def test_what_nothing_proves_is_said_to_be_for_reading_only(files: Files, tmp_path: Path) -> None:
    """Who edits the report edits the manifest with it; the verdict must not speak for the report."""
    path = tmp_path / "x.shixian.zip"
    path.write_bytes(packed({**files, "report.html": b"<p>", "forms/forms.json": b"{}"}))

    told = CliRunner().invoke(verify, [str(path)])

    [line] = [line for line in told.output.splitlines() if "不能由记录证明" in line]
    papers = [name for name in files if name.startswith("documents/")]
    assert "report.html" in line and "forms/forms.json" in line and "calendar/notices.json" in line
    assert papers and all((name in line) == name.endswith(".pdf") for name in papers)
    assert HISTORY not in line and "model/" not in line


def test_evidence_that_is_not_under_the_seal_is_named(files: Files) -> None:
    """A calendar made up by somebody has a whole chain, but no proof."""
    name = "evidence/calendar.shixian.jsonl"

    assert found({**files, name: dropped(files[name])}) == {("seal", 1)}


def rewritten(files: Files, change: Callable[[dict[str, Any]], None]) -> Files:
    """Return the files with events changed, the chain computed anew, and all seals dropped: not sealed yet, they say."""
    lines = files[HISTORY].splitlines(keepends=True)
    made, previous = lines[:1], GENESIS
    for line in lines[1:-1]:
        body = orjson.loads(body_of(line))
        change(body)
        told = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        previous = link(previous, told)
        made.append(event_line(told, previous))
    anew = {**files, HISTORY: b"".join([*made, unsealed(lines[-1], head=previous.hex())])}
    return {
        name: dropped(content) if name.startswith("evidence/") else content for name, content in anew.items()
    }


def unsealed(line: bytes, **values: Any) -> bytes:
    trailer = orjson.loads(line)
    trailer["trailer"].update(proofs=[], seals=[], sealed_to=0, **values)
    return orjson.dumps(trailer) + b"\n"


def dropped(history: bytes) -> bytes:
    *lines, last = history.splitlines(keepends=True)
    return b"".join([*lines, unsealed(last)])


def test_a_history_that_says_it_is_not_sealed_yet_is_held_against_the_seals_beside_it(files: Files) -> None:
    """R-T14: who computes a chain anew drops its proofs, but cannot make the calendar's older."""
    anew = rewritten(files, lambda body: None)
    kept = {name: content for name, content in files.items() if name.startswith("evidence/")}

    assert found(anew) == set()
    assert found({**anew, **kept}) == {("seal", 1)}
    assert found({**files, HISTORY: dropped(files[HISTORY])}) == {("seal", 1)}


def on(kind: str, **values: Any) -> Callable[[dict[str, Any]], None]:
    def change(body: dict[str, Any]) -> None:
        if body["type"] == kind:
            body["data"].update(values)

    return change


def test_a_limit_that_was_set_otherwise_is_found_by_counting_again(files: Files) -> None:
    """R-T1 and R-T2 by an outsider: the due date follows from the event, the terms and the notices."""
    set_at = event_of(files, "DeadlineSet")["seq"]

    assert ("limit", set_at) in found(rewritten(files, on("DeadlineSet", due_on="2026-07-01")))
    assert ("limit", set_at) in found(rewritten(files, on("DeadlineSet", status="provisional")))
    assert ("notice", set_at) in found(rewritten(files, on("DeadlineSet", notices=["none-2026"])))


def test_a_lateness_that_was_made_up_is_found_by_counting_again(files: Files) -> None:
    ended = event_of(files, "DeadlineEnded")["seq"]

    assert ("limit", ended) in found(rewritten(files, on("DeadlineEnded", late_wd=3, late_cd=3)))


def test_a_lateness_that_was_denied_or_said_without_cause_is_found(files: Files, late: Files) -> None:
    """The days stand there unchanged; that the limit ran out is another event."""
    ended = event_of(files, "DeadlineEnded")["seq"]
    denied = {("limit", b["seq"]) for b in bodies(late) if b["data"].get("state") == "met_late"}

    assert found(rewritten(late, lambda body: None)) == set()
    assert ("limit", ended) in found(rewritten(files, on("DeadlineEnded", state="met_late")))
    assert found(rewritten(late, on("DeadlineEnded", state="met"))) == denied != set()


def test_terms_that_are_no_terms_are_told_in_words(files: Files) -> None:
    assert {kind for kind, _ in found(rewritten(files, on("DeadlineSet", terms={})))} == {"limit"}
    assert {kind for kind, _ in found({**files, "calendar/layers.json": b"[1]"})} == {"format"}


def test_a_notice_confirmed_at_the_instant_of_a_limit_may_count_or_not(files: Files) -> None:
    """R-T8: which of the two was first does not follow from the file; an honest case must not be called false."""
    events = [parse(body_of(line)) for line in files[HISTORY].splitlines(keepends=True)[1:-1]]
    calendar = files["evidence/calendar.shixian.jsonl"].splitlines(keepends=True)[1:-1]
    known = known_notices(parse(body_of(line)) for line in calendar)
    at = instant(event_of(files, "DeadlineSet")["data"]["calendar_as_of"])
    layers = {int(key): tuple(scopes) for key, scopes in orjson.loads(files["calendar/layers.json"]).items()}
    corrected, earlier = (
        [replace(one, until=until) for one in known] for until in (at, at - timedelta(seconds=1))
    )

    assert list(Recount(known, layers).check(events)) == []
    assert not [b for b in Recount(corrected, layers).check(events[: seq_of_set(files)]) if b.kind == "limit"]
    assert [b for b in Recount(earlier, layers).check(events[: seq_of_set(files)]) if b.kind == "notice"]


def seq_of_set(files: Files) -> int:
    seq: int = event_of(files, "DeadlineSet")["seq"]
    return seq


# Archives that are none


def zipped(*entries: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        warnings.simplefilter("ignore")  # a name twice is what is wanted
        for name, content in entries:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        pytest.param(b"", "archive", id="empty"),
        pytest.param(b"PK\x03\x04" + bytes(200), "archive", id="only its beginning"),
        pytest.param(zipped(), "missing", id="no files"),
        pytest.param(zipped(("manifest.json", b"[]")), "format", id="a manifest of nothing"),
        pytest.param(zipped(("manifest.json", b"[" * 100_000)), "format", id="a deep manifest"),
        pytest.param(zipped(("manifest.json", b"{}"), ("manifest.json", b"{}")), "duplicate", id="twice"),
        pytest.param(zipped(("../manifest.json", b"{}")), "name", id="upwards"),
        pytest.param(zipped(("/etc/passwd", b"{}")), "name", id="absolute"),
        pytest.param(zipped(("a\\b", b"{}")), "name", id="a backslash"),
        pytest.param(zipped(("a/./b", b"{}")), "name", id="a dot"),
        pytest.param(zipped(("x" * 300, b"{}")), "name", id="a long name"),
        pytest.param(zipped(("bomb", bytes(50_000_000))), "archive", id="a bomb"),
        pytest.param(zipped(*((f"f{n}", b"") for n in range(archive.MAX_FILES + 1))), "archive", id="many"),
    ],
)
def test_an_archive_that_is_none_of_ours_is_refused_in_words(data: bytes, kind: str) -> None:
    with pytest.raises(Broken, match=r".+ / .+") as refused:
        check(data)

    assert refused.value.kind == kind


def test_a_size_that_is_a_lie_is_found(made: bytes) -> None:
    """The directory says less than there is."""
    data = bytearray(zipped(("manifest.json", b"{}" + b" " * 5000)))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")

    with pytest.raises(Broken):
        check(bytes(data))


@settings(max_examples=60)
@given(cut=st.integers(min_value=0, max_value=100_000), put=st.binary(max_size=20))
def test_damage_is_never_more_than_a_finding(made: bytes, cut: int, put: bytes) -> None:
    at = cut % len(made)
    try:
        check(made[:at] + put + made[at + len(put) :])
    except Broken:
        pass
