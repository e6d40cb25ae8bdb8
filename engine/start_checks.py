"""What an event must say that begins a case by itself: when, and between whom. Found when it is deployed."""

from collections.abc import Iterator

from engine.expression_checks import Told
from engine.model import PARTIES, Node, Process, StartParty
from engine.schedules import ScheduleFault, check_roll, read_rule

BY_ITSELF = ("timer", "signal")
_TAKES = ("one", "each", "all")
_WORDS = {"level": ("province", "city", "county"), "managing": ("true", "false")}


def begins_by_itself(node: Node) -> bool:
    """Say whether the element starts a process without anybody asking."""
    return node.type == "startEvent" and node.scope is None and node.event in BY_ITSELF


def start_findings(process: Process, node: Node) -> Iterator[Told]:
    """Yield what is missing or wrong at a start event."""
    if node.planned is not None:
        try:
            read_rule(node.planned.kind, node.planned.text)
            check_roll(node.planned.roll)
        except ScheduleFault as fault:
            yield "start-event", fault.message.zh, fault.message.en
    if not begins_by_itself(node):
        if node.start_parties:
            yield (
                "start-event",
                "shixian:party 只用于流程一级的定时或信号启动事件",
                "shixian:party belongs on a timer or signal start event of the process",
            )
        return
    if node.event == "signal" and not node.event_ref:
        yield "start-event", "信号启动事件须引用信号", "a signal start event needs its signal"
    for party in node.start_parties:
        yield from _party(process, node, party)
    if sum(party.take == "each" for party in node.start_parties) > 1:
        yield "start-event", '只能有一个 take="each" 的当事部门', "only one party may be taken each"
    yield from _without_a_party(process, node)


def _party(process: Process, node: Node, party: StartParty) -> Iterator[Told]:
    name = party.variable
    if party.take not in _TAKES:
        yield "start-event", f"take 应为 {'、'.join(_TAKES)} 之一", f"take is one of {', '.join(_TAKES)}"
    if party.take == "all":
        if name not in process.variables or name in PARTIES.values():
            yield (
                "start-event",
                f'take="all" 的变量 {name} 须为已声明的一般变量',
                f"{name} must be a declared variable of its own",
            )
    elif name not in PARTIES.values():
        yield (
            "start-event",
            f"当事部门变量应为 {'、'.join(PARTIES.values())}",
            f"a party is one of {', '.join(PARTIES.values())}",
        )
    if (party.of is None) == (not party.where):
        yield (
            "start-event",
            f"{name} 须写明部门条件（kind、level、area、managing），或者用 of 指明另一方",
            f"{name} needs what its department is (kind, level, area, managing), or the party it is of",
        )
    if party.of is not None and all(
        other.of is not None or other.take == "all" or other.variable != party.of
        for other in node.start_parties
    ):
        yield (
            "start-event",
            f"of 所指的 {party.of} 不是本事件的当事部门",
            f"{party.of} is no party of this event",
        )
    for key, value in party.where:
        if key in _WORDS and value not in _WORDS[key]:
            yield (
                "start-event",
                f"{key} 应为 {'、'.join(_WORDS[key])} 之一",
                f"{key} is one of {', '.join(_WORDS[key])}",
            )


def _without_a_party(process: Process, node: Node) -> Iterator[Told]:
    """A task in a lane whose party nobody names would stop every case that begins here."""
    known = {party.variable for party in node.start_parties}
    for other in process.nodes.values():
        known |= {name for name, _ in (*other.assigns, *other.outputs)}
    if {"using_dept", "providing_dept"} <= known:
        known.add("managing_dept")
    roles = (n.role or "" for n in process.nodes.values() if n.type in ("userTask", "manualTask"))
    for missing in sorted(
        {PARTIES[r.partition(".")[0]] for r in roles if r.partition(".")[0] in PARTIES} - known
    ):
        yield (
            "start-event",
            f"由该事件启动的事项没有当事部门 {missing}，请用 shixian:party 指明",
            f"a case that begins here has no {missing}; name it by shixian:party",
        )
