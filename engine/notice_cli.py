"""`shixian calendar parse`: what the text of a holiday notice says, or what in it cannot be read."""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import click

from engine.calendar import CalendarDataError, load_notices
from engine.calendar.parsed import ParsedHoliday, ParsedNotice
from engine.calendar.parser import parse_notice
from engine.calendar.text import NoticeUnreadable, decode_notice

_NOTICES = Path(__file__).parents[1] / "processes" / "calendars" / "notices.yaml"


@click.command("parse")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--year", type=int, help="The year, where the text has no title and names none.")
@click.option(
    "--notices",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=_NOTICES,
    show_default=False,
)
def parse(file: Path, as_json: bool, year: int | None, notices: Path) -> None:
    """Print the holidays and make-up days of the notice in FILE (plain text, UTF-8 or GB18030)."""
    try:
        found = parse_notice(decode_notice(file.read_bytes()), year=year, known=load_notices(notices))
    except NoticeUnreadable as fault:
        quoted = f"\n原文：{fault.sentence}" if fault.sentence else ""
        raise click.ClickException(f"{fault.zh}\n{fault.en}{quoted}") from fault
    except CalendarDataError as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(json.dumps(_entry(found), ensure_ascii=False, indent=1) if as_json else _text(found))


def _entry(found: ParsedNotice) -> dict[str, Any]:
    data: dict[str, Any] = {"year": found.year, "kind": found.kind}
    if found.replaces:
        data["replaces"] = list(found.replaces)
    data["holidays"] = [
        {
            "name": holiday.name,
            "days_off": [day.isoformat() for day in holiday.days_off],
            "work_days": [day.isoformat() for day in holiday.work_days],
        }
        for holiday in found.holidays
    ]
    return data


def _text(found: ParsedNotice) -> str:
    number = f"（{found.doc_no}）" if found.doc_no else ""
    signed = f"　落款 {found.signed}" if found.signed else ""
    head = [f"{found.title or f'{found.year}年节假日安排（文中无标题）'}{number}{signed}"]
    if found.replaces:
        head.append(f"替换{found.year}年原安排：{'、'.join(found.replaces)}")
    return "\n".join(
        [*head, *map(_holiday, found.holidays), *(f"提示：{remark.zh}" for remark in found.remarks)]
    )


def _holiday(holiday: ParsedHoliday) -> str:
    lines = [
        "",
        f"{holiday.name}",
        f"  放假（{len(holiday.days_off)}天）：{_days(holiday.days_off)}",
        f"  上班（{len(holiday.work_days)}天）：{_days(holiday.work_days) or '无'}",
        f"  原文：{holiday.sentence}",
    ]
    return "\n".join(lines)


def _days(days: Iterable[date]) -> str:
    return "、".join(f"{day.isoformat()} 周{'一二三四五六日'[day.weekday()]}" for day in days)
