"""`shixian calendar`: due dates from the command line."""

import csv
import json
import sys
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

import click

from engine.calendar import CalendarDataError, ChinaWorkingCalendar, Notice, load_notices
from engine.clock import instant_text
from engine.notice_cli import parse
from engine.periods import BEIJING, Due, Policy, strip, working_day_limit

NOTICES = Path(__file__).parents[1] / "processes" / "calendars" / "notices.yaml"
_ROLES = {
    "event": "起算当日，不计入",
    "counted": "计入",
    "weekend": "周末",
    "holiday": "放假",
    "makeup_counted": "调休上班，计入",
}
_STATUS = {"final": "确定", "provisional": "暂定：涉及年末，待次年放假安排", "uncovered": "估算：所涉年度尚无放假安排"}


@click.group()
def calendar() -> None:
    """Working days and due dates."""


calendar.add_command(parse)


@calendar.command()
@click.argument("received", required=False)
@click.argument("n", required=False, type=click.IntRange(1, 1000))
@click.option("--extend", default=0, type=click.IntRange(0, 1000), help="Working days of an approved extension.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--csv", "table", type=click.File("r", encoding="utf-8-sig"), help="Read rows, print rows.")
@click.option("--notices", type=click.Path(exists=True, path_type=Path), default=NOTICES, show_default=False)
def due(
    received: str | None, n: int | None, extend: int, as_json: bool, table: TextIO | None, notices: Path
) -> None:
    """Print when a limit of N working days from RECEIVED (ISO local time) runs out, and why."""
    try:
        known = load_notices(notices)
        if table is not None:
            _print_table(table, known)
            return
        if received is None or n is None:
            raise click.UsageError("Expected RECEIVED and N, or --csv FILE.")
        counted = ChinaWorkingCalendar(known)
        found = working_day_limit(_instant(received), n, counted, extended_by=extend)
    except (CalendarDataError, ValueError) as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(_json(found, counted) if as_json else _text(found, counted))


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"Expected an ISO time such as 2026-03-02T10:00, found {text!r}") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=BEIJING)


def _json(found: Due, counted: ChinaWorkingCalendar) -> str:
    data: dict[str, Any] = {
        "last_day": found.due_on.isoformat(),
        "expires_at": found.due_at.astimezone(BEIJING).isoformat(),
        "expires_at_utc": instant_text(found.due_at),
        "status": found.status.value,
        "event_day": found.event_day.isoformat(),
        "notices": list(found.notices),
        "days": [
            {"date": d.date.isoformat(), "role": d.role.value, "number": d.number, "name": d.name, "notice": d.notice_id}
            for d in strip(found, counted)
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


def _text(found: Due, counted: ChinaWorkingCalendar) -> str:
    lines = [
        f"届满日 {found.due_on.isoformat()}（{_STATUS[found.status.value]}）",
        f"届满时刻 {found.due_at.astimezone(BEIJING).isoformat(timespec='minutes')}",
    ]
    for d in strip(found, counted):
        number = f"第{d.number}日" if d.number else "    "
        reason = _ROLES[d.role.value] + (f"（{d.name}）" if d.name else "")
        lines.append(f"{d.date.isoformat()} 周{'一二三四五六日'[d.date.weekday()]} {number} {reason} {d.notice_id or ''}".rstrip())
    return "\n".join(lines)


def _print_table(table: TextIO, known: tuple[Notice, ...]) -> None:
    reader = csv.DictReader(table)
    columns = list(reader.fieldnames or [])
    if missing := {"received_at", "n"} - set(columns):
        raise ValueError(f"Expected columns received_at and n, found no {', '.join(sorted(missing))}")

    @lru_cache(maxsize=None)
    def as_known_on(text: str) -> ChinaWorkingCalendar:
        return ChinaWorkingCalendar(known, date.fromisoformat(text) if text else None)

    # Counted to the end before anything is printed: a bad row leaves no half table behind.
    rows = []
    for number, row in enumerate(reader, start=2):
        try:
            rows.append({**row, **_counted(row, as_known_on(row.get("calendar_as_of") or ""))})
        except (ValueError, TypeError) as fault:
            raise ValueError(f"line {number}: {fault}") from fault
    answered = ["last_day", "expires_at", "status"]
    writer = csv.DictWriter(sys.stdout, [c for c in columns if c not in answered] + answered, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)


def _counted(row: Mapping[str, str], counted: ChinaWorkingCalendar) -> dict[str, str]:
    policy = Policy(
        after_hours_rule=row.get("after_hours_rule") or "same_day", office_close=row.get("office_close") or None
    )
    extended = int(row.get("extended_by") or 0)
    found = working_day_limit(_instant(row["received_at"]), int(row["n"]), counted, policy, extended_by=extended)
    return {
        "last_day": found.due_on.isoformat(),
        "expires_at": found.due_at.astimezone(BEIJING).isoformat(),
        "status": found.status.value,
    }
