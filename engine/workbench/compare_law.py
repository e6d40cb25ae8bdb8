"""Whether what differs at an element changes how a statutory limit is counted or kept."""

from collections.abc import Collection

from engine.bpmn.reader import LIMIT_ACTS
from engine.workbench.compare_match import Pairing
from engine.workbench.compare_paths import plain_path
from engine.workbench.compare_read import Thing
from engine.workbench.compare_values import Side


def touches_limit(side: Side, thing: Thing) -> bool:
    """Say whether a thing counts a statutory limit, or acts upon one."""
    if side.is_law(thing.aspects.get("shixian:period/@setting", "")):
        return True
    for path, value in thing.aspects.items():
        if path.endswith("/@of") and plain_path(path).split("/")[0].removeprefix("shixian:") in LIMIT_ACTS:
            timer = side.written.things.get(value)
            if timer is not None and side.is_law(timer.aspects.get("shixian:period/@setting", "")):
                return True
    return False


def is_of_law(pairing: Pairing, old: Thing, new: Thing, changed: Collection[str], group: str) -> bool:
    """Say whether a difference of an element changes how a statutory limit is counted or kept.

    Args:
        changed: All paths at which the element says something else.
        group: Of the difference.
    """
    sides = ((pairing.one, old), (pairing.other, new))
    if any(not _counted(side, thing).isdisjoint(changed) for side, thing in sides):
        return True
    if not any(touches_limit(side, thing) for side, thing in sides):
        return False
    return group == "limits" or old.kind != new.kind or "@attachedToRef" in changed


def _counted(side: Side, thing: Thing) -> set[str]:
    """Return the paths of a thing on which statutory limits rest: what skips the activity under one, when it begins."""
    found = set()
    for timer in side.law_timers:
        if timer.aspects.get("@attachedToRef") == thing.id:
            found.add("@shixian:skipWhen")
        if variable := timer.aspects.get("shixian:period/@from"):
            found.add(f"shixian:assign[{variable}]/@expression")
    return found
