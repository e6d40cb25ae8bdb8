"""What one date is, and why."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """Why a day counts or does not."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"  # 调休上班: a weekend day declared working
    ESTIMATE = "estimate"  # 暂定: its year has no notice yet


@dataclass(frozen=True)
class Day:
    """One date in Asia/Shanghai; `name` is the holiday's, `notice_id` the notice that says so.

    An estimate has no notice; `working` and `name` then come from the 放假办法 alone.
    """

    date: date
    working: bool
    kind: Kind
    name: str | None
    notice_id: str | None
    covered: bool
