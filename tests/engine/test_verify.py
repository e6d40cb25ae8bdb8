"""An exported history is checked without the platform; each kind of tampering is found and named."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.app import Engine
from engine.clock import FixedClock
from engine.demo.cases import Desk, deliver
from engine.demo.seed import seed
from engine.history.algorithm import ALGORITHMS, SHA256, Algorithm
from engine.history.chain import GENESIS, link
from engine.history.export import event_line
from engine.history.verify import MAX_LINE, Broken, Published, read_published, verify
from engine.people import Actor
from engine.queries import seals as queries
from engine.verify_cli import verify as command
from tests.conftest import NOTICES, START, at_once, beijing, open_engine
from tests.processes.office import wait_until

ROOT = Path(__file__).parents[2]
PUBLISHED_ON = date(2026, 6, 9)
Lines = list[bytes]


@dataclass(frozen=True)
class Exported:
    """One case exported from the seal of 9 June on, another case of the same platform, and the roots by day."""

    lines: Lines
    other: Lines
    roots: dict[str, str]
    seal: dict[str, Any]


def auditor(desk: Desk) -> Actor:
    with desk.engine.database.reading() as conn:
        org = conn.exec_driver_sql("SELECT organisation_key FROM user_role WHERE role = 'auditor'").scalar()
    return desk.actor(int(org or 0), "auditor")


def play(engine: Engine) -> Exported:
    desk = Desk(engine)
    reader = auditor(desk)

    def export(key: int) -> Lines:
        lines: Lines = engine.queries.search(queries.exported, reader, key, PUBLISHED_ON)[1]
        return lines

    first, second = at_once(deliver(desk, 1)), at_once(deliver(desk, 2))
    wait_until(desk, beijing("2026-06-10T10:00"))
    desk.do(first, "T12-04", {"check_result": "accept"})
    wait_until(desk, beijing("2026-06-12T10:00"))
    wait_until(desk, beijing("2026-06-13T10:00"))
    desk.do(second, "T12-04", {"check_result": "accept"})
    found, _ = engine.queries.search(queries.seals, reader)
    roots = {one.day.isoformat(): one.root for one in found}
    return Exported(
        export(first),
        export(second),
        roots,
        {"day": "2026-06-09", "root": roots["2026-06-09"]},
    )


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    engine = open_engine(tmp_path_factory.mktemp("export") / "a.db")
    seed(engine)
    found = play(engine)
    engine.close()
    return found


def check(lines: Lines, published: Published | None = None) -> Any:
    return verify(io.BytesIO(b"".join(lines)), published)


def body_of(line: bytes) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(line)["body"]
    return found


def rewritten(
    lines: Lines, change: Callable[[list[dict[str, Any]]], None], algorithm: Algorithm = SHA256
) -> Lines:
    """Return the file with bodies changed and the whole chain computed anew, as who holds the database would."""
    bodies = [body_of(line) for line in lines[1:-1]]
    change(bodies)
    previous, made = GENESIS, []
    for seq, body in enumerate(bodies, start=1):
        text = orjson.dumps({**body, "seq": seq}, option=orjson.OPT_SORT_KEYS)
        previous = link(previous, text, algorithm)
        made.append(event_line(text, previous))
    return [lines[0], *made, trailer(lines, events=len(made), head=previous.hex())]


def trailer(lines: Lines, **change: Any) -> bytes:
    found = orjson.loads(lines[-1])
    found["trailer"].update(change)
    return orjson.dumps(found) + b"\n"


def edit(seq: int, old: bytes, new: bytes) -> Callable[[Lines, Lines], Lines]:
    def change(lines: Lines, _: Lines) -> Lines:
        assert old in lines[seq]
        return [*lines[:seq], lines[seq].replace(old, new, 1), *lines[seq + 1 :]]

    return change


def forge(lines: Lines, _: Lines) -> Lines:
    """Edit an event and give it the hash it then has, so that the next one does not fit."""
    body = orjson.dumps({**body_of(lines[5]), "type": "NoticeSent"}, option=orjson.OPT_SORT_KEYS)
    previous = bytes.fromhex(orjson.loads(lines[4])["hash"])
    return [*lines[:5], event_line(body, link(previous, body)), *lines[6:]]


def longer(lines: Lines, _: Lines) -> Lines:
    """Append an event after the sealed ones and say so in the trailer, but leave its number out."""
    return [*lines[:-1], lines[-2], lines[-1]]


def with_seals(change: Callable[[list[Any]], list[Any]]) -> Callable[[Lines, Lines], Lines]:
    def made(lines: Lines, _: Lines) -> Lines:
        return [*lines[:-1], trailer(lines, seals=change(orjson.loads(lines[-1])["trailer"]["seals"]))]

    return made


def with_proofs(**change: Any) -> Callable[[Lines, Lines], Lines]:
    def made(lines: Lines, _: Lines) -> Lines:
        proofs = orjson.loads(lines[-1])["trailer"]["proofs"]
        return [*lines[:-1], trailer(lines, proofs=[*proofs[:-1], {**proofs[-1], **change}])]

    return made


def edited_root(seals: list[Any]) -> list[Any]:
    body = orjson.loads(seals[-1]["body"])
    body["data"]["root"] = "0" * 64
    return [*seals[:-1], {**seals[-1], "body": orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()}]


def first_last(bodies: list[dict[str, Any]]) -> None:
    bodies[3], bodies[4] = bodies[4], bodies[3]


def gone(bodies: list[dict[str, Any]]) -> None:
    del bodies[6]


def other_reason(bodies: list[dict[str, Any]]) -> None:
    bodies[2]["data"] = {"values": {"reason": "改写"}}


def backdated(bodies: list[dict[str, Any]]) -> None:
    bodies[8]["recorded_at"] = "2026-06-01T02:00:00Z"


MUTATIONS = [
    pytest.param(edit(7, b'"data":{', b'"data":{"x":1,'), "edited", 7, id="a body edited"),
    pytest.param(edit(7, b'"name":"', b'"name":"\xe5\xbc\xa0'), "edited", 7, id="a name edited"),
    pytest.param(edit(7, b'"body":{', b'"body": {'), "edited", 7, id="only a space put in"),
    pytest.param(
        lambda x, _: [*x[:7], x[7].replace(x[7][9:73], b"0" * 64), *x[8:]], "edited", 7, id="a hash edited"
    ),
    pytest.param(forge, "edited", 6, id="edited with its hash: the next one does not fit"),
    pytest.param(lambda x, _: [*x[:5], *x[6:]], "deleted", 5, id="an event deleted"),
    pytest.param(lambda x, _: [x[0], *x[2:]], "deleted", 1, id="the first event deleted"),
    pytest.param(lambda x, _: [*x[:5], *x[9:]], "deleted", 5, id="several deleted"),
    pytest.param(lambda x, _: [*x[:5], x[6], x[5], *x[7:]], "reordered", 5, id="two events re-ordered"),
    pytest.param(lambda x, _: [*x[:5], *x[6:-1], x[5], x[-1]], "reordered", 5, id="one moved to the end"),
    pytest.param(lambda x, _: [*x[:6], x[5], *x[6:]], "forked", 6, id="an event twice"),
    pytest.param(longer, "forked", None, id="the last event twice"),
    pytest.param(lambda x, y: [*x[:5], y[5], *x[6:]], "swapped", 5, id="an event of another case"),
    pytest.param(lambda x, y: [x[0], *y[1:]], "swapped", 1, id="the whole log of another case"),
    pytest.param(
        lambda x, _: [x[0].replace(b"LN12-2026", b"LN12-2025"), *x[1:]],
        "swapped",
        1,
        id="another case number",
    ),
    pytest.param(lambda x, _: x[:20], "truncated", 20, id="cut off between two events"),
    pytest.param(lambda x, _: [*x[:20], x[20][:300]], "truncated", 20, id="cut off within an event"),
    pytest.param(lambda x, _: [*x[:-1], x[-1][:300]], "truncated", None, id="cut off within the trailer"),
    pytest.param(lambda x, _: [*x[:20], x[-1]], "truncated", 20, id="cut off with the trailer kept"),
    pytest.param(
        lambda x, _: [*x[:20], trailer(x, events=19, head=orjson.loads(x[19])["hash"])],
        "truncated",
        20,
        id="cut off with a trailer made to fit: the seal covers more",
    ),
    pytest.param(
        lambda x, _: rewritten(x, other_reason), "rewritten", None, id="wholly rewritten, one event edited"
    ),
    pytest.param(lambda x, _: rewritten(x, gone), "rewritten", None, id="wholly rewritten, one event gone"),
    pytest.param(lambda x, _: rewritten(x, first_last), "rewritten", None, id="wholly rewritten, re-ordered"),
    pytest.param(lambda x, _: rewritten(x, backdated), "backwards", 9, id="wholly rewritten, backdated"),
    pytest.param(with_seals(edited_root), "seal", None, id="a seal edited"),
    pytest.param(with_seals(lambda s: [s[0], *s[2:]]), "seal", None, id="a seal taken out"),
    pytest.param(with_seals(lambda s: [s[1], s[0], *s[2:]]), "seal", None, id="seals re-ordered"),
    pytest.param(with_seals(lambda s: s[:-1]), "proof", None, id="the latest seal taken out"),
    pytest.param(with_proofs(seq=3), "rewritten", 3, id="the proof of an earlier event"),
    pytest.param(with_proofs(leaf=0), "rewritten", None, id="the proof of another leaf"),
    pytest.param(with_proofs(path=[]), "rewritten", None, id="an empty path"),
    pytest.param(with_proofs(size=1), "rewritten", None, id="another size"),
    pytest.param(lambda x, _: [*x[:-1], trailer(x, proofs=[])], "proof", None, id="proofs taken out"),
    pytest.param(
        lambda x, _: [*x[:-1], trailer(x, head="0" * 64)], "forked", None, id="the trailer's head edited"
    ),
    pytest.param(lambda x, _: [*x, x[-2]], "format", None, id="something after the trailer"),
]


@pytest.mark.parametrize(("change", "kind", "seq"), MUTATIONS)
def test_tampering_is_found_and_named(
    exported: Exported, change: Callable[[Lines, Lines], Lines], kind: str, seq: int | None
) -> None:
    with pytest.raises(Broken) as found:
        check(change(exported.lines, exported.other))

    assert (found.value.kind, found.value.zh != "", found.value.en != "") == (kind, True, True), found.value
    if seq is not None:
        assert found.value.seq == seq


def test_a_whole_file_says_what_it_proves(exported: Exported) -> None:
    report = check(exported.lines)

    assert (report.algorithm, report.events, report.sealed_to) == (
        "SHA-256",
        len(exported.lines) - 2,
        len(exported.lines) - 2,
    )
    assert report.sealed_day == "2026-06-12"
    assert report.sealed_root == exported.roots["2026-06-12"]
    assert report.first_at == "2026-06-08T02:00:00Z"


def test_an_open_case_says_up_to_where_it_is_sealed(exported: Exported) -> None:
    report = check(exported.other, Published(exported.roots["2026-06-09"], "2026-06-09"))

    assert 0 < report.published_to < report.sealed_to < report.events


def test_the_published_root_holds_what_was_sealed_by_then(exported: Exported) -> None:
    report = check(exported.lines, Published(exported.roots["2026-06-09"]))

    assert report.published_day == "2026-06-09"
    assert 0 < report.published_to < report.sealed_to


def drop_seals(lines: Lines) -> Lines:
    return [*lines[:-1], trailer(lines, proofs=[], seals=[], sealed_to=0)]


def test_a_rewritten_history_without_seals_passes_alone_but_never_against_a_published_root(
    exported: Exported,
) -> None:
    forged = drop_seals(rewritten(exported.lines, other_reason))

    assert check(forged).sealed_to == 0
    with pytest.raises(Broken) as found:
        check(forged, Published(exported.roots["2026-06-09"]))
    assert found.value.kind == "head"


def test_a_platform_rewritten_from_its_beginning_is_found_by_the_published_root(
    exported: Exported, tmp_path: Path
) -> None:
    """Everything is consistent: chain, proofs, seals. Only the number printed elsewhere is another."""
    engine = open_engine(tmp_path / "forged.db")
    seed(engine)
    forged = play(engine)
    engine.close()

    assert check(forged.lines).sealed_to
    for published in (
        Published(exported.roots["2026-06-09"], "2026-06-09"),
        Published(exported.roots["2026-06-12"]),
    ):
        with pytest.raises(Broken) as found:
            check(forged.lines, published)
        assert found.value.kind == "head"
        assert found.value.expected == published.root


def test_a_published_root_before_the_first_seal_of_the_file_asks_for_another_export(
    exported: Exported,
) -> None:
    with pytest.raises(Broken, match="since=<day>"):
        check(exported.lines, Published(exported.roots["2026-06-08"], "2026-06-08"))


def test_a_published_root_between_the_proofs_asks_for_another_export(exported: Exported) -> None:
    with pytest.raises(Broken, match="since=2026-06-10"):
        check(exported.lines, Published(exported.roots["2026-06-10"], "2026-06-10"))


def test_clocks_of_two_nodes_may_differ_by_seconds_and_it_is_remarked(exported: Exported) -> None:
    def late(bodies: list[dict[str, Any]]) -> None:
        bodies[0]["recorded_at"] = "2026-06-08T02:00:02.500000Z"

    report = check(drop_seals(rewritten(exported.lines, late)))

    assert len(report.remarks) > 0


def test_a_fraction_of_a_second_sorts_after_the_whole_one(exported: Exported) -> None:
    def fraction(bodies: list[dict[str, Any]]) -> None:
        bodies[-1]["recorded_at"] = bodies[-1]["recorded_at"].replace("Z", ".000001Z")

    assert check(drop_seals(rewritten(exported.lines, fraction))).remarks == []


@pytest.mark.parametrize("name", ["SHA-256", "SM3"])
def test_both_hashes_are_checked(tmp_path: Path, name: str) -> None:
    engine = Engine(
        tmp_path / "a.db", NOTICES, clock=FixedClock(START), rehearsal=True, durable=False, algorithm=name
    )
    seed(engine)
    found = play(engine)
    engine.close()

    report = check(found.lines, Published(found.roots["2026-06-09"]))
    assert report.algorithm == name
    wrong = next(other for other in ALGORITHMS if other != name)
    with pytest.raises(Broken) as broken:
        check([found.lines[0].replace(name.encode(), wrong.encode()), *found.lines[1:]])
    assert (broken.value.kind, broken.value.seq) == ("edited", 1)


# What is no export at all


HOSTILE = [
    pytest.param(b"", id="empty"),
    pytest.param(b"\n", id="an empty line"),
    pytest.param(b"key,value\n1,2\n", id="a table"),
    pytest.param(b"\x00" * 5000, id="zeros"),
    pytest.param(b"%PDF-1.7\n\xff\xfe\n", id="a PDF"),
    pytest.param("时限".encode("gb18030"), id="another encoding"),
    pytest.param('{"format":"shixian.history"}\n'.encode("utf-16"), id="UTF-16"),
    pytest.param(b"[" * 1_000_000, id="deep JSON"),
    pytest.param(b'{"format":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", id="deep and closed JSON"),
    pytest.param(b'{"format":"shixian.history","version":2}\n', id="a later version"),
    pytest.param(b'{"format":"shixian.history","version":1}\n', id="an empty header"),
    pytest.param(b'{"format":{},"version":[]}\n', id="other types"),
    pytest.param(b"[]\n", id="a list"),
    pytest.param(b"null\n", id="null"),
]


@pytest.mark.parametrize("data", HOSTILE)
def test_another_file_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(Broken, match=r".+ / .+"):
        verify(io.BytesIO(data))


def header(**change: Any) -> bytes:
    found = {"format": "shixian.history", "version": 1, "algorithm": "SHA-256", "case": "x", "stream": "1"}
    return orjson.dumps({**found, "exported_at": "x", **change}) + b"\n"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(header(algorithm="MD5"), id="another hash"),
        pytest.param(header(), id="nothing after the header"),
        pytest.param(header() + b'{"trailer":{}}\n', id="an empty trailer"),
        pytest.param(header() + b'{"trailer":[' + b"[" * 100_000 + b"\n", id="a deep trailer"),
        pytest.param(header() + b'{"trailer":null}\n', id="a trailer of null"),
        pytest.param(header() + b'{"trailer":{"events":-1}}\n', id="a negative count"),
        pytest.param(header() + b'{"trailer":{"events":0}}\n', id="no events"),
        pytest.param(header() + b'{"hash":"' + b"0" * 64 + b'","body":{}}\n', id="an empty body"),
        pytest.param(header() + b'{"hash":"00","body":{}}\n', id="a short hash"),
        pytest.param(header() + b"\xff\xfe\n", id="no text"),
    ],
)
def test_a_bad_body_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(Broken, match=r".+ / .+"):
        verify(io.BytesIO(data))


class Endless(io.RawIOBase):
    """A file of one line without an end."""

    def readline(self, limit: int | None = -1, /) -> bytes:
        assert limit is not None and limit > 0, "a line must be read with a limit"
        return b"x" * limit


def test_a_line_without_an_end_is_refused_without_reading_it_all() -> None:
    with pytest.raises(Broken, match=str(MAX_LINE)):
        verify(Endless())  # type: ignore[arg-type]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("0" * 64),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NAMES = ("events", "head", "sealed_to", "proofs", "seals")


@settings(max_examples=150)
@given(data=st.data())
def test_any_value_in_the_trailer_is_refused_in_words_or_the_file_is_whole(
    exported: Exported, data: st.DataObject
) -> None:
    found = orjson.loads(exported.lines[-1])["trailer"]
    target = data.draw(
        st.sampled_from(
            [found, found["proofs"][0], found["proofs"][1], found["seals"][0], found["seals"][-1]]
        )
    )
    target[data.draw(st.sampled_from(sorted(target)))] = data.draw(VALUES)
    published = Published(exported.roots["2026-06-09"])

    try:
        line = json.dumps({"trailer": found}, separators=(",", ":")).encode() + b"\n"
        assert check([*exported.lines[:-1], line], published).events
    except Broken as broken:
        assert broken.zh and broken.en


@settings(max_examples=150)
@given(data=st.data())
def test_any_changed_byte_is_found(exported: Exported, data: st.DataObject) -> None:
    """But for the header's date of export, which nothing rests on."""
    whole = b"".join(exported.lines[1:])
    at = data.draw(st.integers(0, len(whole) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda b: b != whole[at]))
    changed = whole[:at] + bytes([byte]) + whole[at + 1 :]

    with pytest.raises(Broken):
        verify(io.BytesIO(exported.lines[0] + changed), Published(exported.roots["2026-06-09"]))


# The command


def run(path: Path, *options: str) -> Any:
    return CliRunner().invoke(command, [str(path), *options], catch_exceptions=False)


@pytest.fixture
def file(exported: Exported, tmp_path: Path) -> Path:
    path = tmp_path / "LN12-2026-0001.shixian.jsonl"
    path.write_bytes(b"".join(exported.lines))
    return path


def test_the_command_sums_up_a_whole_file(exported: Exported, file: Path, tmp_path: Path) -> None:
    seal = tmp_path / "seal.json"
    seal.write_text(json.dumps(exported.seal), encoding="utf-8")
    root = exported.roots["2026-06-09"]

    alone, against = run(file), run(file, "--head", str(seal))
    spelt = run(file, "--json", "--head", " ".join(root[at : at + 8] for at in range(0, 64, 8)).upper())

    assert (alone.exit_code, against.exit_code, spelt.exit_code) == (0, 0, 0)
    assert "未与公布的封存值核对" in alone.output
    assert exported.roots["2026-06-12"] in alone.output
    assert "2026-06-09公布的封存值相符" in against.output
    assert json.loads(spelt.output)["published_day"] == "2026-06-09"


def test_the_command_names_the_first_broken_event(exported: Exported, tmp_path: Path) -> None:
    path = tmp_path / "edited.jsonl"
    path.write_bytes(b"".join(edit(7, b'"data":{', b'"data":{"x":1,')(exported.lines, [])))

    text, data = run(path), run(path, "--json")

    assert (text.exit_code, data.exit_code) == (1, 1)
    assert "第7条" in text.output and "Event 7" in text.output and "expected" in text.output
    assert json.loads(data.output) | {"zh": "", "en": "", "expected": "", "found": ""} == {
        "ok": False,
        "kind": "edited",
        "seq": 7,
        "zh": "",
        "en": "",
        "expected": "",
        "found": "",
    }


@pytest.mark.parametrize(
    "head", ["", "xyz", "00", "0" * 63, "0" * 65, "\ud800", "a" * 5000, "{}", '{"root":1}']
)
def test_a_published_root_that_is_none_is_refused_in_words(file: Path, head: str) -> None:
    result = run(file, "--head", head)

    assert result.exit_code == 1
    assert "not whole" in result.output.lower()


@pytest.mark.parametrize(
    "data", [b"", b"\xff" * 100, b"{" * 100_000, b'{"root":null}', b'{"root":"0","day":5}']
)
def test_a_seal_file_that_is_none_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(Broken):
        read_published(data)


def test_the_check_needs_nothing_of_the_engine_that_stores(file: Path) -> None:
    """Run as a module of its own; afterwards neither database nor web nor process library is loaded."""
    script = (
        "import sys; from engine.verify_cli import verify; verify([sys.argv[1]], standalone_mode=False);"
        "assert not {'sqlalchemy', 'flask', 'SpiffWorkflow', 'engine.storage', 'engine.app'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script, str(file)], check=True, cwd=ROOT, capture_output=True)


def test_the_snippet_of_the_readme_checks_an_export(exported: Exported, file: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.split("## Verify a history without us", 1)[1]
    snippet = section.split("```python\n", 1)[1].split("```", 1)[0]
    assert len([line for line in snippet.splitlines() if line]) <= 15
    root = exported.roots["2026-06-09"]

    def outsider(path: Path) -> subprocess.CompletedProcess[str]:
        arguments = [sys.executable, "-I", "-c", snippet, str(path)]
        return subprocess.run(arguments, capture_output=True, text=True, check=False)

    whole = outsider(file)
    assert whole.returncode == 0, whole.stderr
    assert root in whole.stdout
    assert exported.roots["2026-06-12"] in whole.stdout
    file.write_bytes(b"".join(edit(7, b'"data":{', b'"data":{"x":1,')(exported.lines, [])))
    assert "event 7 is broken" in outsider(file).stderr
    file.write_bytes(b"".join(rewritten(exported.lines, other_reason)))
    assert root not in outsider(file).stdout
