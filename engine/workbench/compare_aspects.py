"""What is written at an element compared: attributes and children that say something else, one sentence for each."""

import re
from collections.abc import Iterator

from engine.bpmn.reader import LIMIT_ACTS
from engine.errors import Message
from engine.workbench.compare_match import Pairing
from engine.workbench.compare_paths import CONTAINERS, aspect_words, plain_path
from engine.workbench.compare_read import Thing
from engine.workbench.compare_types import Difference
from engine.workbench.compare_values import Side

_CONTAINER = re.compile(r"^([^\[/(@]+(?:\[.*\])?(?:\(\d+\))?)/")
_LIMITS = (
    "shixian:period",
    "shixian:reminder",
    "timerEventDefinition",
    *(f"shixian:{act}" for act in LIMIT_ACTS),
)
_TOLD_ELSEWHERE = ("@sourceRef", "@targetRef")


def aspect_differences(pairing: Pairing, old: Thing, new: Thing, changed: list[str]) -> Iterator[Difference]:
    """Yield what an element says otherwise than its counterpart.

    Args:
        changed: The paths at which it does.
    """
    for container, paths in _by_container(changed).items():
        yield from _told(pairing, old, new, container, paths)


def group_of(thing: Thing) -> str:
    """Return the group in which differences of a thing are told."""
    return {"flow": "flows", "lane": "roles", "pool": "roles"}.get(thing.family, "elements")


def _by_container(paths: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in paths:
        if path not in _TOLD_ELSEWHERE:
            inside = _CONTAINER.match(path)
            found.setdefault(inside[1] if inside else "", []).append(path)
    return found


def _told(pairing: Pairing, old: Thing, new: Thing, container: str, paths: list[str]) -> Iterator[Difference]:
    plain = plain_path(container + "/").rstrip("/")
    if plain.endswith("EventDefinition") and old.kind != new.kind and not any(map(new.aspects.get, paths)):
        return  # what it waited for before is told with its kind
    group = "limits" if plain in _LIMITS else group_of(new)
    subject = pairing.other.subject(new)
    had = any(path.startswith(container + "/") for path in old.aspects)
    has = any(path.startswith(container + "/") for path in new.aspects)
    if (
        container
        and had != has
        and plain in CONTAINERS
        and plain not in ("documentation", "conditionExpression")
    ):
        side, thing, zh, en = (
            (pairing.other, new, "新增", "added") if has else (pairing.one, old, "取消", "dropped")
        )
        word = CONTAINERS[plain]
        key = container.partition("[")[2].rpartition("]")[0]
        title = thing.aspects.get(f"{container}/@title")
        called = Message(title, title) if title else side.key(key) if key else None
        told = _listed(side, thing, [] if title else paths)
        yield Difference(
            group,
            "changed",
            Message(
                f"{subject.zh}{zh}{word.zh}{f'“{called.zh}”' if called else ''}{f'（{told.zh}）' if told.zh else ''}",
                f"{subject.en}: {en} {word.en}{f' “{called.en}”' if called else ''}"
                f"{f' ({told.en})' if told.en else ''}",
            ),
            new.id,
            (old.id,),
            (new.id,),
            20,
        )
        return
    for path in paths:
        yield _aspect(pairing, old, new, group, path)


def _listed(side: Side, thing: Thing, paths: list[str]) -> Message:
    said = []
    for path in paths:
        aspect = aspect_words(path)
        if value := thing.aspects.get(path):
            shown = side.show(value, aspect)
            said.append(Message(f"{aspect.zh}：{shown.zh}", f"{aspect.en}: {shown.en}"))
    return Message("；".join(m.zh for m in said), "; ".join(m.en for m in said))


def _aspect(pairing: Pairing, old: Thing, new: Thing, group: str, path: str) -> Difference:
    aspect = aspect_words(path)
    was = pairing.one.show(old.aspects.get(path), aspect)
    now = pairing.other.show(new.aspects.get(path), aspect)
    subject = pairing.other.subject(new)
    key = path.partition("[")[2].rpartition("]")[0]
    called = CONTAINERS.get(plain_path(path).partition("/")[0]) if key else None
    if called:
        inside = pairing.other.key(key)
        subject = Message(
            f"{subject.zh}的{called.zh}“{inside.zh}”", f"{subject.en}, {called.en} “{inside.en}”"
        )
    if path in ("@cancelActivity", "@isInterrupting"):
        breaks = new.aspects.get(path) != "false"
        text = Message(
            f"{subject.zh}改为{'' if breaks else '不'}中断原有环节",
            f"{subject.en} is now {'' if breaks else 'non-'}interrupting",
        )
    elif path == "shixian:period/@from":
        text = Message(
            f"{subject.zh}改自{now.zh}起算（原自{was.zh}起算）",
            f"{subject.en} now counts from {now.en} (was from {was.en})",
        )
    else:
        text = Message(
            f"{subject.zh}的{aspect.zh}：{was.zh} → {now.zh}",
            f"{subject.en}, {aspect.en}: {was.en} → {now.en}",
        )
    weight = {"limits": 5, "flows": 24}.get(group, 40)
    return Difference(group, "changed", text, new.id, (old.id,), (new.id,), weight)
