"""The holidays a notice names, and the days they fall on by the sun or by the moon."""

import re
from collections.abc import Callable
from datetime import date, timedelta

from lunardate import LunarDate

from engine.calendar.estimate import qingming, statutory_days_off
from engine.calendar.text import canonical, chinese_number

_WRITTEN = {
    "元旦": ("元旦", "新年"),
    "春节": ("春节",),
    "清明节": ("清明节", "清明"),
    "劳动节": ("劳动节", "国际劳动节", "五一国际劳动节", "五一劳动节", "五一"),
    "端午节": ("端午节", "端午"),
    "中秋节": ("中秋节", "中秋"),
    "国庆节": ("国庆节", "国庆", "十一"),
}
_KEYS = {written: key for key, many in _WRITTEN.items() for written in many}
FEASTS = tuple(_WRITTEN)
SINCE_2008 = frozenset(FEASTS)
UNTIL_2007 = frozenset(("元旦", "春节", "劳动节", "国庆节"))
FEAST = '"?(?:' + "|".join(sorted(_KEYS, key=len, reverse=True)) + ')"?(?:国际劳动节|劳动节)?'
_LUNAR = re.compile("(正|腊|冬|[一二三四五六七八九十]{1,2})月(初?[一二三四五六七八九十廿]{1,3})")
_MONTHS = {"正": 1, "冬": 11, "腊": 12}


def feasts_of(name: str) -> frozenset[str]:
    """Return the holidays a name stands for (国庆节、中秋节 for two), empty for an unknown one."""
    keys = [_KEYS.get(part.replace('"', "")) for part in re.split("[、和与及]", canonical(name))]
    return frozenset() if None in keys else frozenset(key for key in keys if key)


def must_be_off(year: int, feast: str) -> frozenset[date]:
    """Return the days of a holiday that every notice of that year has to declare off.

    Source: 全国年节及纪念日放假办法, as of 2025 (除夕 and 2 May added), 2014 and 2008. New Year's Eve was off by law
        from 2008 to 2013 too, and by advice only in 2024: before 2025 the text alone decides.
    """
    added = set() if year >= 2025 else {_solar(year, 1, 1) - timedelta(1), date(year, 5, 2)}
    return frozenset(
        day
        for day, name in statutory_days_off(year).items()
        if feast in name.split("、") and day not in added
    )


def falls_on(remark: str, day: date) -> bool | None:
    """Tell whether a day is what a remark in brackets calls it (农历除夕, 端午节); None where it is no such remark."""
    word = re.sub("^即|^农历|^阴历", "", re.sub("^即", "", remark)).replace('"', "")
    if word == "除夕":
        return _lunar_of(day + timedelta(1)) == (1, 1)
    key = _KEYS.get(word.removesuffix("当日").removesuffix("当天"))
    if key:
        return _DAY_OF[key](day)
    if word.startswith(("大年初", "初")):
        word = "正月" + word.removeprefix("大年")
    if not (found := _LUNAR.fullmatch(word)):
        return None
    month = _MONTHS.get(found[1]) or chinese_number(found[1])
    return _lunar_of(day) == (month, chinese_number(found[2]))


_DAY_OF: dict[str, Callable[[date], bool]] = {
    "元旦": lambda day: (day.month, day.day) == (1, 1),
    "春节": lambda day: _lunar_of(day) == (1, 1),
    "清明节": lambda day: day == qingming(day.year),
    "劳动节": lambda day: (day.month, day.day) == (5, 1),
    "端午节": lambda day: _lunar_of(day) == (5, 5),
    "中秋节": lambda day: _lunar_of(day) == (8, 15),
    "国庆节": lambda day: day.month == 10 and day.day in (1, 2, 3),
}


def _lunar_of(day: date) -> tuple[int, int] | None:
    found = LunarDate.from_solar_date(day.year, day.month, day.day)
    return None if found.is_leap_month else (found.month, found.day)


def _solar(year: int, month: int, day: int) -> date:
    found: date = LunarDate(year, month, day).to_solar_date()
    return found
