"""`shixian calendar latest`, `between` and `day`: questions to the calendar from the command line."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from engine.ask import Between, DayAnswer, Latest, between, latest_start, what_is, why
from engine.calendar import CalendarDataError, ChinaWorkingCalendar, load_notices
from engine.explanation import on_zh
from engine.explanation_data import between_data, day_data, latest_data
from engine.periods import Status

NOTICES = Path(__file__).parents[1] / "processes" / "calendars" / "notices.yaml"
_CAVEATS = {
    Status.FINAL: "",
    Status.PROVISIONAL: "（暂定：涉及12月29日至31日，次年放假安排公布后核定）",
    Status.UNCOVERED: "（估算：所涉年度的放假安排尚未公布）",
}
_Ask = Callable[[ChinaWorkingCalendar], Any]


def _iso_day(ctx: click.Context, param: click.Parameter, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"expected a date such as 2026-06-15, found {value!r}") from None


_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_notices = click.option(
    "--notices",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=NOTICES,
    show_default=False,
)


@click.command("latest")
@click.argument("finish", callback=_iso_day)
@click.argument("n", type=click.IntRange(1, 1000))
@_as_json
@_notices
def latest_command(finish: date, n: int, as_json: bool, notices: Path) -> None:
    """Print the latest day to begin, for N working days to end by FINISH."""
    found: Latest = _asked(notices, lambda calendar: latest_start(finish, n, calendar))
    if as_json:
        _print(latest_data(found))
        return
    click.echo(
        f"{on_zh(finish)}前办结、需{n}个工作日的，最迟{on_zh(found.event_on)}起算（当日不计入），"
        f"第1个工作日为{on_zh(found.first_on)}{_CAVEATS[found.status]}。"
    )
    if found.start_on != found.event_on:
        click.echo(f"其中最后一个办公日为{on_zh(found.start_on)}。")


@click.command("between")
@click.argument("first", callback=_iso_day)
@click.argument("last", callback=_iso_day)
@_as_json
@_notices
def between_command(first: date, last: date, as_json: bool, notices: Path) -> None:
    """Print how many working days lie after FIRST up to and including LAST."""
    found: Between = _asked(notices, lambda calendar: between(first, last, calendar))
    if as_json:
        _print(between_data(found))
        return
    click.echo(
        f"{on_zh(first)}（不计入）至{on_zh(last)}：{found.working_days}个工作日，"
        f"{found.calendar_days}个自然日{_CAVEATS[found.status]}。"
    )


@click.command("day")
@click.argument("day", callback=_iso_day)
@_as_json
@_notices
def day_command(day: date, as_json: bool, notices: Path) -> None:
    """Print whether DAY is a working day, and why."""
    found: DayAnswer = _asked(notices, lambda calendar: what_is(day, calendar))
    if as_json:
        _print(day_data(found))
        return
    click.echo(why(found))
    if found.holiday is not None and found.holiday.sentence:
        click.echo(f"原文：{found.holiday.sentence}")


def _asked(notices: Path, question: _Ask) -> Any:
    try:
        return question(ChinaWorkingCalendar(load_notices(notices), estimate=True))
    except (CalendarDataError, ValueError, OverflowError) as fault:
        raise click.ClickException(str(fault)) from fault


def _print(data: dict[str, Any]) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))
