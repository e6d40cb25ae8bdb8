"""Elements, flows, lanes and pools compared: one sentence for each thing that is said otherwise."""

from collections.abc import Iterator
from dataclasses import replace

from engine.errors import Message
from engine.workbench.compare_aspects import aspect_differences, group_of
from engine.workbench.compare_law import is_of_law, touches_limit
from engine.workbench.compare_match import Pairing, flow_ends
from engine.workbench.compare_paths import aspect_words
from engine.workbench.compare_read import Thing
from engine.workbench.compare_types import Difference
from engine.workbench.compare_values import Side
from engine.workbench.compare_words import kind_words, role_words


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
        one, other = old[before], new[after]
        changed = pairing.changed(one, other)
        for found in _compared(pairing, one, other, changed):
            law = is_of_law(pairing, one, other, changed, found.group)
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


def _whole(side: Side, thing: Thing, inner: list[Thing], kind: str, first: bool = False) -> Difference:
    """Return the sentence of an element that only one side has; of a first version the settings alone tell the law."""
    name, what = side.name(thing), kind_words(thing.kind)
    nodes = sum(each.family == "node" for each in inner)
    law = not first and any(touches_limit(side, each) for each in (thing, *inner))
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
        group_of(thing),
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


def _compared(pairing: Pairing, old: Thing, new: Thing, changed: list[str]) -> Iterator[Difference]:
    subject = pairing.other.subject(new)
    known = pairing.one.subject(old)

    def said(group: str, zh: str, en: str, weight: int = 50) -> Difference:
        return Difference(group, "changed", Message(zh, en), new.id, (old.id,), (new.id,), weight)

    if old.id != new.id:
        yield said(
            group_of(new),
            f"{known.zh}的编号：{old.id} → {new.id}",
            f"Id of {known.en}: {old.id} → {new.id}",
            60,
        )
    if old.kind != new.kind:
        was, now = kind_words(old.kind), kind_words(new.kind)
        name = pairing.other.name(new)
        yield said(
            group_of(new),
            f"“{name.zh}”由{was.zh}改为{now.zh}",
            f"“{name.en}”: {was.en} → {now.en}",
            12,
        )
    if old.name != new.name:
        told = kind_words(new.kind)
        yield said(
            group_of(new),
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
    yield from aspect_differences(pairing, old, new, changed)


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
