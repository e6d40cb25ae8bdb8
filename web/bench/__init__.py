"""`shixian bench`: figures as JSON, with the limit of the raw database measured in the same run."""

import json
import tempfile
from pathlib import Path

import click

from web.bench.calendar import measure_calendar
from web.bench.history import measure_seal, measure_verify
from web.bench.http import measure_http
from web.bench.inbox import measure_inbox
from web.bench.pages import measure_pages
from web.bench.recount import measure_recount
from web.bench.size import measure_size
from web.bench.statistics import measure_statistics
from web.bench.step import measure_steps
from web.bench.sweep import measure_sweep


@click.group()
def bench() -> None:
    """Measure this machine."""


@bench.command()
@click.option("--cases", default=200, type=click.IntRange(10, 100_000), show_default=True)
@click.option("--database", default="", metavar="URL", help="An empty PostgreSQL database; SQLite without.")
def step(cases: int, database: str) -> None:
    """User tasks completed per second, beside what the raw database can commit."""
    with tempfile.TemporaryDirectory() as folder:
        click.echo(json.dumps(measure_steps(Path(folder), cases, database), ensure_ascii=False, indent=2))


@bench.command()
@click.option("--rounds", default=20, type=click.IntRange(1, 1000), show_default=True)
def pages(rounds: int) -> None:
    """Server time of every page with the demonstration data, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        click.echo(json.dumps(measure_pages(Path(folder), rounds), ensure_ascii=False, indent=2))


@bench.command()
@click.option("--rounds", default=50, type=click.IntRange(1, 1000), show_default=True)
def calendar(rounds: int) -> None:
    """Time of adding working days, beside a bare search in a sorted list and workalendar's own."""
    click.echo(json.dumps(measure_calendar(rounds), ensure_ascii=False, indent=2))


@bench.command()
@click.option("--cases", default=20_000, type=click.IntRange(2, 1_000_000), show_default=True)
def recount(cases: int) -> None:
    """Time of a notice that moves so many running limits: preview, confirmation, recount."""
    with tempfile.TemporaryDirectory() as folder:
        click.echo(json.dumps(measure_recount(Path(folder), cases), ensure_ascii=False, indent=2))


@bench.command()
@click.option("--most", default=1_000_000, type=click.IntRange(1000, 10_000_000), show_default=True)
@click.option("--database", default="", metavar="URL", help="An empty PostgreSQL database; SQLite without.")
def inbox(most: int, database: str) -> None:
    """Time of the inbox, its filters and its search with 100,000 and with very many open tasks."""
    with tempfile.TemporaryDirectory() as folder:
        found = measure_inbox(Path(folder), (min(100_000, most // 10), most), database)
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))


@bench.command()
@click.option("--events", default=200_000, type=click.IntRange(1, 10_000_000), show_default=True)
def verify(events: int) -> None:
    """Events checked per second in an export, beside bare hashing of the same bytes."""
    with tempfile.TemporaryDirectory() as folder:
        click.echo(json.dumps(measure_verify(Path(folder), events), ensure_ascii=False, indent=2))


@bench.command()
@click.option("--streams", default=100_000, type=click.IntRange(1, 2_000_000), show_default=True)
def seal(streams: int) -> None:
    """Time of sealing so many streams: the first time, after 1,000 grew, without events."""
    with tempfile.TemporaryDirectory() as folder:
        click.echo(json.dumps(measure_seal(Path(folder), streams), ensure_ascii=False, indent=2))


@bench.command()
@click.option("--timers", default=100_000, type=click.IntRange(100, 1_000_000), show_default=True)
@click.option("--database", default="", metavar="URL", help="An empty PostgreSQL database; SQLite without.")
@click.option("--workers", default=1, type=click.IntRange(1, 16), show_default=True)
def sweep(timers: int, database: str, workers: int) -> None:
    """Limits that run out at one instant: how fast they drain, and what people at work notice."""
    if workers > 1 and not database:
        raise click.UsageError("Expected --database with more than one worker; SQLite has one process.")
    with tempfile.TemporaryDirectory() as folder:
        found = measure_sweep(Path(folder), timers, database, workers)
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))


@bench.command()
@click.option("--cases", default=100_000, type=click.IntRange(100, 1_000_000), show_default=True)
@click.option("--database", default="", metavar="URL", help="A PostgreSQL database; SQLite without.")
@click.option(
    "--keep", type=click.Path(path_type=Path), help="A folder to keep the SQLite file in, or to ask it again."
)
def statistics(cases: int, database: str, keep: Path | None) -> None:
    """Time of every question of the statistics over so many finished cases."""
    with tempfile.TemporaryDirectory() as folder:
        found = measure_statistics(keep or Path(folder), cases, database)
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))


@bench.command()
@click.option("--cases", default=100, type=click.IntRange(1, 10_000), show_default=True)
def size(cases: int) -> None:
    """Bytes that a finished application leaves, by table."""
    with tempfile.TemporaryDirectory() as folder:
        click.echo(json.dumps(measure_size(Path(folder), cases), ensure_ascii=False, indent=2))


@bench.command("http")
@click.option("--cases", default=1000, type=click.IntRange(20, 100_000), show_default=True)
@click.option("--database", default="", metavar="URL", help="An empty PostgreSQL database; SQLite without.")
@click.option("--workers", default=1, type=click.IntRange(1, 16), show_default=True)
@click.option("--clients", default=16, type=click.IntRange(1, 64), show_default=True)
def over_http(cases: int, database: str, workers: int, clients: int) -> None:
    """Completions per second through the API, and seconds from start to first answer."""
    if workers > 1 and not database:
        raise click.UsageError("Expected --database with more than one worker; SQLite has one process.")
    with tempfile.TemporaryDirectory() as folder:
        found = measure_http(Path(folder), cases, database, workers, clients)
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
