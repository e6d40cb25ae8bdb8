"""Which element of one model is which of another: by id, and where ids were changed by name and neighbours."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from engine.workbench.compare_paths import aspect_words
from engine.workbench.compare_read import Thing
from engine.workbench.compare_values import Side

Things = Mapping[str, Thing]


@dataclass(frozen=True)
class Pairing:
    """Two models and which element of the one is which of the other."""

    one: Side
    other: Side
    names: Mapping[str, str]

    def changed(self, old: Thing, new: Thing) -> list[str]:
        """Return the paths at which an element says something else than its counterpart."""
        paths = dict.fromkeys((*old.aspects, *new.aspects))
        return [path for path in paths if self._mapped(path, old.aspects.get(path)) != new.aspects.get(path)]

    def _mapped(self, path: str, value: str | None) -> str | None:
        """Return a value of the old model with the new ids of what it refers to."""
        if value and aspect_words(path).shows in ("ref", "refs"):
            return " ".join(self.names.get(each, each) for each in value.split())
        return value


def paired(one: Side, other: Side) -> Pairing:
    """Return two models with the new id of each element of the old one that is still there."""
    return Pairing(one, other, _pairs(one.written.things, other.written.things))


def flow_ends(thing: Thing) -> tuple[str, str]:
    """Return the ids of what a flow leads from and to."""
    return thing.aspects.get("@sourceRef", ""), thing.aspects.get("@targetRef", "")


@dataclass(frozen=True)
class _Half:
    """One of the models while pairs are looked for.

    Attributes:
        around: What lies next to each node: `to` or `from`, and its id.
        new_ids: Of what is paired already; of the new model every id is its own.
    """

    things: Things
    around: Mapping[str, frozenset[tuple[str, str]]]
    new_ids: dict[str, str]


Key = Callable[[Thing, _Half], Hashable | None]


def _pairs(before: Things, after: Things) -> dict[str, str]:
    found = {one: one for one, thing in before.items() if one in after and after[one].family == thing.family}
    old, new = (
        _Half(before, _around(before), found),
        _Half(after, _around(after), {one: one for one in after}),
    )
    while True:
        known = len(found)
        for key in (_name, _ends, _neighbours):
            _pair(key, old, new)
        if len(found) == known:
            return found


def _pair(key: Key, old: _Half, new: _Half) -> None:
    """Pair what is left and has a key that nothing else on its side has."""
    taken = set(old.new_ids.values())
    one = _unique(key, old, [t for t in old.things.values() if t.id not in old.new_ids])
    other = _unique(key, new, [t for t in new.things.values() if t.id not in taken])
    old.new_ids.update({one[x]: other[x] for x in one if x in other})


def _unique(key: Key, half: _Half, things: list[Thing]) -> dict[Hashable, str]:
    kept: defaultdict[Hashable, list[str]] = defaultdict(list)
    for thing in things:
        if (value := key(thing, half)) is not None:
            kept[value].append(thing.id)
    return {value: ids[0] for value, ids in kept.items() if len(ids) == 1}


def _name(thing: Thing, half: _Half) -> Hashable | None:
    if not thing.name or (thing.scope and thing.scope not in half.new_ids) or thing.family == "flow":
        return None
    return thing.family, thing.kind, thing.name, half.new_ids.get(thing.scope, "")


def _ends(thing: Thing, half: _Half) -> Hashable | None:
    one, other = flow_ends(thing)
    if thing.family != "flow" or one not in half.new_ids or other not in half.new_ids:
        return None
    return thing.kind, half.new_ids[one], half.new_ids[other]


def _neighbours(thing: Thing, half: _Half) -> Hashable | None:
    near = half.around.get(thing.id, frozenset())
    if thing.family != "node" or thing.name or not near or any(x not in half.new_ids for _, x in near):
        return None
    return thing.kind, frozenset((way, half.new_ids[x]) for way, x in near)


def _around(things: Things) -> dict[str, frozenset[tuple[str, str]]]:
    found: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for thing in things.values():
        if thing.family == "flow":
            one, other = flow_ends(thing)
            found[one].add(("to", other))
            found[other].add(("from", one))
    return {node: frozenset(near) for node, near in found.items()}
