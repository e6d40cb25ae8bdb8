"""What one date is, and why."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from workalendar.exceptions import UnsupportedDateType

from engine.calendar.notices import Layer

BEIJING = ZoneInfo("Asia/Shanghai")


class Kind(StrEnum):
    """Why a day counts or does not."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"  # 调休上班: a day declared working
    ESTIMATE = "estimate"  # 暂定: its year has no notice yet


@dataclass(frozen=True)
class Day:
    """One date in Asia/Shanghai; `name` is the holiday's, `notice_id` and `layer` are the document's that decides.

    A plain weekday or weekend has neither. Nor has an estimate: `working` and `name` then come from the
    放假办法 alone.
    """

    date: date
    working: bool
    kind: Kind
    name: str | None
    notice_id: str | None
    covered: bool
    layer: Layer | None


class CalendarUnknown(ValueError):
    """A day was asked for whose year has no annual notice; `zh` and `en` say so and what to do."""

    def __init__(self, year: int) -> None:
        self.year = year
        self.zh = (
            f"尚未载入国务院办公厅关于{year}年部分节假日安排的通知，无法确定该年的工作日。"
            f"请先载入{year}年的通知，或者改用估算日历。"
        )
        self.en = (
            f"Expected the State Council's holiday notice for {year}, found none loaded; "
            f"load the notice for {year}, or ask a calendar that estimates."
        )
        super().__init__(self.en)


def civil(day: date) -> date:
    """Return the date meant: that of an aware instant in Asia/Shanghai, of a naive one its own (R-T3).

    Raises:
        UnsupportedDateType: `day` is no date.
        ValueError: the instant's day in Asia/Shanghai lies outside the years 1–9999.
    """
    if isinstance(day, datetime):
        if day.utcoffset() is None:
            return day.date()
        try:
            return day.astimezone(BEIJING).date()
        except OverflowError:
            raise beyond_years() from None
    if isinstance(day, date):
        return day
    raise UnsupportedDateType(f"Expected a date or a datetime, found {day!r}")


def beyond_years() -> ValueError:
    """Return the one refusal an estimate knows."""
    return ValueError("Expected days within the years 1 to 9999, found a count that leaves them")
