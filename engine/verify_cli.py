"""`shixian verify`: is an exported history whole? Needs no database and no network."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import orjson

from engine.history.verify import Broken, Published, Report, read_published
from engine.history.verify import verify as check


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--head", help="公布的封存值（十六进制），或者封存页的 JSON 文件。")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(file: Path, head: str | None, as_json: bool) -> None:
    """Check an exported history (*.shixian.jsonl); exit 1 and name the first broken event if it is not whole."""
    try:
        published = _published(head) if head is not None else None
        with file.open("rb") as opened:
            report = check(opened, published)
    except Broken as broken:
        click.echo(_json(broken_data(broken)) if as_json else _broken_text(broken))
        sys.exit(1)
    except OSError as fault:
        raise click.ClickException(f"{file.name}: {fault.strerror}") from fault
    click.echo(_json({"ok": True, **asdict(report)}) if as_json else _text(report))


def _published(head: str) -> Published:
    path = Path(head)
    try:
        found = path.is_file()
    except (OSError, ValueError):  # too long for a name, or holds what no name may hold
        found = False
    return read_published(path.read_bytes() if found else head.encode(errors="replace"))


def broken_data(broken: Broken) -> dict[str, Any]:
    """Return a finding as JSON values."""
    names = ("kind", "seq", "zh", "en", "expected", "found")
    return {"ok": False, **{name: getattr(broken, name) for name in names}}


def _json(data: dict[str, Any]) -> str:
    return orjson.dumps(data, option=orjson.OPT_INDENT_2).decode()


def _broken_text(broken: Broken) -> str:
    lines = [f"校验未通过：{broken.zh}", f"Not whole: {broken.en}"]
    if broken.expected:
        lines.append(f"应为 expected: {broken.expected}")
    if broken.found:
        lines.append(f"实为 found:    {broken.found}")
    return "\n".join(lines)


def _text(report: Report) -> str:
    lines = [
        f"校验通过：{report.case}，共{report.events}条记录，{report.first_at} 至 {report.last_at}，算法 {report.algorithm}。",
        f"Whole: {report.events} events from {report.first_at} to {report.last_at}, {report.algorithm}.",
    ]
    if report.sealed_to:
        lines.append(f"由{report.sealed_day}的封存值 {report.sealed_root} 封存至第{report.sealed_to}条。")
        lines.append(f"Sealed up to event {report.sealed_to} by the root of {report.sealed_day}.")
    if report.sealed_to < report.events:
        lines.append(f"第{report.sealed_to + 1}至{report.events}条尚未封存。")
        lines.append(f"Events {report.sealed_to + 1} to {report.events} are not sealed yet.")
    if report.published_to is not None:
        lines.append(f"与{report.published_day}公布的封存值相符，至第{report.published_to}条。")
        lines.append(
            f"Agrees with the root published for {report.published_day}, up to event {report.published_to}."
        )
    else:
        lines.append("未与公布的封存值核对（--head）：整体重写的记录只有这样才能发现。")
        lines.append(
            "Not compared with a published root (--head), which alone shows a wholly rewritten history."
        )
    return "\n".join([*lines, *(f"{zh} / {en}" for zh, en in report.remarks)])


if __name__ == "__main__":
    verify()
