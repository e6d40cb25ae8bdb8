"""Keys that come back in addresses: whatever a database can hold is one, and nothing else is."""

import pytest

from engine.keys import MAX_KEY, key_of
from engine.queries.history_search import _place
from engine.queries.inbox_walk import cursor_of
from engine.statistics.selection import EVERYTHING, Selection

IN_2028 = 1_060_000_000_000_000_257  # keys have nineteen digits from July 2027 on


@pytest.mark.parametrize("key", [0, 914_048_793_157_042_177, IN_2028, MAX_KEY])
def test_a_key_of_any_year_is_read(key: int) -> None:
    assert key_of(str(key)) == key


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1.0", "1_0", "٢", "²", str(MAX_KEY + 1), "9" * 19, "9" * 5000]
)
def test_what_no_database_holds_is_no_key(text: str) -> None:
    assert key_of(text) is None


@pytest.mark.parametrize("value", ["--1", "-1", str(MAX_KEY + 1), "9" * 19, "x"])
@pytest.mark.parametrize("name", ["definition", "department", "using", "providing", "variant"])
def test_a_selection_leaves_out_what_is_no_key(name: str, value: str) -> None:
    assert Selection.of({name: value}) == EVERYTHING


def test_a_selection_takes_a_key_of_nineteen_digits() -> None:
    assert Selection.of({"definition": str(IN_2028)}).definition == IN_2028


@pytest.mark.parametrize(
    "after",
    [
        f"2026-01-01T00:00:00Z~{MAX_KEY + 1}",
        "2026-01-01T00:00:00Z~-1",
        "0001-01-01T00:00:00+14:00~1",
        "9999-12-31T23:59:59-14:00~1",
        "2026-01-01T00:00:00~1",
        "~",
    ],
)
def test_a_place_that_no_page_ended_at_is_the_beginning(after: str) -> None:
    assert cursor_of(after) is None


@pytest.mark.parametrize("after", [f"{MAX_KEY + 1}.1", f"1.{MAX_KEY + 1}", "1", "."])
def test_a_place_among_acts_that_is_none_is_the_beginning(after: str) -> None:
    assert _place(after) is None
