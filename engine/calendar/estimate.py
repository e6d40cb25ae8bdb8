"""The statutory holidays of a year whose notice is not out yet: what can be said before (R-T13)."""

from datetime import date, timedelta

from lunardate import LunarDate

_LUNAR_YEARS = range(1900, 2100)  # what lunardate's tables hold
_FIXED = (
    ("元旦", 1, 1, 1),
    ("劳动节", 5, 1, 2),
    ("国庆节", 10, 1, 3),
)


def statutory_days_off(year: int) -> dict[date, str]:
    """Return the 13 days that are off by law, by date; moved weekends are not guessed.

    Outside 1900–2099 the lunar holidays are left out, since no table of them is at hand.

    Source: 全国年节及纪念日放假办法 (2024) art. 2: 元旦 1, 春节 4 from New Year's Eve, 清明节 1, 劳动节 2,
        端午节 1, 中秋节 1, 国庆节 3.
    """
    off: dict[date, str] = {}
    for name, month, day, length in _FIXED:
        off.update(_span(name, date(year, month, day), length))
    off[qingming(year)] = "清明节"
    if year in _LUNAR_YEARS:
        off.update(_span("春节", _lunar(year, 1, 1) - timedelta(1), 4))
        off[_lunar(year, 5, 5)] = "端午节"
        # Where Mid-Autumn falls into National Day, the earlier entry keeps its name beside it.
        mid_autumn = _lunar(year, 8, 15)
        off[mid_autumn] = f"{off[mid_autumn]}、中秋节" if mid_autumn in off else "中秋节"
    return off


def qingming(year: int) -> date:
    """Return the day of 清明 by the usual formula for solar terms, good for 1901–2099."""
    century_constant = 5.59 if year < 2000 else 4.81
    in_century = year % 100
    return date(year, 4, int(in_century * 0.2422 + century_constant) - in_century // 4)


def _span(name: str, first: date, length: int) -> dict[date, str]:
    return {first + timedelta(n): name for n in range(length)}


def _lunar(year: int, month: int, day: int) -> date:
    found: date = LunarDate(year, month, day).to_solar_date()
    return found
