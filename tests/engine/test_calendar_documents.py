"""Which document decides a day: by layer, by scope, by publication."""

from datetime import date

import pytest

from engine.calendar import ChinaWorkingCalendar, Holiday, Kind, Layer, Notice, known_by
from tests.engine.test_calendar import ESTIMATING, NOTICES

PROVINCE, CITY, DEPARTMENT = SCOPES = ("辽宁省", "沈阳市", "17")
DAY = date(2026, 7, 1)  # a Wednesday


def document(
    name: str,
    published: str,
    off: tuple[date, ...] = (),
    working: tuple[date, ...] = (),
    layer: Layer = Layer.NATIONAL,
    scope: str = "",
    kind: str = "rule",
    year: int = 2026,
    replaces: tuple[str, ...] = (),
) -> Notice:
    entry = Holiday(name, off, working)
    return Notice(
        name, kind, year, name, name, date.fromisoformat(published), (entry,), replaces, layer, scope
    )


def decides(*documents: Notice, day: date = DAY, scopes: tuple[str, ...] = SCOPES) -> tuple[object, ...]:
    found = ChinaWorkingCalendar([*NOTICES, *documents], scopes).day(day)
    return found.kind, found.notice_id, found.layer


NATION = document("国家", "2026-06-09", off=(DAY,))
OF_PROVINCE = document("省", "2026-06-05", working=(DAY,), layer=Layer.AREA, scope=PROVINCE)
OF_CITY = document("市", "2026-06-03", off=(DAY,), layer=Layer.AREA, scope=CITY)
OF_UNIT = document("单位", "2026-06-01", working=(DAY,), layer=Layer.UNIT, scope=DEPARTMENT)


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        pytest.param([], (Kind.WORKDAY, None, None), id="nobody"),
        pytest.param([NATION], (Kind.HOLIDAY, "国家", Layer.NATIONAL), id="nation"),
        pytest.param([NATION, OF_PROVINCE], (Kind.MAKEUP, "省", Layer.AREA), id="province over nation"),
        pytest.param(
            [OF_CITY, NATION, OF_PROVINCE], (Kind.HOLIDAY, "市", Layer.AREA), id="city over province"
        ),
        pytest.param(
            [OF_UNIT, OF_CITY, NATION, OF_PROVINCE], (Kind.MAKEUP, "单位", Layer.UNIT), id="unit over city"
        ),
        pytest.param([OF_UNIT, NATION], (Kind.MAKEUP, "单位", Layer.UNIT), id="unit over nation"),
    ],
)
def test_an_inner_scope_decides_whatever_the_dates_of_publication(
    documents: list[Notice], expected: tuple[object, ...]
) -> None:
    assert decides(*documents) == expected
    assert decides(*reversed(documents)) == expected


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        pytest.param((), "国家", id="none"),
        pytest.param((PROVINCE,), "省", id="province"),
        pytest.param((PROVINCE, "大连市"), "省", id="another city"),
        pytest.param((PROVINCE, CITY, "18"), "市", id="another department"),
    ],
)
def test_a_document_of_another_scope_does_not_apply(scopes: tuple[str, ...], expected: str) -> None:
    assert decides(OF_UNIT, OF_CITY, NATION, OF_PROVINCE, scopes=scopes)[1] == expected


def test_the_order_of_the_scopes_says_which_is_the_inner_one() -> None:
    assert decides(OF_CITY, OF_PROVINCE, scopes=(CITY, PROVINCE))[1] == "省"


def test_a_closure_counts_in_every_method() -> None:
    closure = document("停电", "2026-06-01", off=(DAY,), layer=Layer.UNIT, scope=DEPARTMENT)
    calendar = ChinaWorkingCalendar([*NOTICES, closure], SCOPES)
    before, after = date(2026, 6, 30), date(2026, 7, 2)

    assert calendar.add_working_days(before, 1) == after
    assert calendar.working_days_between(before, after) == 1
    assert calendar.get_holiday_label(DAY) == "停电"
    assert (DAY, "停电") in calendar.holidays(2026)
    assert calendar.reason(DAY) == (closure, closure.holidays[0])
    assert "停电" in calendar.rests_on(before, after)


def test_a_unit_may_work_on_a_national_holiday() -> None:
    may_day = date(2026, 5, 1)
    duty = document("值班", "2026-04-01", working=(may_day,), layer=Layer.UNIT, scope=DEPARTMENT)
    calendar = ChinaWorkingCalendar([*NOTICES, duty], SCOPES)

    assert calendar.is_working_day(may_day)
    assert not calendar.is_holiday(may_day)
    assert may_day not in calendar.holidays_set(2026)


def test_every_day_names_its_layer() -> None:
    calendar = ChinaWorkingCalendar(NOTICES)
    named = calendar.days(date(2018, 1, 1), date(2026, 12, 31))

    assert all((d.layer is Layer.NATIONAL) == (d.notice_id is not None) for d in named)
    assert ESTIMATING.day(date(2027, 10, 1)).layer is None


def test_the_reason_is_the_notice_and_its_entry() -> None:
    calendar = ChinaWorkingCalendar(NOTICES)

    notice, holiday = calendar.reason(date(2026, 10, 10)) or pytest.fail("no reason")
    assert (notice.id, holiday.name) == ("2026", "国庆节")
    assert calendar.reason(date(2026, 7, 1)) is None


# Later over earlier


@pytest.mark.parametrize("last", [date(2026, 12, 29), date(2026, 12, 30), date(2026, 12, 31)], ids=str)
@pytest.mark.parametrize("works", [True, False], ids=["working after all", "off after all"])
def test_the_next_annual_notice_sets_the_end_of_december_in_both_directions(last: date, works: bool) -> None:
    """A make-up day used to beat a day off whatever the order of the notices."""
    first = document("早", "2025-11-30", off=(last,) * works, working=(last,) * (not works))
    later = document(
        "2027", "2026-11-30", off=(last,) * (not works), working=(last,) * works, kind="annual", year=2027
    )

    assert decides(first, later, day=last)[:2] == (Kind.MAKEUP if works else Kind.HOLIDAY, "2027")
    assert decides(later, first, day=last)[:2] == (Kind.MAKEUP if works else Kind.HOLIDAY, "2027")


def test_of_two_documents_of_one_day_the_one_given_later_decides() -> None:
    one = document("甲", "2026-06-01", off=(DAY,))
    two = document("乙", "2026-06-01", working=(DAY,))

    assert decides(one, two)[1] == "乙"
    assert decides(two, one)[1] == "甲"


def test_the_notice_for_2019_made_a_saturday_of_2018_working_and_a_monday_off() -> None:
    before = ChinaWorkingCalendar(known_by(NOTICES, date(2018, 12, 5)))
    after = ChinaWorkingCalendar(known_by(NOTICES, date(2018, 12, 6)))

    saturday, monday = date(2018, 12, 29), date(2018, 12, 31)
    assert (before.is_working_day(saturday), before.is_working_day(monday)) == (False, True)
    assert (after.is_working_day(saturday), after.is_working_day(monday)) == (True, False)
    assert before.is_open_tail(monday) and not after.is_open_tail(monday)


# Amendments


def test_the_extension_of_2020_was_not_known_before_it_was_published() -> None:
    before = ChinaWorkingCalendar(known_by(NOTICES, date(2020, 1, 26)))
    after = ChinaWorkingCalendar(known_by(NOTICES, date(2020, 1, 27)))

    assert before.is_working_day(date(2020, 1, 31))
    assert not after.is_working_day(date(2020, 1, 31))
    assert after.day(date(2020, 1, 31)).notice_id == "2020-amendment"


def test_an_amendment_replaces_the_holidays_it_names_as_a_whole() -> None:
    amended = document(
        "2026-amendment",
        "2026-04-01",
        off=(date(2026, 6, 19),),
        kind="amendment",
        replaces=("端午节", "国庆节"),
    )
    calendar = ChinaWorkingCalendar([*NOTICES, amended])

    assert not calendar.is_working_day(date(2026, 6, 19))
    assert calendar.is_working_day(date(2026, 10, 1))  # named, and not given again
    assert not calendar.is_working_day(date(2026, 10, 10))  # its make-up Saturday has gone too
    assert not calendar.is_working_day(date(2026, 5, 1))  # not named


def test_an_amendment_of_a_city_replaces_nothing_of_the_nation() -> None:
    amended = document(
        "市", "2026-04-01", kind="amendment", replaces=("国庆节",), layer=Layer.AREA, scope=CITY
    )

    assert decides(amended, day=date(2026, 10, 1))[:2] == (Kind.HOLIDAY, "2026")


def test_only_a_national_annual_notice_covers_a_year() -> None:
    local = document("市2027", "2026-11-01", kind="annual", year=2027, layer=Layer.AREA, scope=CITY)
    calendar = ChinaWorkingCalendar([*NOTICES, local], SCOPES)

    assert not calendar.is_covered(date(2027, 1, 1))
    assert calendar.covered_until == date(2026, 12, 31)
    assert calendar.tail_open_from == date(2026, 12, 29)
    assert calendar.annual[2026] == "2026"
    assert calendar.notice_ids[-2:] == ("2026", "市2027")


def test_a_document_may_rule_on_an_estimated_year() -> None:
    closed, held = date(2027, 3, 3), date(2027, 10, 1)
    rule = document("省", "2026-11-01", off=(closed,), working=(held,), layer=Layer.AREA, scope=PROVINCE)
    calendar = ChinaWorkingCalendar([*NOTICES, rule], SCOPES, estimate=True)

    assert (calendar.day(closed).kind, calendar.day(closed).covered) == (Kind.HOLIDAY, False)
    assert calendar.is_working_day(held)
    assert (closed, "省") in calendar.holidays(2027)
    assert held not in calendar.holidays_set(2027)
