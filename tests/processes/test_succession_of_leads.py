"""Departments renamed, merged and abolished in the middle of a lead (domain C.3.7): the clock runs on, R20-15 holds."""

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.demo.cases import Desk
from engine.errors import InvalidInput, NotFound
from engine.history.replay import rebuild
from engine.storage.tables import organisation
from tests.conftest import beijing
from tests.processes.office import case, limits, open_tasks, task, told, trail, wait_until
from tests.processes.test_ln_art18_lead import (
    HAND_OVER,
    INSTRUCTION,
    MZT,
    OPEN_CASE,
    SYGJ,
    SYRS,
    SYYS,
    YSJ,
    ZRT,
    org,
    person,
    reported,
    result,
    thrown,
)
from tests.processes.test_succession import DOC, code, merge, record
from tests.test_replay import tables

# Rules of a procedure: the database decides nothing here; chains, grants and replay run on both.
pytestmark = pytest.mark.only("sqlite")

SZF = "辽宁省人民政府办公厅"


def hidden_from(desk: Desk, username: str, key: int) -> bool:
    try:
        desk.engine.queries.case(person(desk, username), key)
    except NotFound:
        return True
    return False


def founded(desk: Desk, name: str, like: str, number: str = "11210000MB1A00001X") -> int:
    """Enter another organisation of the same kind, level and area."""
    with desk.engine.database.reading() as conn:
        row = conn.execute(select(organisation).where(organisation.c.name == like)).one()
    given = {key: getattr(row, key) for key in ("kind", "level", "area", "managing")}
    desk.engine.handle(
        c.RegisterOrganisation(actor=None, code=number, name=name, valid_from="2026-06-01", **given)
    )
    return org(desk, name)


def test_c3_7_a_renamed_department_keeps_its_task_and_its_clock(desk: Desk) -> None:
    key = reported(desk, SYRS, SYGJ, ["20-2"])
    before = limits(desk, key, "TM18-1")[0].due_on
    desk.engine.handle(
        c.RenameOrganisation(
            actor=None,
            code=code(desk, org(desk, SYYS)),
            name="沈阳市数据局",
            valid_from="2026-06-08",
            doc_no=DOC,
        )
    )
    desk.do(key, "T18-02", OPEN_CASE)

    assert result(desk, key) == ("closed", "lead_opened")
    assert limits(desk, key, "TM18-1")[0].due_on == before


def test_c3_7_the_successor_of_the_department_concerned_is_the_target_and_sees_nothing(desk: Desk) -> None:
    key = reported(desk, MZT, ZRT, ["20-2"])
    merge(desk, org(desk, ZRT), org(desk, "辽宁省公安厅"))

    assert all(hidden_from(desk, name, key) for name in ("zrt.jb", "gat.jb", "gat.fz"))
    desk.do(key, "T18-02", OPEN_CASE)
    assert thrown(desk, key)[0].payload["variables"]["target_dept"] == str(org(desk, "辽宁省公安厅"))
    texts = [line.text for line in desk.engine.queries.case(person(desk, "ysj.jb"), key).history]
    assert any("有关部门辽宁省自然资源厅" in text and DOC in text for text in texts)


@pytest.mark.parametrize(("old", "new"), [(ZRT, MZT), (MZT, ZRT)], ids=["it joins them", "they join it"])
def test_c3_7_reporter_and_department_concerned_become_one_and_the_reporter_stays_unknown(
    desk: Desk, old: str, new: str
) -> None:
    key = reported(desk, MZT, ZRT, ["18-5"])
    merge(desk, org(desk, old), org(desk, new))

    assert case(desk, key).using_key is None
    assert hidden_from(desk, "zrt.jb", key)
    assert not hidden_from(desk, "ysj.jb", key)
    desk.do(key, "T18-02", OPEN_CASE)
    assert result(desk, key) == ("closed", "lead_opened")
    assert [name for name, text, _ in told(desk, key) if "转整改立案" in text] == []


def test_r20_15_the_department_concerned_joins_its_managing_department_and_the_one_above_decides(
    desk: Desk,
) -> None:
    key = reported(desk, SYRS, SYGJ, ["20-2"])
    before = limits(desk, key, "TM18-1")[0].due_on
    wait_until(desk, beijing("2026-06-09T09:30"))
    merge(desk, org(desk, SYGJ), org(desk, SYYS))

    assert task(desk, key, "T18-02").organisation_key == org(desk, YSJ)
    assert all(hidden_from(desk, name, key) for name in ("syys.jb", "syys.fz", "sygj.jb"))
    assert limits(desk, key, "TM18-1")[0].due_on == before
    desk.do(key, "T18-02", OPEN_CASE)
    assert result(desk, key) == ("closed", "lead_opened")
    assert thrown(desk, key)[0].payload["variables"]["target_dept"] == str(org(desk, SYYS))


def test_r20_15_with_nobody_above_the_lead_is_void(desk: Desk) -> None:
    key = reported(desk, MZT, ZRT, ["20-2"])
    merge(desk, org(desk, ZRT), org(desk, YSJ))

    assert result(desk, key) == ("void", "void")
    assert open_tasks(desk, key) == set()
    assert any("本级政府依职权处理" in text and DOC in text for _, text, _ in told(desk, key))


def test_c3_7_the_managing_departments_successor_inherits_the_task_and_the_due_date(desk: Desk) -> None:
    key = reported(desk, SYRS, SYGJ, ["20-2"])
    before = limits(desk, key, "TM18-1")[0].due_on
    heir = founded(desk, "沈阳市数据局", SYYS)
    merge(desk, org(desk, SYYS), heir)

    assert task(desk, key, "T18-02").organisation_key == heir
    assert (case(desk, key).managing_key, limits(desk, key, "TM18-1")[0].due_on) == (heir, before)
    desk.do(key, "T18-02", OPEN_CASE)
    assert result(desk, key) == ("closed", "lead_opened")


def test_c3_7_a_governments_office_is_succeeded_with_its_task_open(desk: Desk) -> None:
    key = reported(desk, MZT, YSJ, ["20-5"])
    heir = founded(desk, "辽宁省人民政府综合办公厅", SZF)
    merge(desk, org(desk, SZF), heir)

    assert task(desk, key, "T18-03").organisation_key == heir
    desk.do(key, "T18-03", INSTRUCTION)
    assert result(desk, key) == ("closed", "lead_by_government")


def test_c3_7_a_governments_office_is_succeeded_before_it_has_a_task(desk: Desk) -> None:
    key = reported(desk, SYGJ, YSJ, ["20-5"])
    heir = founded(desk, "辽宁省人民政府综合办公厅", SZF)
    merge(desk, org(desk, SZF), heir)
    desk.do(key, "T18-02", HAND_OVER)

    assert task(desk, key, "T18-03").organisation_key == heir
    assert "szf.bg" in [name for name, text, _ in told(desk, key) if "请登记处理" in text]
    desk.do(key, "T18-03", INSTRUCTION)


def test_a_department_succeeds_no_government_and_a_government_no_department(desk: Desk) -> None:
    for old, new in ((SZF, MZT), (MZT, SZF), (SZF, "沈阳市人民政府办公室")):
        with pytest.raises(InvalidInput, match="政府办公机构"):
            record(desk, org(desk, old), org(desk, new))


def test_replaying_rebuilds_what_the_successions_of_leads_did(desk: Desk) -> None:
    key = reported(desk, SYRS, SYGJ, ["20-2"])
    other = reported(desk, MZT, ZRT, ["18-5"])
    merge(desk, org(desk, SYGJ), org(desk, SYYS))
    merge(desk, org(desk, MZT), org(desk, ZRT))
    with desk.engine.database.reading() as conn:
        before = tables(conn)

    with desk.engine.database.writing() as conn:
        rebuild(conn)

    with desk.engine.database.reading() as conn:
        assert tables(conn) == before
    assert trail(desk, key).count("PartySucceeded") == trail(desk, other).count("PartySucceeded") == 1
