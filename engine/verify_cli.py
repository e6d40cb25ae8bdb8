"""`shixian verify`: is an exported history whole? Needs no database and no network."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import click
import orjson

from engine.history.breaks import Broken
from engine.history.case_file_check import CaseFileReport, is_archive, verify_case_file
from engine.history.verify import Published, Report, read_published
from engine.history.verify import verify as check

NOT_COMPARED = [
    "未与公布的封存值核对（--head）：整体重写的记录只有这样才能发现。",
    "Not compared with a published root (--head), which alone shows a wholly rewritten history.",
]


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--head", help="公布的封存值（十六进制），或者封存页的 JSON 文件。")
@click.option(
    "--database", metavar="FILE|URL", help="核对数据库本身：SQLite 文件，或者 postgresql://…。只读。"
)
@click.option("--replay", is_flag=True, help="同时由记录重建各数据表并比对（与 --database 合用）。")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(file: Path | None, head: str | None, database: str | None, replay: bool, as_json: bool) -> None:
    """Check an exported history (*.shixian.jsonl), a case file (*.shixian.zip) or, read only, a database.

    Exit 1 and name the first broken event if it is not whole. With --database, FILE is an export that was given away
    earlier: it shows the exact event of a history that was rewritten since.
    """
    if database is None and (file is None or replay):
        raise click.UsageError("Expected FILE, or --database.")
    try:
        published = _published(head) if head is not None else None
        if database is not None:
            _database(database, published, file, replay, as_json)
            return
        assert file is not None
        with file.open("rb") as opened:
            if is_archive(opened):
                _case_file(opened, published, as_json)
                return
            report = check(opened, published)
    except Broken as broken:
        click.echo(_json(broken_data(broken)) if as_json else broken_text(broken))
        sys.exit(1)
    except OSError as fault:
        raise click.ClickException(f"{file.name if file else database}: {fault.strerror}") from fault
    click.echo(_json({"ok": True, **asdict(report)}) if as_json else _text(report))


def _database(
    where: str, published: Published | None, file: Path | None, replay: bool, as_json: bool
) -> None:
    # An export is checked without any of this.
    from engine.integrity import check_database, read_held, read_only
    from engine.storage.database import DatabaseUnusable

    held = []
    if file is not None:
        with file.open("rb") as opened:
            held.append(read_held(opened))
    try:
        with read_only(where if "://" in where else Path(where)) as (conn, algorithm):
            checked = check_database(conn, algorithm, published, held, replay)
    except DatabaseUnusable as fault:
        raise click.ClickException(str(fault)) from fault
    click.echo(_json(checked.data()) if as_json else _checked_text(checked))
    sys.exit(0 if checked.whole else 1)


def _checked_text(checked: Any) -> str:
    lines = []
    for found in checked.findings:
        who = found.case or (str(found.stream) if found.stream is not None else "")
        lines.append(f"校验未通过：{who}{'：' if who else ''}{found.zh}")
        lines.append(f"Not whole: {who}{': ' if who else ''}{found.en}")
        lines += [f"应为 expected: {found.expected}"] if found.expected else []
        lines += [f"实为 found:    {found.found}"] if found.found else []
    if checked.more:
        lines.append(f"另有{checked.more}处。 / {checked.more} more.")
    if checked.whole:
        lines.append("校验通过：")
        lines.append("Whole:")
    lines.append(
        f"共{checked.streams}条记录链、{checked.events}条记录、{checked.cases}个事项，{checked.seals}次封存"
        + (f"，最近为{checked.sealed_day}。" if checked.seals else "。")
    )
    lines.append(
        f"{checked.streams} streams, {checked.events} events, {checked.cases} cases, {checked.seals} seals"
        + (f", the latest of {checked.sealed_day}." if checked.seals else ".")
    )
    if checked.replayed is not None:
        lines.append(f"由{checked.replayed}条记录重建各数据表并比对。")
        lines.append(f"The read tables were built once more from {checked.replayed} events.")
    if checked.published_day is not None:
        lines.append(f"与{checked.published_day}公布的封存值相符。")
        lines.append(f"Agrees with the root published for {checked.published_day}.")
    elif checked.whole:
        lines += NOT_COMPARED
    return "\n".join([*lines, *(f"{zh} / {en}" for zh, en in checked.remarks)])


def _case_file(file: BinaryIO, published: Published | None, as_json: bool) -> None:
    report = verify_case_file(file, published)
    click.echo(_json(case_file_data(report)) if as_json else _case_file_text(report))
    sys.exit(0 if report.whole else 1)


def case_file_data(report: CaseFileReport) -> dict[str, Any]:
    """Return what a case file proves, and what does not fit, as JSON values."""
    counts = {name: value for name, value in vars(report).items() if isinstance(value, int)}
    findings = [broken_data(broken) for broken in report.findings]
    first = findings[0] if findings else {}
    return {**asdict(report.history), **counts, **first, "ok": report.whole, "findings": findings}


def _case_file_text(report: CaseFileReport) -> str:
    lines = [broken_text(broken) for broken in report.findings]
    if report.whole:
        lines.append(_text(report.history))
        lines.append(
            f"档案中{report.files}个文件与清单相符；{report.versions}次适用的流程版本、{report.documents}份文书、"
            f"{report.attachments}个附件与记录所载的散列值相符；按当时的日历重新计算期限{report.limits}次，结果相同。"
        )
        lines.append(
            f"{report.files} files as the manifest says; {report.versions} versions, {report.documents} documents and "
            f"{report.attachments} attachments have the hashes of the history; {report.limits} limits counted again "
            "come out the same."
        )
        lines += _not_proven(report)
    return "\n".join(lines)


def _not_proven(report: CaseFileReport) -> list[str]:
    if not report.read_only:
        return []
    return [
        f"另有{len(report.read_only)}个文件供阅读，只与清单相符，不能由记录证明，以记录为准："
        f"{'、'.join(report.read_only)}。",
        f"{len(report.read_only)} files are for reading: they fit the manifest and are proven by nothing; the history "
        f"decides: {', '.join(report.read_only)}.",
    ]


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


def broken_text(broken: Broken) -> str:
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
        lines += NOT_COMPARED
    return "\n".join([*lines, *(f"{zh} / {en}" for zh, en in report.remarks)])


if __name__ == "__main__":
    verify()
