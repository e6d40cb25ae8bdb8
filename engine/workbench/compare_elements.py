"""Elements, flows, lanes and pools compared: one sentence for each thing that is said otherwise."""

import re
from collections.abc import Iterator
from dataclasses import replace

from engine.errors import Message
from engine.workbench.compare_match import Pairing, flow_ends
from engine.workbench.compare_read import Thing
from engine.workbench.compare_types import Difference
from engine.workbench.compare_values import Side
from engine.workbench.compare_words import CONTAINERS, aspect_words, kind_words, plain_path, role_words

_CONTAINER = re.compile(r"^([^\[/(@]+(?:\[.*\])?(?:\(\d+\))?)/")
_ACTS = ("extensionRequest", "extension", "pause", "resume")
_LIMITS = ("shixian:period", "shixian:reminder", "timerEventDefinition", *(f"shixian:{act}" for act in _ACTS))
_TOLD_ELSEWHERE = ("@sourceRef", "@targetRef")


def element_differences(pairing: Pairing) -> Iterator[Difference]:
    """Yield what was added, removed and changed among everything that has an id."""
    old, new = pairing.one.written.things, pairing.other.written.things
    met = set(pairing.names.values())
    gone = [thing for thing in old.values() if thing.id not in pairing.names]
    come = [thing for thing in new.values() if thing.id not in met]
    for thing in gone:
        if not (thing.scope and thing.scope not in pairing.names):
            yield _whole(pairing.one, thing, _inside(thing, gone), "removed")
    for thing in come:
        if not (thing.scope and thing.scope not in met):
            yield _whole(pairing.other, thing, _inside(thing, come), "added", first=not old)
    for before, after in pairing.names.items():
        for found in _compared(pairing, old[before], new[after]):
            law = found.law or _law_touched(pairing, old[before], new[after], found)
            yield replace(found, law=law, weight=2 if law else found.weight)


def _inside(thing: Thing, things: list[Thing]) -> list[Thing]:
    """Return what lies in a sub-process at any depth, of a list that has the outer before the inner."""
    scopes = {thing.id}
    found = []
    for other in things:
        if other.scope in scopes:
            scopes.add(other.id)
            found.append(other)
    return found


def _group(thing: Thing) -> str:
    return {"flow": "flows", "lane": "roles", "pool": "roles"}.get(thing.family, "elements")


def _whole(side: Side, thing: Thing, inner: list[Thing], kind: str, first: bool = False) -> Difference:
    """Return the sentence of an element that only one side has; of a first version the settings alone tell the law."""
    name, what = side.name(thing), kind_words(thing.kind)
    nodes = sum(each.family == "node" for each in inner)
    law = not first and any(_is_law(side, each) for each in (thing, *inner))
    ids = (thing.id, *(each.id for each in inner))
    if kind == "removed":
        zh, en = f"删除：{name.zh}（{what.zh}）", f"Removed: {name.en} ({what.en})"
        if nodes:
            zh, en = f"{zh}，连同其中 {nodes} 个环节", f"{en} with {nodes} elements inside"
    else:
        zh, en = f"新增{what.zh}“{name.zh}”", f"Added {what.en} “{name.en}”"
        if nodes:
            zh, en = f"{zh}，其中 {nodes} 个环节", f"{en} with {nodes} elements inside"
        more = list(_about(side, thing))
        zh, en = zh + "".join(f"，{m.zh}" for m in more), en + "".join(f", {m.en}" for m in more)
    weight = 2 if law else {"node": 10, "flow": 35, "lane": 25, "pool": 25}.get(thing.family, 55)
    return Difference(
        _group(thing),
        kind,
        Message(zh, en),
        thing.id,
        before=ids if kind == "removed" else (),
        after=ids if kind == "added" else (),
        weight=weight,
        law=law,
    )


def _about(side: Side, thing: Thing) -> Iterator[Message]:
    """Yield what a reader wants to know of a new element: who does it, its form, its limit, its condition."""
    lane = side.written.things.get(thing.lane)
    if thing.family == "lane" and (role := thing.aspects.get("@shixian:role")):
        who = role_words(role, side.profile)
        yield Message(f"角色为{who.zh}", f"for the {who.en}")
    if lane is not None and thing.kind in ("userTask", "manualTask"):
        who = _lane(side, lane)
        yield Message(f"由{who.zh}承办", f"done by {who.en}")
    for path, zh, en in (
        ("@attachedToRef", "附于", "attached to "),
        ("shixian:form/@id", "表单", "form "),
        ("shixian:period/@setting", "期限为", "limit "),
        ("conditionExpression/#", "条件为 ", "condition "),
    ):
        if value := thing.aspects.get(path):
            shown = side.show(value, aspect_words(path))
            yield Message(f"{zh}{shown.zh}", f"{en}{shown.en}")


def _lane(side: Side, lane: Thing) -> Message:
    role = role_words(lane.aspects.get("@shixian:role", ""), side.profile)
    return role if role.zh else side.name(lane)


def _compared(pairing: Pairing, old: Thing, new: Thing) -> Iterator[Difference]:
    subject = pairing.other.subject(new)
    known = pairing.one.subject(old)

    def said(group: str, zh: str, en: str, weight: int = 50) -> Difference:
        return Difference(group, "changed", Message(zh, en), new.id, (old.id,), (new.id,), weight)

    if old.id != new.id:
        yield said(
            _group(new),
            f"{known.zh}的编号：{old.id} → {new.id}",
            f"Id of {known.en}: {old.id} → {new.id}",
            60,
        )
    if old.kind != new.kind:
        was, now = kind_words(old.kind), kind_words(new.kind)
        name = pairing.other.name(new)
        yield said(
            _group(new),
            f"“{name.zh}”由{was.zh}改为{now.zh}",
            f"“{name.en}”: {was.en} → {now.en}",
            12,
        )
    if old.name != new.name:
        told = kind_words(new.kind)
        yield said(
            _group(new),
            f"{told.zh}改名：“{old.name or '无'}” → “{new.name or '无'}”",
            f"Renamed {told.en}: “{old.name or 'none'}” → “{new.name or 'none'}”",
            30,
        )
    if pairing.names.get(old.scope, old.scope) != new.scope:
        was, now = _scope(pairing.one, old), _scope(pairing.other, new)
        yield said(
            "elements",
            f"{subject.zh}所在：{was.zh} → {now.zh}",
            f"{subject.en} lies in: {was.en} → {now.en}",
            28,
        )
    if pairing.names.get(old.lane, old.lane) != new.lane:
        yield _moved_lane(pairing, old, new)
    if new.family == "flow":
        yield from _redirected(pairing, old, new)
    for container, paths in _by_container(pairing.changed(old, new)).items():
        yield from _aspects(pairing, old, new, container, paths)


def _moved_lane(pairing: Pairing, old: Thing, new: Thing) -> Difference:
    one = pairing.one.written.things.get(old.lane)
    other = pairing.other.written.things.get(new.lane)
    none = Message("无泳道", "no lane")
    was = _lane(pairing.one, one) if one else none
    now = _lane(pairing.other, other) if other else none
    subject = pairing.other.subject(new)
    if one and other and was == now:
        was, now = pairing.one.name(one), pairing.other.name(other)
    acts = new.kind in ("userTask", "manualTask") and other is not None
    verb_zh, verb_en = ("改由{}承办", "now done by {}") if acts else ("改在{}的泳道", "now in the lane of {}")
    text = Message(
        f"{subject.zh}{verb_zh.format(now.zh)}（原为{was.zh}）",
        f"{subject.en}: {verb_en.format(now.en)} (was {was.en})",
    )
    return Difference("roles", "changed", text, new.id, (old.id,), (new.id,), 18 if acts else 45)


def _redirected(pairing: Pairing, old: Thing, new: Thing) -> Iterator[Difference]:
    was = tuple(pairing.names.get(end, end) for end in flow_ends(old))
    now = flow_ends(new)
    if was == now:
        return
    one, other = (tuple(map(pairing.one.ref, flow_ends(old))), tuple(map(pairing.other.ref, now)))
    name = new.name or old.name
    text = Message(
        f"流向{f'“{name}”' if name else ''}改道：{one[0].zh} → {one[1].zh}，改为 {other[0].zh} → {other[1].zh}",
        f"Flow {f'“{name}” ' if name else ''}redirected: "
        f"{one[0].en} → {one[1].en}, now {other[0].en} → {other[1].en}",
    )
    yield Difference("flows", "changed", text, new.id, (old.id,), (new.id,), 22)


def _scope(side: Side, thing: Thing) -> Message:
    if not thing.scope:
        return Message("流程", "the process")
    name = side.ref(thing.scope)
    return Message(f"“{name.zh}”", f"“{name.en}”")


def _by_container(paths: list[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in paths:
        if path not in _TOLD_ELSEWHERE:
            inside = _CONTAINER.match(path)
            found.setdefault(inside[1] if inside else "", []).append(path)
    return found


def _aspects(
    pairing: Pairing, old: Thing, new: Thing, container: str, paths: list[str]
) -> Iterator[Difference]:
    plain = plain_path(container + "/").rstrip("/")
    if plain.endswith("EventDefinition") and old.kind != new.kind and not any(map(new.aspects.get, paths)):
        return  # what it waited for before is told with its kind
    group = "limits" if plain in _LIMITS else _group(new)
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


def _is_law(side: Side, thing: Thing) -> bool:
    """Say whether a thing counts a statutory limit, or acts upon one."""
    if side.is_law(thing.aspects.get("shixian:period/@setting", "")):
        return True
    for path, value in thing.aspects.items():
        if path.endswith("/@of") and plain_path(path).split("/")[0].removeprefix("shixian:") in _ACTS:
            timer = side.written.things.get(value)
            if timer is not None and side.is_law(timer.aspects.get("shixian:period/@setting", "")):
                return True
    return False


def _law_touched(pairing: Pairing, old: Thing, new: Thing, found: Difference) -> bool:
    """Say whether a change of an element changes how a statutory limit is counted or kept."""
    changed = pairing.changed(old, new)
    if any(
        path in _counted(side, thing)
        for side, thing in ((pairing.one, old), (pairing.other, new))
        for path in changed
    ):
        return True
    if not (_is_law(pairing.one, old) or _is_law(pairing.other, new)):
        return False
    return found.group == "limits" or old.kind != new.kind or "@attachedToRef" in changed


def _counted(side: Side, thing: Thing) -> set[str]:
    """Return the paths of a thing on which statutory limits rest: what skips the activity under one, when it begins."""
    found = set()
    for timer in side.law_timers:
        if timer.aspects.get("@attachedToRef") == thing.id:
            found.add("@shixian:skipWhen")
        if variable := timer.aspects.get("shixian:period/@from"):
            found.add(f"shixian:assign[{variable}]/@expression")
    return found
