"""Texts in two languages."""

from typing import Self


class Bilingual(str):
    """A Chinese text with the same in English beside it.

    It is its Chinese text wherever a text is wanted, so that documents and records stay Chinese; who shows it to a
    reader of English takes `en`. Joining or formatting it gives a plain Chinese text.
    """

    __slots__ = ("en",)
    en: str

    def __new__(cls, zh: str, en: str = "") -> Self:  # a copy is made of the Chinese, then given the English
        """Return the text."""
        made = super().__new__(cls, zh)
        made.en = en
        return made


def english(text: str) -> str:
    """Return the English of a text, the text itself where it has none."""
    return text.en if isinstance(text, Bilingual) else text


def plural(number: int, one: str) -> str:
    """Return 1 working day, 2 working days."""
    return f"{number} {one}" if number in (1, -1) else f"{number} {one}s"
