"""What was only moved or drawn otherwise."""

from collections.abc import Collection, Iterator

from engine.errors import Message
from engine.workbench.compare_match import Pairing
from engine.workbench.compare_types import Difference

_NAMED = 3


def layout_differences(pairing: Pairing, told: Collection[str]) -> Iterator[Difference]:
    """Yield one sentence for everything that stands elsewhere, looks otherwise, or is no longer drawn.

    Args:
        told: Ids in the new model of which more than the drawing differs.
    """
    old, new = pairing.one.written, pairing.other.written
    moved = [
        (before, after)
        for before, after in pairing.names.items()
        if after not in told and old.shapes.get(before) != new.shapes.get(after)
    ]
    if not moved:
        return
    things = [new.things[after] for _, after in moved]
    nodes = [thing for thing in things if thing.family != "flow"]
    flows = len(things) - len(nodes)
    parts_zh, parts_en = [], []
    if nodes:
        names = [pairing.other.name(thing) for thing in nodes[:_NAMED]]
        more = len(nodes) > _NAMED
        parts_zh.append("、".join(f"“{m.zh}”" for m in names) + (f"等 {len(nodes)} 个图形" if more else ""))
        parts_en.append(
            ", ".join(f"“{m.en}”" for m in names)
            + (f" and {len(nodes) - _NAMED} more shapes" if more else "")
        )
    if flows:
        parts_zh.append(f"{flows} 条连线")
        parts_en.append(f"{flows} line{'s'[: flows > 1]}")
    text = Message(f"移动或者重绘{'和'.join(parts_zh)}", f"Moved or redrawn: {' and '.join(parts_en)}")
    yield Difference(
        "layout",
        "moved",
        text,
        before=tuple(before for before, _ in moved),
        after=tuple(after for _, after in moved),
        weight=90,
    )
