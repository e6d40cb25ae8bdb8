"""Full text over cases: numbers, titles, departments by any name they ever had, resources.

Departments and resources are few and found by their names first; numbers and titles by the terms of `engine.grams`.
The rarest part of what was asked decides: if it leaves few cases, these are all looked at; if not, whoever asks
walks its own order and tests row by row.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, union_all

from engine.grams import beginning_with, of_word, serial
from engine.queries.reader import Reader
from engine.storage.tables import (
    case_gram,
    catalogue_entry,
    organisation,
    organisation_name,
    process_instance,
)

FEW = 2000
"""Up to so many cases with a word are looked at one by one."""
MOST_NAMES = 200
_WORDS = 6
_i, _g = process_instance.c, case_gram.c


@dataclass(frozen=True)
class Search:
    """What a text comes to.

    Attributes:
        condition: On process_instance; each word must be somewhere.
        keys: The cases that meet it, None if there may be more than `FEW`.
    """

    condition: ColumnElement[bool]
    keys: frozenset[int] | None


@dataclass(frozen=True)
class _Word:
    text: str
    departments: frozenset[int]
    resources: frozenset[int]


def search(reader: Reader, text: str) -> Search | None:
    """Return what a text finds, None for an empty one."""
    words = [_word(reader, word) for word in text.split()[:_WORDS]]
    if not words:
        return None
    condition = and_(*(_condition(word) for word in words))
    found = (_candidates(reader, word) for word in words)
    few = min((keys for keys in found if keys is not None), key=len, default=None)
    if few is None:
        return Search(condition, None)
    kept = select(_i.key).where(_i.key.in_(few), condition)
    return Search(condition, frozenset(reader.conn.execute(kept).scalars()) if few else frozenset())


def departments_named(reader: Reader, text: str) -> frozenset[int]:
    """Return the departments with a text in their name, today's or an earlier one."""
    now, ever = organisation.c, organisation_name.c
    names = union_all(
        select(now.key).where(now.name.icontains(text, autoescape=True)),
        select(ever.organisation_key).where(ever.name.icontains(text, autoescape=True)),
    ).subquery()
    return frozenset(reader.conn.execute(select(names).limit(MOST_NAMES)).scalars())


def resources_named(reader: Reader, text: str) -> frozenset[int]:
    """Return the catalogue entries with a text in their name, or with that code."""
    entry = catalogue_entry.c
    named = or_(entry.name.icontains(text, autoescape=True), entry.code == text)
    return frozenset(reader.conn.execute(select(entry.key).where(named).limit(MOST_NAMES)).scalars())


def _word(reader: Reader, text: str) -> _Word:
    return _Word(text, departments_named(reader, text), resources_named(reader, text))


def _condition(word: _Word) -> ColumnElement[bool]:
    number = serial(word.text)
    parts = [
        _i.title.icontains(word.text, autoescape=True),
        _i.business_id.icontains(word.text, autoescape=True),
        *_named(word),
    ]
    if number is not None:
        term = select(_g.instance_key).where(_g.gram == number, _g.instance_key == _i.key)
        parts.append(term.correlate(process_instance).exists())
    return or_(*parts)


def _named(word: _Word) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = []
    if word.departments:
        orgs = sorted(word.departments)
        began = and_(_i.using_key.is_(None), _i.managing_key.in_(orgs))
        parts += [_i.using_key.in_(orgs), _i.providing_key.in_(orgs), began]
    if word.resources:
        parts.append(_i.resource_key.in_(sorted(word.resources)))
    return parts


def _candidates(reader: Reader, word: _Word) -> set[int] | None:
    """Return at least the cases with a word, None if they are too many to tell."""
    found = _all([part(reader, word) for part in (_by_title, _by_number, _by_name)])
    return None if found is None or len(found) > FEW else found


def _by_title(reader: Reader, word: _Word) -> set[int] | None:
    terms = of_word(word.text)
    if not terms:
        first, end = beginning_with(word.text)
        return _few(reader, _g.instance_key, _g.gram >= first, _g.gram < end)
    rarest = min(terms, key=lambda term: _frequency(reader, term))
    return _few(reader, _g.instance_key, _g.gram == rarest)


def _by_number(reader: Reader, word: _Word) -> set[int] | None:
    text = word.text.upper()
    # Between the text and the text with the last of all characters stand those that begin with it.
    found = [_few(reader, _i.key, _i.business_id >= text, _i.business_id < text + "\uffff")]
    if (term := serial(word.text)) is not None:
        found.append(_few(reader, _g.instance_key, _g.gram == term))
    return _all(found)


def _by_name(reader: Reader, word: _Word) -> set[int] | None:
    return _all([_few(reader, _i.key, part) for part in _named(word)])


def _all(found: list[set[int] | None]) -> set[int] | None:
    known = [keys for keys in found if keys is not None]
    return set().union(*known) if len(known) == len(found) else None


def _few(reader: Reader, key: ColumnElement[int], *where: ColumnElement[bool]) -> set[int] | None:
    rows = reader.conn.execute(select(key).where(*where).limit(FEW + 1)).scalars().all()
    return None if len(rows) > FEW else set(rows)


def _frequency(reader: Reader, term: int) -> int:
    some = select(literal(1)).where(_g.gram == term).limit(FEW + 1).subquery()
    return int(reader.conn.execute(select(func.count()).select_from(some)).scalar_one())
