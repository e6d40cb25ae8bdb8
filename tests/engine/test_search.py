"""Full text over cases: numbers, titles, departments by any name, resources; only what the asker may see."""

from typing import Any

import pytest
from sqlalchemy import select, update

from engine import commands as c
from engine.app import Engine
from engine.demo.cases import BEGIN, Desk, deliver
from engine.demo.driver import play
from engine.filters import Filters
from engine.grams import beginning_with, gram, of_case, of_word
from engine.history.replay import rebuild
from engine.queries import case_search
from engine.storage.tables import case_gram, organisation, organisation_name, process_instance, user
from tests.conftest import at_once, open_engine
from tests.databases import Databases
from tests.engine.test_calendar_notices import named


@pytest.fixture(scope="module")
def played(databases: Databases) -> Any:
    database = databases.new()
    engine = open_engine(database, BEGIN)
    play(engine, 12)
    yield engine
    engine.close()
    databases.drop(database)


def found(engine: Engine, username: str, text: str) -> set[str]:
    return {row.business_id for row in engine.queries.cases(named(engine, username), text).rows}


def all_cases(engine: Engine) -> list[Any]:
    columns = process_instance.c
    with engine.database.reading() as conn:
        return list(conn.execute(select(columns.key, columns.business_id, columns.title)))


def test_a_word_has_the_pairs_of_its_neighbours_and_a_title_also_each_last_character_alone() -> None:
    assert of_word("户籍人") == sorted({gram("户", "籍"), gram("籍", "人")})
    assert of_case("LN12-2026-0007", "户 籍") == {gram("户", "籍"), gram("籍"), -7}
    first, end = beginning_with("籍")
    assert first <= gram("籍") < end and first <= gram("籍", "人") < end
    assert not first <= gram("户", "籍") < end


@pytest.mark.parametrize("few", [2000, 1], ids=["looked up", "tested row by row"])
def test_every_part_of_a_title_and_number_finds_the_case(
    played: Engine, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_search, "FEW", few)
    for case in all_cases(played)[:6]:
        for text in (case.title, case.title[2:5], case.title[-1], case.business_id, case.business_id[:9]):
            assert case.business_id in found_on_any_page(played, text), text


def found_on_any_page(engine: Engine, text: str) -> set[str]:
    actor, numbers = named(engine, "audit"), set()
    pages = engine.queries.cases(actor, text).pages
    for page in range(1, pages + 1):
        numbers |= {row.business_id for row in engine.queries.cases(actor, text, page=page).rows}
    return numbers


def test_a_serial_number_alone_finds_the_case(played: Engine) -> None:
    assert {number.rpartition("-")[2] for number in found(played, "audit", "3")} >= {"0003"}


def test_all_words_must_be_somewhere_and_each_may_be_elsewhere(played: Engine) -> None:
    case = all_cases(played)[0]
    assert case.business_id in found(played, "audit", f"{case.title[:4]} {case.business_id}")
    assert found(played, "audit", f"{case.business_id} 绝无此词") == set()


def test_a_department_finds_its_cases_by_its_name_today_and_by_an_earlier_one(
    engine: Engine, desk: Desk
) -> None:
    key = at_once(deliver(desk, 1))
    case = next(one for one in all_cases(engine) if one.key == key)
    with engine.database.reading() as conn:
        using = conn.execute(
            select(process_instance.c.using_key).where(process_instance.c.key == key)
        ).scalar_one()
        code = conn.execute(select(organisation.c.code).where(organisation.c.key == using)).scalar_one()
        old = conn.execute(
            select(organisation_name.c.name).where(organisation_name.c.organisation_key == using)
        ).scalar_one()
    rename = c.RenameOrganisation(
        actor=None, code=code, name="试验更名厅", valid_from="2026-06-01", doc_no="试验〔2026〕1号"
    )
    engine.handle(rename)

    assert case.business_id in found(engine, "audit", "试验更名")
    assert case.business_id in found(engine, "audit", old[2:])


def test_a_search_finds_nothing_that_the_asker_may_not_see(played: Engine) -> None:
    for username in ("gat.jb", "ysj.jb", "designer"):
        actor = named(played, username)
        may = set()
        for page in range(1, played.queries.cases(actor).pages + 1):
            may |= {row.business_id for row in played.queries.cases(actor, page=page).rows}
        for case in all_cases(played):
            assert (case.business_id in found(played, username, case.business_id)) == (
                case.business_id in may
            )


def test_a_withheld_case_is_found_by_none_of_the_department_it_is_withheld_from(
    engine: Engine, desk: Desk
) -> None:
    key = at_once(deliver(desk, 1))
    case = next(one for one in all_cases(engine) if one.key == key)
    with engine.database.reading() as conn:
        of = process_instance.c
        provider = conn.execute(select(of.providing_key).where(of.key == key)).scalar_one()
        people = select(user.c.username).where(user.c.organisation_key == provider).order_by(user.c.key)
        names = conn.execute(people).scalars().all()
    knows = next(name for name in names if found(engine, name, case.business_id))
    actor = named(engine, knows)

    with engine.database.writing() as conn:
        change = update(process_instance).where(of.key == key)
        conn.execute(change.values(withheld_key=actor.org_key))

    assert found(engine, knows, case.business_id) == set()
    wanted = Filters(text=case.business_id)
    assert engine.queries.inbox(actor, "department", "", wanted).rows == ()


def test_a_case_is_found_by_its_new_title_alone_and_a_replay_finds_the_same(played: Engine) -> None:
    with played.database.reading() as conn:
        terms: dict[int, set[int]] = {}
        for row in conn.execute(select(case_gram)):
            terms.setdefault(row.instance_key, set()).add(row.gram)
    for case in all_cases(played):
        assert terms[case.key] == of_case(case.business_id, case.title)

    with played.database.writing() as conn:
        rebuild(conn)
        again: dict[int, set[int]] = {}
        for row in conn.execute(select(case_gram)):
            again.setdefault(row.instance_key, set()).add(row.gram)
    assert again == terms


@pytest.mark.parametrize("text", ["%", "_", "'", '"', "\\", "％", "a" * 100, "  ", "一 " * 50, "\U0001f600"])
def test_no_text_breaks_a_search(engine: Engine, text: str) -> None:
    engine.queries.cases(named(engine, "audit"), text)
    engine.queries.inbox(named(engine, "gat.jb"), "department", "", Filters.of({"text": text}))
