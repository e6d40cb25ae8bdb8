"""One finished case as a pattern: its events and rows with gaps for whatever another case has otherwise."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import BigInteger, Connection, Table, select

from engine.calendar import ChinaWorkingCalendar
from engine.calendars import Calendars
from engine.clock import instant
from engine.demo.shifting import WorkingDays
from engine.grams import gram, plain
from engine.history.chain import Recorded, parse
from engine.mining.playback import Visit
from engine.periods import beijing_day
from engine.statistics.facts import Facts, stayed
from engine.statistics.projection import Maker
from engine.storage.packing import PackedJson, unpack
from engine.storage.tables import READ_TABLES, attachment, case_gram, event, process_instance

INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?Z"
DAY = r"\d{4}-\d\d-\d\d"
IN_WORDS = r"\d{4}年\d{1,2}月\d{1,2}日"
KEY = r"(?<![0-9A-Za-z])\d{18,19}(?![0-9A-Za-z])"
NUMBER = r"[\u4e00-\u9fff]+〔\d{4}〕\d+号"
CODE = r"(?<![0-9A-Z-])[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}(?![0-9A-Z-])"
COUNTED = r"@(?:notices|late)#\d+@"
_TABLES = tuple(
    table for table in (*READ_TABLES, attachment) if "instance_key" in table.c and table is not case_gram
)


class Text:
    """A text in pieces: every second one is what a copy puts another in place of."""

    def __init__(self, text: str, tokens: re.Pattern[str]) -> None:
        self.pieces: list[str] = []
        at = 0
        for found in tokens.finditer(text):
            self.pieces += (text[at : found.start()], found[0])
            at = found.end()
        self.pieces.append(text[at:])
        self.tokens = self.pieces[1::2]

    def filled(self, others: Mapping[str, str]) -> str:
        """Return the text with what stands for each token."""
        made = self.pieces.copy()
        made[1::2] = [others[token] for token in self.tokens]
        return "".join(made)


@dataclass(frozen=True)
class Rows:
    """The case's rows in one table.

    Attributes:
        cells: Per row its values as the database has them, with gaps where a copy differs.
        packed: The columns that are packed JSON.
        keys: The columns that may hold keys.
    """

    table: Table
    cells: list[list[Any]]
    packed: frozenset[int]
    keys: frozenset[int]


@dataclass(frozen=True)
class Count:
    """What a limit says of the calendar: the documents its count rests on, or how many calendar days it was late."""

    kind: str
    first: date
    last: date


@dataclass
class Pattern:
    """A finished case, ready to be copied.

    Attributes:
        tokens: All texts that a copy replaces.
        own: Keys that are the case's, as digits, its own first.
        counts: By their place in the texts.
        grams: What its title is found by.
        begun: From when its duration is counted.
        stays: What its facts count as visits, in their order.
    """

    key: int
    business_id: str
    began: date
    events: list[tuple[str, Text]]
    rows: list[Rows]
    tokens: set[str]
    own: list[str]
    counts: dict[str, Count]
    grams: frozenset[int]
    facts: Facts
    begun: datetime
    stays: list[Visit]


class Reading:
    """Reads cases as patterns.

    Args:
        shared: Keys, as digits, that also stand in other cases.
        names: Texts that copies replace: departments and people.
    """

    def __init__(
        self, conn: Connection, calendar: ChinaWorkingCalendar, shared: frozenset[str], names: Iterable[str]
    ) -> None:
        self._conn, self._calendar, self._shared = conn, calendar, shared
        self._working = WorkingDays(calendar)
        self._names = sorted(names, key=len, reverse=True)

    def pattern(self, key: int) -> Pattern | None:
        """Return the pattern of a case, None if moving it by working days would not leave it what it is."""
        case = self._conn.execute(select(process_instance).where(process_instance.c.key == key)).one()
        log = self._conn.execute(
            select(event.c.type, event.c.body).where(event.c.stream == key).order_by(event.c.seq)
        ).all()
        told = [parse(bytes(row.body)) for row in log]
        counts = _Counts(self._calendar)
        texts = [counts.marked(bytes(row.body).decode(), orjson.loads(row.body)) for row in log]
        instants = [at for one in told for at in (one.occurred_at, one.recorded_at)]
        if not counts.kept or not all(map(self._working.in_hours, instants)):
            return None
        names = [re.escape(name) for name in (*self._names, case.business_id)]
        tokens = re.compile("|".join([COUNTED, INSTANT, DAY, IN_WORDS, KEY, NUMBER, CODE, *names]))
        events = [(row.type, Text(text, tokens)) for row, text in zip(log, texts, strict=True)]
        rows = [
            its for t in (process_instance, *_TABLES) if (its := self._rows(t, key, tokens, counts)).cells
        ]
        if not all(
            {"key", "instance_key"} & {column.name for column in its.table.primary_key} for its in rows
        ):
            return None  # it left a row that is not the case's alone, such as an entry of the catalogue
        found = {token for _, text in events for token in text.tokens}
        keys = set()
        for its in rows:
            found |= {
                t for cells in its.cells for cell in cells if isinstance(cell, Text) for t in cell.tokens
            }
            if "key" in its.table.c:
                keys |= {str(cells[list(its.table.c).index(its.table.c["key"])]) for cells in its.cells}
        own = keys | {t for t in found if re.fullmatch(KEY, t) and t not in self._shared}
        title = plain(case.title)
        grams = frozenset(gram(a, b) for a, b in zip(title, title[1:] + "\0", strict=True))
        ordered = [str(key), *sorted(own - {str(key)})]
        day = beijing_day(told[0].occurred_at)
        made, stays = self._facts(told)
        begun = case.received_at or case.started_at
        return Pattern(
            key,
            case.business_id,
            day,
            events,
            rows,
            found,
            ordered,
            counts.found,
            grams,
            made,
            begun,
            stays,
        )

    def _facts(self, told: list[Recorded]) -> tuple[Facts, list[Visit]]:
        maker = Maker(self._conn, Calendars())
        return maker.facts(told), [visit for visit in maker.played(told).visits if stayed(visit)]

    def _rows(self, table: Table, key: int, tokens: re.Pattern[str], counts: "_Counts") -> Rows:
        owner = "key" if table is process_instance else "instance_key"
        names = [column.name for column in table.c]
        listed = ", ".join(f'"{name}"' for name in names)
        packed = frozenset(n for n, c in enumerate(table.c) if isinstance(c.type, PackedJson))
        keys = frozenset(n for n, c in enumerate(table.c) if isinstance(c.type, BigInteger))
        cells = []
        for row in self._conn.exec_driver_sql(f'SELECT {listed} FROM "{table.name}" WHERE "{owner}" = {key}'):
            values = [unpack(bytes(v)).decode() if n in packed else v for n, v in enumerate(row)]
            if table.name == "deadline":
                counts.mark_row(names, values)
            cells.append([Text(v, tokens) if isinstance(v, str) and tokens.search(v) else v for v in values])
        return Rows(table, cells, packed, keys)


class _Counts:
    """Marks what limits say of the calendar, and says whether they were all counted in working days, once."""

    def __init__(self, calendar: ChinaWorkingCalendar) -> None:
        self._calendar = calendar
        self._limits: dict[int, tuple[date, date]] = {}  # limit → the first day counted, the last
        self.found: dict[str, Count] = {}
        self.kept = True

    def marked(self, text: str, body: dict[str, Any]) -> str:
        data, kind = body["data"], body["type"]
        if kind in ("DeadlineRecounted", "DeadlineMigrated", "InstanceMigrated", "InstanceRebound"):
            self.kept = False
        if kind == "DeadlineSet":
            self._set(data)
        elif "due_on" in data and "terms" in data and data["deadline_key"] in self._limits:
            first, _ = self._limits[data["deadline_key"]]
            self._limits[data["deadline_key"]] = (first, date.fromisoformat(data["due_on"]))
        limit = self._limits.get(data.get("deadline_key", 0))
        if limit is None:
            return text
        if "notices" in data:
            self.kept = self.kept and list(self._calendar.rests_on(*limit)) == data["notices"]
            told = orjson.dumps(data["notices"]).decode()
            text = text.replace(f'"notices":{told}', f'"notices":{self._mark("notices", *limit)}')
        if data.get("late_cd"):
            acted = limit[1] + timedelta(data["late_cd"])
            text = text.replace(
                f'"late_cd":{data["late_cd"]}', f'"late_cd":{self._mark("late", limit[1], acted)}'
            )
        return text

    def _set(self, data: dict[str, Any]) -> None:
        terms = data["terms"]
        plain_count = terms["unit"] == "working_day" and terms["policy"]["after_hours_rule"] == "same_day"
        self.kept = self.kept and plain_count and not terms["policy"]["count_receipt_day"]
        # What counts from a day begins at its first moment, which moves as the end of the day before.
        self.kept = self.kept and beijing_day(instant(terms["event_at"]) - timedelta(0, 1)) == beijing_day(
            instant(terms["event_at"])
        )
        first = date.fromisoformat(data["event_on"]) + timedelta(1)
        self._limits[data["deadline_key"]] = (first, date.fromisoformat(data["due_on"]))

    def mark_row(self, names: list[str], values: list[Any]) -> None:
        """Mark the cells of a row of limits."""
        limit = self._limits.get(values[names.index("key")])
        if limit is not None:
            values[names.index("notices")] = self._mark("notices", *limit)
            if late := values[names.index("late_cd")]:
                acted = limit[1] + timedelta(late)
                values[names.index("late_cd")] = self._mark("late", limit[1], acted)

    def _mark(self, kind: str, first: date, last: date) -> str:
        mark = f"@{kind}#{len(self.found)}@"
        self.found[mark] = Count(kind, first, last)
        return mark
