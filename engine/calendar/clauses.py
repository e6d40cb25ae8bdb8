"""What one numbered item of a notice arranges, clause by clause; a clause no rule reads is an error."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from engine.calendar.dates import DATE, DATES, DateReader
from engine.calendar.feasts import FEAST, falls_on
from engine.calendar.text import NoticeUnreadable, canonical, chinese_number, split

_OPERATIVE = re.compile("放假|上班|调休|补休|公休")
_NUMBERED_DATE = re.compile("[0-9]+[年月日]|[0-9]{4}[-/.][0-9]")
_TALK = re.compile("鼓励|节假日期间|节日期间|各地区")
_COUNT = "[0-9一二三四五六七八九十]+"


@dataclass
class Arrangement:
    """What the clauses of one item have said so far.

    Attributes:
        off: Each day off with the clause that decides it.
        working: Each day called 上班, with its clause.
        moved: Each rest day moved away (公休日调至), with its clause.
        received: The days that moved rest days were moved to.
        statutory, rests: What the item itself calls 法定节假日 and 公休.
        joins_weekend, nothing_moved: 与周末连休 and 不调休 are printed.
    """

    dates: DateReader
    off: dict[date, str] = field(default_factory=dict)
    working: dict[date, str] = field(default_factory=dict)
    moved: dict[date, str] = field(default_factory=dict)
    received: list[date] = field(default_factory=list)
    statutory: list[date] = field(default_factory=list)
    rests: list[date] = field(default_factory=list)
    joins_weekend: bool = False
    nothing_moved: bool = False


def read_item(body: str, dates: DateReader) -> Arrangement:
    """Read what stands after the number and the name of an item.

    Args:
        body: As printed, without spaces.

    Raises:
        NoticeUnreadable: a clause that no rule reads, or a count that is wrong.
    """
    found = Arrangement(dates)
    *sentences, rest = split(body, "。;")
    for sentence in [*sentences, rest] if rest else sentences:
        if _TALK.match(canonical(sentence)):
            _talk(found, canonical(sentence))
            continue
        for clause in split(sentence, ","):
            _read_clause(found, clause)
    return found


def is_operative(text: str) -> bool:
    """Tell whether a text names a date or uses a word that arranges days off."""
    plain = canonical(text)
    return bool(_OPERATIVE.search(plain) or _NUMBERED_DATE.search(plain))


def _read_clause(found: Arrangement, clause: str) -> None:
    plain = re.sub("^其中[,:]?", "", canonical(clause))
    if not clause:
        raise NoticeUnreadable(
            "两个标点之间没有文字，像是缺了一句。请核对原文。",
            "Nothing stands between two marks, as if something were missing. Compare the original.",
        )
    if not plain:
        return
    for rule, read in _RULES:
        if match := rule.fullmatch(plain):
            read(found, match, clause)
            return
    raise NoticeUnreadable(
        f"读不懂“{clause}”：没有与之相符的写法。请核对原文；原文如此的，请手工录入。",
        f'Cannot read "{clause}": no known form fits. Compare the original; if it says so, enter the days by hand.',
    )


def _off(found: Arrangement, match: re.Match[str], clause: str) -> None:
    days = found.dates.read(match["dates"])
    for day in days:
        found.off.setdefault(day, clause)
    if match["n"]:
        _check_count(match["n"], len(days), clause)


def _total(found: Arrangement, match: re.Match[str], clause: str) -> None:
    _check_count(match["n"], len(found.off), clause)


def _working(found: Arrangement, match: re.Match[str], clause: str) -> None:
    _add(found.working, found.dates.read(match["dates"]), clause)


def _instead(found: Arrangement, match: re.Match[str], clause: str) -> None:
    _add(found.off, found.dates.read(match["dates"]), clause)


def _statutory(found: Arrangement, match: re.Match[str], clause: str) -> None:
    found.statutory += found.dates.read(match["dates"])


def _rest(found: Arrangement, match: re.Match[str], clause: str) -> None:
    found.rests += found.dates.read(match["dates"])


def _moved(found: Arrangement, match: re.Match[str], clause: str) -> None:
    sources, targets = found.dates.read(match["dates"]), found.dates.read(match["targets"])
    _add(found.moved, sources, clause)
    found.received += targets
    if match["n"]:
        _check_count(match["n"].replace("两", "二"), len(sources), clause)
    # 10月3日公休日及中秋节分别调至两天 (2009): the feast that falls on a holiday moves like a rest day.
    _check_count(str(len(targets)), len(sources) + bool(match["feast"]), clause)


def _joins(found: Arrangement, match: re.Match[str], clause: str) -> None:
    found.joins_weekend = True


def _stays(found: Arrangement, match: re.Match[str], clause: str) -> None:
    found.nothing_moved = True


_RULES: tuple[tuple[re.Pattern[str], Callable[[Arrangement, re.Match[str], str], None]], ...] = tuple(
    (re.compile(form), read)
    for form, read in (
        (rf"(?P<dates>{DATES})(?:放假|放假公休|放假调休|调休放假)(?:(?P<n>{_COUNT})天)?", _off),
        (rf"共(?:放假)?(?P<n>{_COUNT})天", _total),
        (rf"(?P<dates>{DATES})(?:正常|照常)?上班", _working),
        (rf"(?P<dates>{DATES})补休", _instead),
        (rf"(?P<dates>{DATES})为(?:{FEAST}、?){{0,2}}法定(?:节)?假日", _statutory),
        (rf"(?P<dates>{DATES})(?:为公休日|照常公休)", _rest),
        (
            rf"将?(?P<dates>{DATES})(?:(?P<n>[0-9一两二三四五六七八九])个)?公休日(?P<feast>及{FEAST})?"
            rf"(?:分别)?调至(?P<targets>{DATES})",
            _moved,
        ),
        ("与周末连休", _joins),
        ("不调休", _stays),
    )
)


def _talk(found: Arrangement, sentence: str) -> None:
    """Read advice (鼓励…在除夕（2月9日）休息): it arranges nothing, but must not be wrong or hide an arrangement."""
    if _OPERATIVE.search(sentence) or (is_operative(sentence) and not sentence.startswith("鼓励")):
        raise NoticeUnreadable(
            f"“{sentence}”像是建议，却含有日期或放假、上班等字样，无法判断。请核对原文，手工录入。",
            f'"{sentence}" looks like advice but names a date, days off or working days. Enter it by hand.',
        )
    for named in re.finditer(rf"(?P<feast>除夕|{FEAST})?(?P<bracket>\()?(?P<date>{DATE})", sentence):
        (day,) = found.dates.read(named["date"])
        if named["feast"] and named["bracket"] and not falls_on(named["feast"], day):
            raise NoticeUnreadable(
                f"“{sentence}”自相矛盾：{day:%Y-%m-%d} 不是“{named['feast']}”。请核对原文。",
                f'"{sentence}" contradicts itself: {day} is not {named["feast"]}. Compare the original.',
            )


def _add(known: dict[date, str], days: tuple[date, ...], clause: str) -> None:
    for day in days:
        if day in known:
            raise NoticeUnreadable(
                f"“{clause}”与“{known[day]}”重复：{day:%Y-%m-%d} 出现两次。请核对原文。",
                f'"{clause}" repeats "{known[day]}": {day} stands there twice. Compare the original.',
            )
        known[day] = clause


def _check_count(printed: str, real: int, clause: str) -> None:
    if chinese_number(printed) != real:
        raise NoticeUnreadable(
            f"“{clause}”与所列日期不符：按日期为{real}天，文中写作{printed}。请核对原文。",
            f'"{clause}" does not fit the dates: they are {real}, the text says {printed}. Compare the original.',
        )
