"""Numbers of persons (证件号码) are masked but for their last four places before anything is stored (Art. 18(3))."""

import re

from engine.catalogue.credit_code import credit_code

KEPT = 4
_GAP = r"[\s\-\u2013\u2014_./\u00b7\u200b]?"
_MONTH_DAY = "(?:0{0}[1-9]|1{0}[0-2]){0}(?:0{0}[1-9]|[12]{0}\\d|3{0}[01])"
_YEAR = "(?:1{0}8|1{0}9|2{0}0){0}\\d{0}\\d"
_REGION = "(?:1{0}[1-5]|2{0}[1-3]|3{0}[1-7]|4{0}[1-6]|5{0}[0-4]|6{0}[1-5]|7{0}1|8{0}[1-3]|9{0}\\d)"


def _run(digits: int, gap: str) -> str:
    return gap.join([r"\d"] * digits)


def _eighteen(region: str, gap: str) -> str:
    """A citizen's number of eighteen places; gaps may be anywhere, so only the region tells it from a date."""
    date = f"{_YEAR.format(gap)}{gap}{_MONTH_DAY.format(gap)}"
    return f"{region}{gap}{_run(4, gap)}{gap}{date}{gap}{_run(3, gap)}{gap}[\\dX]"


_SHORT = rf"[1-9]\d{{5}}\d{{2}}{_MONTH_DAY.format('')}\d{{3}}"
_PARTED = "|".join(
    " ".join(rf"\d{{{n}}}" for n in parts) for parts in ((6, 6, 3), (3,) * 5, (4, 4, 4, 3), (5, 5, 5))
)
# Letters may stand before a citizen's number; after fifteen places they make it another code.
_CITIZEN = "|".join(
    (
        rf"{_eighteen('[1-9][0-9]', '')}(?!\d)",
        rf"{_eighteen(_REGION.format(_GAP), _GAP)}(?!\d)",
        rf"{_SHORT}(?![0-9A-Z])",
        rf"(?=(?:[1-9] ?)(?:\d ?){{7}}(?:0 ?[1-9]|1 ?[0-2]))(?:{_PARTED})(?![0-9A-Z])",
    )
)
# Passports, permits for Hong Kong, Macao and Taiwan. E-2026-0001 and C 20260617 are a case's number and a day.
_NO_YEAR = r"(?![ \-]?(?:19|20)\d\d-)(?![ \-](?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d))"
_LETTERED = "|".join(
    (
        rf"[DEGSP][A-Z]?{_NO_YEAR}[ \-]?{_run(8, '[ -]?')}",
        rf"(?:E[A-Z]|[DSP]E|M[AB]|KJ){_NO_YEAR}[ \-]?{_run(7, '[ -]?')}",
        rf"[HMCT]{_NO_YEAR}[ \-]?{_run(8, '[ -]?')}(?:[ -]?\d[ -]?\d)?",
        r"[A-Z]{3}(?!19|20)\d{12}",  # a permit of residence begins with a region, never with a year
    )
)
_IN_TEXT = re.compile(
    rf"(?<!\d)(?:{_CITIZEN})|(?<![0-9A-Z])(?:{_LETTERED})(?![0-9A-Z])", re.IGNORECASE | re.ASCII
)
_OF_EIGHTEEN = re.compile(
    r"(?<!\d)(?!\d{4}[\-/. ]\d\d?[\-/. ])(?:\d[ \-]?){17}[0-9X](?!\d)", re.IGNORECASE | re.ASCII
)
# No person's number has fewer digits than seven that follow each other, gaps left out; most cells have none.
_LONG = re.compile(rf"(?:[0-9０-９]{_GAP}){{7}}")
_WIDE = str.maketrans(
    {0xFF01 + n: 0x21 + n for n in range(94)} | {0x3000: 0x20}
)  # full width, place for place


def mask(number: str) -> str:
    """Return a number with everything but its last four places masked; a masked one stays as it is."""
    number = number.translate(_WIDE)
    kept = KEPT if len(number) > KEPT else 0
    return "*" * (len(number) - kept) + number[len(number) - kept :]


def mask_text(text: str) -> str:
    """Return a text with every number in it masked that has the shape of a person's."""
    if not _LONG.search(text):
        return text
    wide = text.translate(_WIDE)
    masked = _IN_TEXT.sub(_masked, wide)
    return text if masked == wide else masked


def mask_cell(text: str) -> str:
    """Return a cell of a table of records: there, any number of eighteen places is taken for a person's."""
    if not _LONG.search(text):
        return text
    return _OF_EIGHTEEN.sub(_masked, mask_text(text))


def _masked(found: re.Match[str]) -> str:
    # A department's or company's code of digits only may look like a person's; its check digit tells.
    number = found[0]
    return number if credit_code(number) and not _citizen(number) else mask(number)


def _citizen(number: str) -> bool:
    """Say whether the check digit of a citizen's number fits (GB 11643-1999: weights 2^(18-i) mod 11)."""
    total = sum(int(place) * pow(2, 17 - n, 11) for n, place in enumerate(number[:17]))
    return "10X98765432"[total % 11] == number[17]
