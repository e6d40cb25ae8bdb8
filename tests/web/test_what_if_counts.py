"""What designers are told of a what-if: no hidden count can be reckoned out, neither on a page nor from several."""

from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest

from engine.workbench.what_if_outcomes import (
    SMALL,
    CaseOutcome,
    Divergence,
    LimitPair,
    Outcome,
    counted,
    first_of_quarter,
    whole_quarters,
)
from web.designer.what_if import told

HIDDEN = f"<{SMALL}"
SPRING, SUMMER, AUTUMN = date(2026, 5, 4), date(2026, 8, 3), date(2026, 11, 2)
MET, LATE, CANCELLED = (("met", "met"),), (("met", "late"),), (("cancelled", "cancelled"),)


def case(
    reply: tuple[tuple[str, str], ...] = MET,
    check: tuple[tuple[str, str], ...] = (),
    on: date = SPRING,
    stopped: str = "",
    elsewhere: bool = False,
) -> CaseOutcome:
    limits = [
        LimitPair(element, name, Outcome(own), Outcome(draft))
        for element, name, pairs in (("TM1", "答复期限", reply), ("TM2", "核对期限", check))
        for own, draft in pairs
    ]
    divergence = Divergence("form", stopped) if stopped else None
    return CaseOutcome(1, on, tuple(limits), divergence, "T9" if elsewhere else "", (), (), None, None)


def some(random: Random, on: date) -> list[CaseOutcome]:
    """Return cases of a quarter, mostly alike, as those of an office are."""
    pick = random.choices
    return [
        case(
            reply=pick((MET, LATE, CANCELLED, (*MET, *MET), ()), (12, 4, 1, 1, 1))[0],
            check=pick((MET, LATE, ()), (8, 1, 8))[0],
            on=on,
            stopped=pick(("", "T1", "T2"), (12, 2, 1))[0],
            elsewhere=random.random() < 0.2,
        )
        for _ in range(random.randrange(14))
    ]


def shown(page: dict[str, Any]) -> dict[Any, str]:
    """Return the rows of a page with what is said of their number."""
    rows = {(el, name, own, draft): n for el, name, found in page["moved"] for own, draft, n in found}
    rows |= {(kind, element): n for kind, element, n in page["diverged"]}
    return rows | {"elsewhere": page["elsewhere"] or "0"}


def counts(cases: list[CaseOutcome]) -> dict[Any, int]:
    """Return how many there are in truth."""
    of = counted(cases)
    rows: dict[Any, int] = {
        (*limit, *pair): n for limit, found in of.moved.items() for pair, n in found.items()
    }
    return rows | dict(of.diverged) | {"elsewhere": of.elsewhere}


def number(text: str) -> int:
    return 0 if text == HIDDEN else int(text)


def test_a_total_beside_one_count_does_not_give_the_other_away():
    page = told([*[case() for _ in range(4)], case(CANCELLED)])

    assert page["moved"] == [
        ("TM1", "答复期限", [("cancelled", "cancelled", HIDDEN), ("met", "met", "4")]),
    ]
    assert page["cases"] == 4 and page["left_out"]


def test_the_sum_of_another_limit_does_not_give_it_away_either():
    page = told([*[case(check=MET) for _ in range(4)], case(CANCELLED, check=MET)])

    assert shown(page)[("TM2", "核对期限", "met", "met")] == "4"


@pytest.mark.parametrize(
    "odd", [case(()), case((*MET, *MET)), case(stopped="T1"), case(elsewhere=True)], ids=range(4)
)
def test_what_only_the_difference_of_two_counts_would_tell_is_left_out(odd: CaseOutcome):
    page = told([*[case() for _ in range(4)], odd])

    assert page["cases"] == 4 and page["left_out"]
    assert shown(page)[("TM1", "答复期限", "met", "met")] == "4"


def test_a_few_that_went_the_same_way_among_many_are_left_out():
    page = told([*[case(elsewhere=True) for _ in range(4)], case()])

    assert (page["cases"], page["elsewhere"]) == (4, "4")


def test_where_nothing_is_hidden_all_is_told_exactly():
    page = told([*[case() for _ in range(5)], *[case(LATE) for _ in range(3)]])

    assert page["cases"] == 8 and not page["left_out"]
    assert list(shown(page).values()) == ["3", "5", "0"]


def test_nothing_is_told_of_a_handful():
    for cases in ([], [case()], [case(), case()]):
        page = told(cases)
        assert (page["cases"], page["moved"], page["diverged"], page["elsewhere"]) == (0, [], [], "")


@pytest.mark.parametrize("seed", range(200))
def test_for_every_hidden_count_another_number_looks_the_same(seed: int):
    random = Random(seed)
    cases = [one for on in (SPRING, SUMMER, AUTUMN) for one in some(random, on)]
    page, truth = told(cases), counts(cases)
    others = [[*cases, twin] for twin in cases] + [cases[:n] + cases[n + 1 :] for n in range(len(cases))]
    alike = [counts(other) for other in others if told(other) == page]

    for row, n in shown(page).items():
        if n == HIDDEN:
            assert any(other.get(row, 0) != truth[row] for other in alike), row
        else:
            assert number(n) == 0 or number(n) >= SMALL
    if page["left_out"]:
        assert alike, "Expected another number of cases to look the same"


@pytest.mark.parametrize("seed", range(100))
def test_periods_that_overlap_tell_no_more_than_their_quarters(seed: int):
    random = Random(seed)
    quarters = [some(random, on) for on in (SPRING, SUMMER, AUTUMN)]
    alone = [told(cases) for cases in quarters]

    for first, last in ((0, 2), (1, 3), (0, 3)):
        page = told([one for cases in quarters[first:last] for one in cases])
        parts = [shown(one) for one in alone[first:last]]
        assert page["cases"] == sum(one["cases"] for one in alone[first:last])
        assert page["left_out"] == any(one["left_out"] for one in alone[first:last])
        assert shown(page).keys() == {row for part in parts for row in part}
        for row, n in shown(page).items():
            assert number(n) == sum(number(part.get(row, "0")) for part in parts)
            assert (n == HIDDEN) == (number(n) == 0 and any(part.get(row) == HIDDEN for part in parts))


@pytest.mark.parametrize(
    ("since", "until", "first", "last"),
    [
        (date(2026, 1, 1), date(2026, 3, 31), date(2026, 1, 1), date(2026, 3, 31)),
        (date(2026, 3, 31), date(2026, 4, 1), date(2026, 1, 1), date(2026, 6, 30)),
        (date(2025, 8, 31), date(2026, 7, 1), date(2025, 7, 1), date(2026, 9, 30)),
        (date(2026, 12, 31), date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31)),
    ],
)
def test_a_period_is_widened_to_whole_quarters(since: date, until: date, first: date, last: date):
    assert whole_quarters(since, until) == (first, last)
    assert whole_quarters(first, last) == (first, last)


def test_every_day_is_in_one_quarter():
    days = [replace(case(), ended_on=date(2026, month, 15)).ended_on for month in range(1, 13)]

    assert [first_of_quarter(day).month for day in days] == [1, 1, 1, 4, 4, 4, 7, 7, 7, 10, 10, 10]
