"""Reports of Art. 13: access when they are handed in, and those that were merged into another."""

from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.demo.cases import Desk
from engine.demo.verifications import act, begin, fill, records, verify
from engine.errors import InvalidForm
from engine.handlers.record_tables import lines_of
from engine.history.replay import rebuild
from engine.storage.tables import message
from tests.processes import test_grants as grants
from tests.processes import test_ln_art13_verification as art13
from tests.processes.office import case, incidents, open_tasks, task, trail
from tests.processes.test_ln_art08_catalogue_update import granted
from tests.test_replay import tables

# Rules of a procedure: the database decides nothing here; chains, grants and replay run on both.
pytestmark = pytest.mark.only("sqlite")

WITHDRAWN = {"reason": "系窗口录入笔误，数据无误。"}


def waiting(desk: Desk) -> list[str]:
    with desk.engine.database.reading() as conn:
        return list(conn.execute(select(message.c.target).where(message.c.state == "waiting")).scalars())


def merged(desk: Desk, **changes: Any) -> tuple[int, int]:
    first, second = art13.two_reports(desk)
    desk.do(second, "T13-02", {"accept_result": "duplicate", "duplicate_of": str(first)})
    return first, second


def test_r13_03_a_draft_was_handed_in_after_the_grant_had_ended(desk: Desk) -> None:
    instance, _, entry = granted(desk)
    key = begin(desk, case(desk, instance).using_key, entry)
    grants.give_back(desk, grants.holder(desk, instance))
    before = trail(desk, key)

    with pytest.raises(InvalidForm) as refused:
        fill(desk, key, 1)

    assert "没有该资源的有效授权" in refused.value.errors["resource_id"][0].zh
    assert trail(desk, key) == before
    assert open_tasks(desk, key) == {"T13-01"}


def test_the_result_of_a_main_case_waited_for_a_report_that_had_been_withdrawn(desk: Desk) -> None:
    first, second = merged(desk)
    act(desk, second, "ES13-W", WITHDRAWN)
    assert desk.variables(first)["merged"] == []
    verify(desk, first, "corrected")
    desk.engine.sweep()

    assert art13.results(desk, second) == ("withdrawn", "withdrawn")
    assert (waiting(desk), incidents(desk, first)) == ([], [])


def test_a_result_on_its_way_lapses_when_the_merged_report_is_withdrawn(desk: Desk) -> None:
    first, second = merged(desk)
    verify(desk, first, "corrected")
    assert waiting(desk) == ["主校核结果"]
    act(desk, second, "ES13-W", WITHDRAWN)
    desk.engine.sweep()

    assert waiting(desk) == []
    with desk.engine.database.writing() as conn:
        before = tables(conn)
        rebuild(conn)
    with desk.engine.database.reading() as conn:
        assert tables(conn) == before


def test_the_page_of_t13_02_reads_no_table_of_records_of_others(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = art13.two_reports(desk)
    read: list[str] = []

    def counted(conn: Any, sha256: str, columns: Any) -> Any:
        read.append(sha256)
        return lines_of(conn, sha256, columns)

    monkeypatch.setattr("engine.handlers.verifications.lines_of", counted)
    provider = desk.actor(case(desk, second).providing_key, "handler")
    desk.engine.queries.task(provider, task(desk, second, "T13-02").key)
    assert read == []

    duplicate = {"accept_result": "duplicate", "duplicate_of": str(first)}
    desk.engine.handle(
        c.CompleteTask(actor=provider, task_key=task(desk, second, "T13-02").key, values=duplicate)
    )
    assert len(set(read)) <= 2  # its own and the one that is named


def test_r13_12_a_verification_of_other_records_is_refused_by_its_number(desk: Desk) -> None:
    first, second = art13.two_reports(desk)
    third = begin(desk, case(desk, second).using_key, int(desk.variables(first)["resource"]["key"]))
    fill(desk, third, 2, record_keys=records(7))

    with pytest.raises(InvalidForm) as refused:
        desk.do(third, "T13-02", {"accept_result": "duplicate", "duplicate_of": str(first)})
    assert case(desk, first).business_id in refused.value.errors["duplicate_of"][0].zh
