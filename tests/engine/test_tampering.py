"""Seven ways to falsify a history are found and named, on exports, on case files, and in the database itself (C.7)."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select, update

from engine.app import Engine
from engine.demo.cases import Desk, deliver
from engine.demo.seed import seed
from engine.history.breaks import Broken
from engine.history.case_file_check import verify_case_file
from engine.history.verify import Published, verify
from engine.integrity import Checked, check_database, check_stream, read_held, read_only
from engine.people import Actor
from engine.queries import seals
from engine.queries.case_file import case_file
from engine.storage.tables import event, process_instance, seal, sealed_chunk, stream_head
from engine.verify_cli import verify as command
from tests.conftest import at_once, beijing, open_engine
from tests.databases import Where
from tests.processes.office import wait_until
from tests.tamper import KINDS, ON_LINES, At, on_archive, on_database

SEVEN = sorted(KINDS)
N = 9


def auditor(desk: Desk) -> Actor:
    with desk.engine.database.reading() as conn:
        org = conn.exec_driver_sql("SELECT organisation_key FROM user_role WHERE role = 'auditor'").scalar()
    return desk.actor(int(org or 0), "auditor")


def play(desk: Desk) -> tuple[int, int]:
    """Let two cases be delivered; on 10 June only the first one moves, and every day is sealed."""
    one, other = at_once(deliver(desk, 1)), at_once(deliver(desk, 2))
    wait_until(desk, beijing("2026-06-10T10:00"))
    desk.do(one, "T12-04", {"check_result": "accept"})
    wait_until(desk, beijing("2026-06-12T10:00"))
    return int(one), int(other)


# Exports and case files


@dataclass(frozen=True)
class Exports:
    lines: list[bytes]
    other: list[bytes]
    file: bytes
    other_file: bytes
    root: str


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Exports:
    engine = open_engine(tmp_path_factory.mktemp("tampering") / "a.db")
    seed(engine)
    desk = Desk(engine)
    one, other = play(desk)
    ask, reader = engine.queries.search, auditor(desk)

    def words(kind: str, code: str) -> str:
        return code

    found = Exports(
        ask(seals.exported, reader, one)[1],
        ask(seals.exported, reader, other)[1],
        ask(case_file, reader, one, words, None, False).content,
        ask(case_file, reader, other, words, None, False).content,
        ask(seals.one, reader, date(2026, 6, 11)).root,
    )
    engine.close()
    return found


@pytest.mark.parametrize("how", SEVEN)
def test_a_falsified_export_is_found_and_named(exports: Exports, how: str) -> None:
    lines = ON_LINES[how](exports.lines, N, exports.other)

    with pytest.raises(Broken) as found:
        verify(io.BytesIO(b"".join(lines)))

    assert found.value.kind == KINDS[how]
    if (
        how != "recompute"
    ):  # a chain computed anew fits itself: the seal only says up to where it does not hold
        assert found.value.seq == (N + 1 if how == "fork" else N)


@pytest.mark.parametrize("how", SEVEN)
def test_a_falsified_case_file_is_found_and_named_though_its_manifest_fits(
    exports: Exports, how: str
) -> None:
    made = on_archive(exports.file, how, N, exports.other_file)

    with pytest.raises(Broken) as found:
        verify_case_file(io.BytesIO(made))

    assert found.value.kind == KINDS[how]


@pytest.mark.parametrize("how", SEVEN)
def test_the_command_names_it_and_exits_1(exports: Exports, tmp_path: Path, how: str) -> None:
    path = tmp_path / "x.shixian.zip"
    path.write_bytes(on_archive(exports.file, how, N, exports.other_file))

    found = CliRunner().invoke(command, [str(path), "--json"])

    assert (found.exit_code, orjson.loads(found.stdout)["kind"]) == (1, KINDS[how])


def test_the_command_says_that_a_whole_case_file_is_whole(exports: Exports, tmp_path: Path) -> None:
    path = tmp_path / "x.shixian.zip"
    path.write_bytes(exports.file)

    found = CliRunner().invoke(command, [str(path), "--head", exports.root])

    assert found.exit_code == 0, found.stdout
    assert "校验通过" in found.stdout and "与2026-06-11公布的封存值相符" in found.stdout


# The database itself


@dataclass(frozen=True)
class Live:
    engine: Engine
    where: Where
    one: int
    other: int
    held: bytes
    root: str

    def check(self, replay: bool = False, root: str | None = None, held: bytes | None = None) -> Checked:
        exports = [read_held(io.BytesIO(held))] if held else []
        with read_only(self.where) as (conn, algorithm):
            return check_database(conn, algorithm, Published(root) if root else None, exports, replay)


@pytest.fixture
def live(engine: Engine, database: Where, desk: Desk) -> Iterator[Live]:
    one, other = play(desk)
    lines = engine.queries.search(seals.exported, auditor(desk), one)[1]
    root = engine.queries.search(seals.one, auditor(desk), date(2026, 6, 11)).root
    yield Live(engine, database, one, other, b"".join(lines), root)


def later(live: Live) -> int:
    """Return the first event of 10 June, when only this case moved."""
    with live.engine.database.reading() as conn:
        rows = conn.execute(select(event).where(event.c.stream == live.one).order_by(event.c.seq))
        return next(row.seq for row in rows if orjson.loads(row.body)["recorded_at"] > "2026-06-10")


def test_a_whole_database_is_whole_and_its_tables_follow_from_the_history(live: Live) -> None:
    found = live.check(replay=True, root=live.root, held=live.held)

    assert found.findings == []
    assert (found.seals, found.sealed_day, found.published_day) == (4, "2026-06-11", "2026-06-11")
    assert found.replayed == found.events > 100


@pytest.mark.parametrize("how", SEVEN)
def test_a_falsified_database_is_found_and_named_at_the_event(live: Live, how: str) -> None:
    at = later(live)
    with live.engine.database.writing() as conn:
        on_database(conn, how, At(live.one, at, live.other))

    findings = live.check().findings
    if how == "recompute":  # a seal tells the streams that grew under it, and of each from which event on
        assert [f.kind for f in findings] == ["rewritten"]
        own = [(f.stream, f.seq) for f in findings] + [c[:2] for f in findings for c in f.candidates]
        assert (live.one, at) in own and live.other not in dict(own)
        return
    found = next(one for one in findings if one.stream == live.one)
    assert (found.kind, found.seq) == (KINDS[how], at)
    assert found.case.startswith("LN12-2026-") and found.zh and found.en


@pytest.mark.parametrize("how", SEVEN)
def test_the_chain_of_one_case_says_the_same_but_for_what_only_seals_show(live: Live, how: str) -> None:
    at = later(live)
    with live.engine.database.writing() as conn:
        on_database(conn, how, At(live.one, at, live.other))

    with read_only(live.where) as (conn, algorithm):
        found = check_stream(conn, live.one, algorithm)

    if how in ("recompute", "truncate"):  # its head was made to fit
        assert found is None
    else:
        assert found is not None and (found.kind, found.seq) == (KINDS[how], at)


def test_an_export_that_somebody_kept_shows_the_exact_event_of_a_rewritten_history(live: Live) -> None:
    with live.engine.database.writing() as conn:
        on_database(conn, "recompute", At(live.one, 7, live.other))

    alone, compared = live.check(), live.check(held=live.held)

    assert [(f.kind, f.stream) for f in alone.findings] == [("rewritten", None)]  # one of many that day
    assert [(f.kind, f.stream, f.seq) for f in compared.findings] == [("rewritten", live.one, 7)]


def test_a_rewritten_history_whose_head_was_forgotten_is_found_without_any_seal(live: Live) -> None:
    with live.engine.database.writing() as conn:
        kept = conn.execute(select(stream_head).where(stream_head.c.stream == live.one)).one()
        on_database(conn, "recompute", At(live.one, later(live), live.other))
        conn.execute(update(stream_head).where(stream_head.c.stream == live.one).values(hash=kept.hash))

    assert [(f.kind, f.stream, f.seq) for f in live.check().findings] == [
        ("rewritten", live.one, later(live))
    ]


def test_a_whole_case_taken_out_is_missed(live: Live) -> None:
    with live.engine.database.writing() as conn:
        on_database(conn, "delete", At(live.one, 1, live.other))
        conn.execute(delete(event).where(event.c.stream == live.one))
        conn.execute(delete(stream_head).where(stream_head.c.stream == live.one))
        conn.execute(delete(process_instance).where(process_instance.c.key == live.one))

    found = live.check().findings

    assert [(f.kind, f.stream, f.seq) for f in found] == [("truncated", live.one, 1)]


def test_a_column_beside_the_body_cannot_be_edited_either(live: Live) -> None:
    with live.engine.database.writing() as conn:
        on_database(conn, "delete", At(live.other, 5, live.one))
        conn.execute(
            update(event).where(event.c.stream == live.one, event.c.seq == 6).values(type="NoticeSent")
        )

    assert {(f.kind, f.stream, f.seq) for f in live.check().findings} == {
        ("deleted", live.other, 5),
        ("edited", live.one, 6),
    }


def test_bytes_that_cannot_be_unpacked_are_an_edit_and_the_case_page_still_opens(
    live: Live, desk: Desk
) -> None:
    with live.engine.database.writing() as conn:
        on_database(conn, "edit", At(live.other, 5, live.one))
        mark = "%s" if conn.dialect.name == "postgresql" else "?"
        conn.exec_driver_sql(
            f"UPDATE event SET body = {mark} WHERE stream = {mark} AND seq = 5", (b"\x00\x01", live.one)
        )

    page = live.engine.queries.case(auditor(desk), live.one)

    assert (page.broken and page.broken.kind, page.broken and page.broken.seq) == ("edited", 5)
    assert [f.seq for f in live.check().findings if f.stream == live.one] == [5]


def test_a_seal_made_anew_over_a_rewritten_history_is_shown_by_the_published_root_alone(live: Live) -> None:
    """Who owns the database can rewrite everything in it; not what was printed elsewhere."""
    wrong = "0" * 64

    assert [f.kind for f in live.check(root=wrong).findings] == ["head"]


def test_an_edited_seal_is_found(live: Live) -> None:
    with live.engine.database.writing() as conn:
        conn.execute(update(seal).where(seal.c.number == 2).values(root="0" * 64))

    assert {f.kind for f in live.check().findings} == {"seal"}


def test_an_edited_chunk_of_the_tree_is_found(live: Live) -> None:
    with live.engine.database.writing() as conn:
        conn.execute(update(sealed_chunk).where(sealed_chunk.c.seal == 1).values(hash=bytes(32)))

    assert live.check().findings


def test_a_table_that_was_edited_by_hand_is_found_by_replay(live: Live) -> None:
    with live.engine.database.writing() as conn:
        conn.execute(
            update(process_instance).where(process_instance.c.key == live.one).values(title="另一标题")
        )

    assert live.check().findings == []
    found = live.check(replay=True).findings
    assert [f.kind for f in found] == ["projection"]
    assert "process_instance" in found[0].zh and "另一标题" in found[0].found


def test_the_check_writes_nothing(live: Live) -> None:
    with read_only(live.where) as (conn, _), pytest.raises(Exception, match=r"read-?only"):
        conn.exec_driver_sql("UPDATE stream_head SET seq = 0")


@pytest.mark.only("sqlite")
def test_the_command_checks_a_database_that_is_in_use(live: Live) -> None:
    found = CliRunner().invoke(command, ["--database", str(live.where), "--json"])

    assert (found.exit_code, orjson.loads(found.stdout)["ok"]) == (0, True)


@pytest.mark.parametrize("name", ["none.db", "text.db"])
def test_what_is_no_database_is_refused_in_words(tmp_path: Path, name: str) -> None:
    (tmp_path / "text.db").write_bytes(b"no database at all" * 100)

    found = CliRunner().invoke(command, ["--database", str(tmp_path / name)])

    assert found.exit_code == 1 and "数据库" in found.stderr
