"""Numbers of persons (证件号码) are masked but for their last four places before anything is stored (Art. 18(3))."""

import re

KEPT = 4
_DATE = r"(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_ALONE = r"(?<![0-9A-Za-z])(?:{})(?![0-9A-Za-z])"
_GAP = r"[ \-]?"
# Citizen ids of 18 and of 15 places, passports, permits for Hong Kong, Macao and Taiwan, permits of residence.
_IN_TEXT = re.compile(
    _ALONE.format(
        "|".join(
            (
                rf"[1-9]\d{{5}}{_GAP}{_DATE}{_GAP}\d{{3}}[0-9Xx]",
                r"[1-9]\d{5}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}",
                r"[DEGSP][A-Z]?\d{8}",
                r"[HMC]\d{8}(?:\d{2})?",
                r"[A-Z]{3}\d{12}",
            )
        )
    )
)
_OF_EIGHTEEN = re.compile(_ALONE.format(r"\d{17}[0-9Xx]|\d{6}[ \-]\d{8}[ \-]\d{3}[0-9Xx]"))
_LONG = re.compile(
    r"[0-9０-９]{6}"
)  # no person's number has shorter runs of digits only; most cells have none
_WIDE = str.maketrans("０１２３４５６７８９ＸｘＡＢＣＤＥＧＨＭＰＳ", "0123456789XxABCDEGHMPS")


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
    masked = _IN_TEXT.sub(lambda found: mask(found[0]), wide)
    return text if masked == wide else masked


def mask_cell(text: str) -> str:
    """Return a cell of a table of records: there, any number of eighteen places is taken for a person's."""
    if not _LONG.search(text):
        return text
    return _OF_EIGHTEEN.sub(lambda found: mask(found[0]), mask_text(text))
