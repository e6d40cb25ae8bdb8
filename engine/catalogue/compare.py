"""Two versions of a catalogue entry held against each other, field by field and item by item."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from engine.catalogue.fields import FIELDS, ITEM_COLUMNS, worded


@dataclass(frozen=True)
class FieldChange:
    """A field whose value differs; the texts are empty where there was, or is, none."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ItemChange:
    """A data item that was added, removed or changed; `before` and `after` describe it."""

    kind: str
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Comparison:
    """What differs between two versions of an entry."""

    fields: tuple[FieldChange, ...]
    items: tuple[ItemChange, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing differs."""
        return not self.fields and not self.items

    def data(self) -> dict[str, Any]:
        """Return it as JSON values, for the history and the documents."""
        return {"fields": [asdict(x) for x in self.fields], "items": [asdict(x) for x in self.items]}


def compare(
    old: Mapping[str, Any], new: Mapping[str, Any], departments: Mapping[str, str] | None = None
) -> Comparison:
    """Return what differs between two versions, each with its fields as `of_version` gives them.

    An item is known by its name: under another name it is another item. A mere change of order is none, since
    users name the items they use.

    Args:
        old: Empty for a new entry.
        new: Empty for a deleted one.
        departments: Names by key, for the lead department.
    """
    fields = tuple(
        FieldChange(key, label, before, after)
        for key, label in FIELDS.items()
        if (before := worded(key, _ordered(old.get(key)), departments))
        != (after := worded(key, _ordered(new.get(key)), departments))
    )
    return Comparison(fields, tuple(_items(old.get("items") or [], new.get("items") or [])))


def _ordered(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


def _items(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[ItemChange]:
    before = {str(item.get("name")): _item(item) for item in old}
    after = {str(item.get("name")): _item(item) for item in new}
    for name, text in after.items():
        if name not in before:
            yield ItemChange("added", name, "", text)
        elif before[name] != text:
            yield ItemChange("changed", name, before[name], text)
    for name, text in before.items():
        if name not in after:
            yield ItemChange("removed", name, text, "")


def _item(item: Mapping[str, Any]) -> str:
    """Return the type of an item, its length, and whether it is a basic one: 字符型C（18），基础信息项."""
    text = str(item.get("type") or "")
    if item.get("length") not in (None, ""):
        text += f"（{item['length']}）"
    return f"{text}，{ITEM_COLUMNS['basic']}" if item.get("basic") == "是" else text
