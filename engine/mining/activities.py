"""What an element of a model is called in a log: the same word in XES, OCEL, CSV and the BPMN beside them.

A tool that replays a log on a model knows an element by its label alone. So the label is the name in the diagram;
where another visible element of the version bears the same name, or there is none, the id stands behind it.
"""

from collections import Counter

from engine.model import Node, Process

_DONE_BY_PEOPLE = ("userTask", "manualTask")
_EVENTS = ("intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent")


def visible(process: Process, node: Node) -> bool:
    """Say whether a stay at the element is an event of the log.

    Work and what happened are: activities, intermediate and boundary events, the starts of event sub-processes, and
    end events that throw something. Plain starts and ends, gateways and the borders of sub-processes are not: process
    mining takes them for silent.
    """
    if node.type in _EVENTS:
        return node.event != "link"
    if node.type == "endEvent":
        return node.event not in (None, "terminate", "none")
    if node.type == "startEvent":
        return node.scope is not None and process.nodes[node.scope].event_scope
    return node.type.endswith("Task") or node.type == "callActivity"


def by_people(kind: str) -> bool:
    """Say whether somebody works on an element of the type for some time."""
    return kind in _DONE_BY_PEOPLE


def labels(process: Process) -> dict[str, str]:
    """Return the labels of the visible elements by id; no two are alike."""
    shown = [node for node in process.nodes.values() if visible(process, node)]
    times = Counter(node.name for node in shown)
    return {n.id: n.name if n.name and times[n.name] == 1 else f"{n.name}（{n.id}）" for n in shown}
