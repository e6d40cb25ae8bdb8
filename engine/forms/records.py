"""A table of records (涉及记录): typed, or read from a CSV file; every fault by row and column; masked at once."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from engine.errors import Message
from engine.forms.masking import mask, mask_cell

MAX_ROWS = 10_000
MAX_TYPED = 50
MAX_FAULTS = 20
FIRST = 3
"""How many rows a case keeps beside the file, to be read at a glance."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[Ee]\+\d+")
_QUOTED_FORMULA = re.compile(r'="([^"=]*)"')
_NUMBER = re.compile(r"[+-]?\d[\d.,]*%?")
Row = dict[str, str]


@dataclass(frozen=True)
class Column:
    """A column; of one that is `masked` nothing is kept but the last four places."""

    key: str
    label: str
    required: bool = False
    most: int = 200
    masked: bool = False


class RecordFaults(ValueError):
    """What is wrong with a table; all of it, up to a bounded number of sentences."""

    def __init__(self, faults: Sequence[Message]) -> None:
        super().__init__(" ".join(m.en for m in faults))
        self.faults = tuple(faults)


def read_file(content: bytes, columns: Sequence[Column], most: int = MAX_ROWS) -> list[Row]:
    """Return the masked rows of a CSV file.

    Args:
        content: UTF-8 with or without BOM, UTF-16 with BOM, or GB18030; parted by commas, semicolons or tabs.

    Raises:
        RecordFaults: every fault with row and column, bounded.
    """
    text = _decoded(content)
    first = text.lstrip().partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max((",", "\t", ";"), key=first.count))
    try:
        filled = ((reader.line_num, line) for line in reader if any(cell.strip() for cell in line))
        lines = list(islice(filled, most + 2))  # no further: a file of empty cells may have millions
    except csv.Error as fault:
        raise RecordFaults(
            [
                Message(
                    f"第{reader.line_num}行不是有效的CSV：请检查该行的引号是否成对。",
                    f"Line {reader.line_num} is no valid CSV ({fault}); check that its quotes are paired.",
                )
            ]
        ) from None
    if not lines:
        raise RecordFaults(
            [
                Message(
                    "文件没有内容，应有表头和至少一行记录。",
                    "Expected a heading and at least one row, found nothing.",
                )
            ]
        )
    order = _heading(lines[0][1], columns)
    body = lines[1:]
    if not body:
        raise RecordFaults(
            [Message("文件只有表头，应至少有一行记录。", "Expected at least one row below the heading.")]
        )
    if len(body) > most:
        raise RecordFaults(
            [
                Message(
                    f"文件的记录超过上限{most}行，请分次提出校核申请。",
                    f"Expected at most {most} rows, found more; split them over several reports.",
                )
            ]
        )
    return _checked(((n, _cells(n, line, order)) for n, line in body), columns)


def read_typed(rows: Sequence[Mapping[str, object]], columns: Sequence[Column]) -> list[Row]:
    """Return the masked rows that somebody typed, or a program sent; blank ones left out.

    Raises:
        RecordFaults: every fault with row and column, bounded.
    """
    if len(rows) > MAX_TYPED:
        raise RecordFaults(
            [
                Message(
                    f"直接填写的记录不超过{MAX_TYPED}行，现有{len(rows)}行，请改为上传CSV文件。",
                    f"Expected at most {MAX_TYPED} rows, found {len(rows)}; upload a CSV file instead.",
                )
            ]
        )
    known = {column.key for column in columns}
    given: list[tuple[int, Row | Message]] = []
    for n, row in enumerate(rows, 1):
        if (
            not isinstance(row, Mapping)
            or set(row) - known
            or not all(isinstance(v, str) for v in row.values())
        ):
            given.append(
                (
                    n,
                    Message(
                        f"第{n}行的列不正确，应为{'、'.join(c.label for c in columns)}。",
                        f"Row {n}: expected texts under {', '.join(c.key for c in columns)}.",
                    ),
                )
            )
        elif any(str(value).strip() for value in row.values()):
            given.append((n, {key: str(value) for key, value in row.items()}))
    return _checked(given, columns)


def masked_typed(rows: object, columns: Sequence[Column]) -> object:
    """Return typed rows as a draft may keep them: unchecked, but masked."""
    if not isinstance(rows, list):
        return rows
    by_key = {column.key: column for column in columns}
    return [
        {
            key: _mask(by_key[key], value) if key in by_key and isinstance(value, str) else None
            for key, value in row.items()
            if key in by_key
        }
        for row in rows
        if isinstance(row, Mapping)
    ]


def written(rows: Iterable[Row], columns: Sequence[Column]) -> bytes:
    """Return rows as the CSV file that the case keeps: UTF-8 with BOM, which spreadsheets expect."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.label for column in columns])
    writer.writerows([row.get(column.key, "") for column in columns] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def kept(content: bytes, columns: Sequence[Column]) -> list[list[str]]:
    """Return the cells of a file that `written` wrote, row by row in the order of the columns.

    Raises:
        ValueError: it is another file.
    """
    heading, *lines = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    if heading != [column.label for column in columns]:
        raise ValueError(f"Expected a table with {len(columns)} columns, found {heading}")
    return lines


def named(line: Sequence[str], columns: Sequence[Column]) -> Row:
    """Return a kept row by the keys of its columns."""
    return dict(zip((column.key for column in columns), line, strict=True))


def summary(rows: Sequence[Row]) -> dict[str, Any]:
    """Return what a case's variable holds of a table, beside the file's name and hash."""
    return {"rows": len(rows), "first": [dict(row) for row in rows[:FIRST]]}


def identity(line: Sequence[str]) -> str:
    """Return what tells a kept record from another: its first cell; where that is masked, the whole row."""
    return line[0] if "*" not in line[0] else "\t".join(line)


def _decoded(content: bytes) -> str:
    if content[:4] == b"PK\x03\x04" or content[:4] == b"\xd0\xcf\x11\xe0":
        raise RecordFaults(
            [
                Message(
                    "这是电子表格文件（xls、xlsx），应为CSV文件：请在表格软件中选择“另存为”，类型选“CSV UTF-8（逗号分隔）”，再上传。",
                    "Expected a CSV file, found a spreadsheet; save it as CSV UTF-8 and upload that.",
                )
            ]
        )
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as fault:
            line = content[: fault.start].count(b"\n") + 1
    raise RecordFaults(
        [
            Message(
                f"文件的文字编码无法识别（约在第{line}行），应为UTF-8或者GB18030：请另存为“CSV UTF-8（逗号分隔）”再上传。",
                f"Expected text in UTF-8 or GB18030, found other bytes near line {line}; save as CSV UTF-8.",
            )
        ]
    )


def _heading(cells: Sequence[str], columns: Sequence[Column]) -> list[Column]:
    """Return the columns in the order of the file."""
    named = {name: c for c in columns for name in (c.label, c.key)}
    found, faults = [], []
    for n, cell in enumerate(cells, 1):
        name = cell.strip()
        if name in named and named[name] not in found:
            found.append(named[name])
        elif name in named:
            faults.append(Message(f"表头第{n}列“{name}”重复。", f"Heading, column {n}: {name} twice."))
        elif name or any(c.strip() for c in cells[n:]):
            labels = "、".join(c.label for c in columns)
            faults.append(
                Message(
                    f"表头第{n}列应为{labels}之一，实为“{mask_cell(name)[:30]}”：请按模板改正，或者删去该列。",
                    f"Heading, column {n}: expected one of {labels}, found {mask_cell(name)[:30]!r}; mend or delete it.",
                )
            )
    for column in columns:
        if column.required and column not in found:
            faults.append(
                Message(
                    f"表头缺少“{column.label}”列：请按模板补上。",
                    f"The heading lacks {column.label}; add it as in the template.",
                )
            )
    if faults:
        raise RecordFaults(faults[:MAX_FAULTS])
    return found


def _cells(n: int, line: Sequence[str], order: Sequence[Column]) -> Row | Message:
    if any(cell.strip() for cell in line[len(order) :]):
        return Message(
            f"第{n}行有{len(line)}列，表头只有{len(order)}列：内容含有逗号的，应以英文双引号括起。",
            f"Line {n}: expected {len(order)} cells, found {len(line)}; put a cell with a comma into quotes.",
        )
    return {column.key: cell for column, cell in zip(order, line, strict=False)}


def _checked(given: Iterable[tuple[int, Row | Message]], columns: Sequence[Column]) -> list[Row]:
    rows: list[Row] = []
    seen: dict[tuple[str, ...], int] = {}
    faults: list[Message] = []
    more = 0
    for n, row in given:
        found = [row] if isinstance(row, Message) else list(_faults(n, row, columns))
        if isinstance(row, dict) and not found:
            clean = {c.key: _plain(row.get(c.key, "")) for c in columns}
            same = seen.setdefault(tuple(clean.values()), n)
            if same != n:
                found = [
                    Message(
                        f"第{n}行与第{same}行完全相同，请删去其中一行。",
                        f"Line {n} equals line {same}; delete one of them.",
                    )
                ]
            else:
                rows.append({c.key: _mask(c, clean[c.key]) for c in columns})
        room = MAX_FAULTS - len(faults)
        faults += found[:room]
        more += max(len(found) - room, 0)
    if more:
        faults.append(
            Message(
                f"另有{more}处错误未列出，请一并检查后重新上传。",
                f"{more} more faults are not listed; look for the same in the other rows.",
            )
        )
    if faults:
        raise RecordFaults(faults)
    return rows


def _faults(n: int, row: Row, columns: Sequence[Column]) -> Iterator[Message]:
    for column in columns:
        text = row.get(column.key, "")
        where, there = f"第{n}行“{column.label}”", f"Line {n}, {column.label}:"
        cell = _plain(text)
        shown = _mask(column, cell)[:20]
        if not cell and column.required:
            yield Message(
                f"{where}没有填写，该列为必填。",
                f"{there} expected a value, found none; the column is required.",
            )
        elif len(cell) > column.most:
            yield Message(
                f"{where}应不超过{column.most}个字，实有{len(cell)}个字，请缩短。",
                f"{there} expected at most {column.most} characters, found {len(cell)}.",
            )
        elif _CONTROL.search(cell):
            yield Message(
                f"{where}含有不可显示的字符，请删去后重新填写。",
                f"{there} found control characters; delete them.",
            )
        elif _SCIENTIFIC.fullmatch(cell):
            yield Message(
                f"{where}应为完整的号码，实为科学计数法“{cell}”，末几位已经丢失：请在表格软件中把该列设为“文本”，重新填写后再导出。",
                f"{there} expected the whole number, found {cell} in scientific notation; make the column text.",
            )
        elif cell[:1] in ("=", "@") or (cell[:1] in ("+", "-") and not _NUMBER.fullmatch(cell)):
            yield Message(
                f"{where}以“{cell[0]}”开头，表格软件会当作公式，实为“{shown}”：请删去该符号。",
                f"{there} begins with {cell[0]}, which a spreadsheet takes for a formula; delete the sign.",
            )


def _plain(text: str) -> str:
    """Return a cell without what spreadsheets put around a number to keep it a text."""
    text = text.replace("\r\n", "\n").strip().lstrip("'")
    quoted = _QUOTED_FORMULA.fullmatch(text)
    return quoted[1].strip() if quoted else text


def _mask(column: Column, text: str) -> str:
    return mask(text.strip()) if column.masked else mask_cell(text)
