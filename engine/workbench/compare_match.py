"""Which element of one model is which of another: by id, and where ids were changed by name and neighbours."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping

from engine.workbench.compare_read import Thing

Things = Mapping[str, Thing]


def pairs(before: Things, after: Things) -> dict[str, str]:
    """Return the new id of each element of the old model that is still there."""
    found = {one: one for one, thing in before.items() if one in after and after[one].family == thing.family}
    while True:
        known = len(found)
        _by(_name, before, after, found)
        _by(_ends, before, after, found)
        _by(_neighbours(before, after, found), before, after, found)
        if len(found) == known:
            return found


def flow_ends(thing: Thing) -> tuple[str, str]:
    """Return the ids of what a flow leads from and to."""
    return thing.aspects.get("@sourceRef", ""), thing.aspects.get("@targetRef", "")


Key = Callable[[Thing, Mapping[str, str]], Hashable | None]


def _by(key: Key, before: Things, after: Things, found: dict[str, str]) -> None:
    """Pair what is left and has a key that nothing else on its side has."""
    taken = set(found.values())
    same = {one: one for one in after}
    old = _unique(key, [t for t in before.values() if t.id not in found], found)
    new = _unique(key, [t for t in after.values() if t.id not in taken], same)
    found |= {old[x]: new[x] for x in old.keys() & new.keys()}


def _unique(key: Key, things: list[Thing], mapped: Mapping[str, str]) -> dict[Hashable, str]:
    kept: defaultdict[Hashable, list[str]] = defaultdict(list)
    for thing in things:
        if (value := key(thing, mapped)) is not None:
            kept[value].append(thing.id)
    return {value: ids[0] for value, ids in kept.items() if len(ids) == 1}


def _name(thing: Thing, mapped: Mapping[str, str]) -> Hashable | None:
    if not thing.name or (thing.scope and thing.scope not in mapped) or thing.family == "flow":
        return None
    return thing.family, thing.kind, thing.name, mapped.get(thing.scope, "")


def _ends(thing: Thing, mapped: Mapping[str, str]) -> Hashable | None:
    one, other = flow_ends(thing)
    if thing.family != "flow" or one not in mapped or other not in mapped:
        return None
    return thing.kind, mapped[one], mapped[other]


def _neighbours(before: Things, after: Things, found: Mapping[str, str]) -> Key:
    around = {side: _around(things) for side, things in ((id(before), before), (id(after), after))}

    def key(thing: Thing, mapped: Mapping[str, str]) -> Hashable | None:
        side = id(before) if mapped is found else id(after)
        near = around[side].get(thing.id, frozenset())
        if thing.family != "node" or thing.name or not near or any(x not in mapped for _, x in near):
            return None
        return thing.kind, frozenset((way, mapped[x]) for way, x in near)

    return key


def _around(things: Things) -> dict[str, frozenset[tuple[str, str]]]:
    found: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for thing in things.values():
        if thing.family == "flow":
            one, other = flow_ends(thing)
            found[one].add(("to", other))
            found[other].add(("from", one))
    return {node: frozenset(near) for node, near in found.items()}
