"""`shixian calendar`: due dates from the command line."""

import csv
import json
import sys
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import TextIO

import click

from engine.ask_cli import NOTICES, between_command, day_command, latest_command
from engine.calendar import CalendarDataError, ChinaWorkingCalendar, Notice, known_by, load_notices
from engine.explanation import Explanation, day_reason, explain
from engine.explanation_data import explanation_data
from engine.notice_cli import parse
from engine.periods import BEIJING, Policy, Term, count

_CHOSEN = "命令行给定"


@click.group()
def calendar() -> None:
    """Working days and due dates."""


for command in (parse, latest_command, between_command, day_command):
    calendar.add_command(command)


@calendar.command()
@click.argument("received", required=False)
@click.argument("n", required=False, type=click.IntRange(1, 1000))
@click.option(
    "--extend", default=0, type=click.IntRange(0, 1000), help="Working days of an approved extension."
)
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
        counted = ChinaWorkingCalendar(known, estimate=True)
        term = Term(n, _instant(received), extended_by=extend)
        found = explain(term, counted, _CHOSEN, by_law=False)
    except (CalendarDataError, ValueError) as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(json.dumps(explanation_data(found), ensure_ascii=False, indent=2) if as_json else _text(found))


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"Expected an ISO time such as 2026-03-02T10:00, found {text!r}") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=BEIJING)


def _text(found: Explanation) -> str:
    lines = [*found.rule, *filter(None, [found.caveat]), ""]
    for d in found.days:
        number = f"第{d.day.number}日" if d.day.number else "—"
        cited = f"　{d.document.doc_no}" if d.document else ""
        weekday = "一二三四五六日"[d.day.date.weekday()]
        lines.append(f"{d.day.date.isoformat()} 周{weekday}\t{number}\t{day_reason(d.day)}{cited}")
    return "\n".join(lines)


def _print_table(table: TextIO, known: tuple[Notice, ...]) -> None:
    reader = csv.DictReader(table)
    columns = list(reader.fieldnames or [])
    if missing := {"received_at", "n"} - set(columns):
        raise ValueError(f"Expected columns received_at and n, found no {', '.join(sorted(missing))}")

    calendars: dict[int, ChinaWorkingCalendar] = {}

    @cache
    def as_known_on(text: str) -> ChinaWorkingCalendar:
        then = known_by(known, date.fromisoformat(text)) if text else known
        if len(then) not in calendars:
            calendars[len(then)] = ChinaWorkingCalendar(then, estimate=True)
        return calendars[len(then)]

    # Counted to the end before anything is printed: a bad row leaves no half table behind.
    rows = []
    for number, row in enumerate(reader, start=2):
        try:
            rows.append({**row, **_counted(row, as_known_on(row.get("calendar_as_of") or ""))})
        except (ValueError, TypeError) as fault:
            raise ValueError(f"line {number}: {fault}") from fault
    answered = ["last_day", "expires_at", "status"]
    writer = csv.DictWriter(
        sys.stdout, [c for c in columns if c not in answered] + answered, extrasaction="ignore"
    )
    writer.writeheader()
    writer.writerows(rows)


def _counted(row: Mapping[str, str], counted: ChinaWorkingCalendar) -> dict[str, str]:
    policy = Policy(
        after_hours_rule=row.get("after_hours_rule") or "same_day",
        office_close=row.get("office_close") or None,
    )
    extended = int(row.get("extended_by") or 0)
    term = Term(int(row["n"]), _instant(row["received_at"]), policy=policy, extended_by=extended)
    found = count(term, counted)
    return {
        "last_day": found.due_on.isoformat(),
        "expires_at": found.due_at.astimezone(BEIJING).isoformat(),
        "status": found.status.value,
    }
