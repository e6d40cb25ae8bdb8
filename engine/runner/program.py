"""A definition, parsed for execution."""

from dataclasses import dataclass
from functools import lru_cache

from lxml import etree
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin

from engine.bpmn import read_process
from engine.errors import InvalidDefinition, Message
from engine.findings import finding
from engine.model import Process
from engine.runner.lowering import process_drawn, scope_drawn
from engine.runner.specs import ActivityJoin, Choice, Parser

# What the parser says in English alone, by how it begins.
_SAID = {
    "Multiple outgoing flows": (
        "有多条连线离开，引擎不知走哪一条；请接一个网关，由网关分开",
        "several flows leave it; lead one flow to a gateway and part there",
    ),
}


@dataclass(frozen=True)
class Program:
    """A definition parsed for execution; shared between cases and never changed."""

    process: Process
    specs: dict[str, tuple[BpmnProcessSpec, dict[str, BpmnProcessSpec]]]


def ways(program: Program, element_id: str) -> dict[str, str]:
    """Return the flows that leave a gateway with conditions, with the id of what each leads to; empty elsewhere."""
    for top, inner in program.specs.values():
        for flow in (top, *inner.values()):
            found = flow.task_specs.get(element_id)
            if isinstance(found, Choice):
                outputs = getattr(found, "by_flow", {})
                return {key: name.removesuffix(".BoundaryEventSplit") for key, name in outputs.items()}
    return {}


@lru_cache(maxsize=64)
def compile_process(xml: bytes) -> Program:
    """Read a definition and parse it for execution; cached by content.

    Raises:
        InvalidDefinition: it is malformed, or SpiffWorkflow cannot run it.
    """
    process = read_process(xml)
    specs = {process.id: _parse(process_drawn(process), process.id)}
    for scope_id in process.event_scopes:
        specs[scope_id] = _parse(scope_drawn(process, scope_id), scope_id)
    for top, inner in specs.values():
        for spec in (spec for flow in (top, *inner.values()) for spec in flow.task_specs.values()):
            node = process.nodes.get(spec.bpmn_id or "")
            if isinstance(spec, BoundaryEventJoin):
                spec.__class__ = ActivityJoin  # the parser makes them itself
            spec.first_wins = node is not None and node.type == "eventBasedGateway"
    return Program(process, specs)


def _parse(root: etree._Element, process_id: str) -> tuple[BpmnProcessSpec, dict[str, BpmnProcessSpec]]:
    parser = Parser()
    try:
        parser.add_bpmn_xml(root.getroottree())
        return parser.get_spec(process_id), parser.get_subprocess_specs(process_id)
    except RecursionError:
        raise _fault("一条路径上的元素过多", "too many elements on one path") from None
    except ValidationException as fault:
        raise _placed(fault) from fault
    except Exception as fault:  # the parser meets whatever a file may hold with whatever Python raises
        raise _fault(str(fault), str(fault)) from fault


def _placed(fault: ValidationException) -> InvalidDefinition:
    said = next((said for begins, said in _SAID.items() if str(fault).startswith(begins)), None)
    if said is None or not fault.id:
        return _fault(str(fault), str(fault))
    return InvalidDefinition([finding("not-executable", fault.id, *said)])


def _fault(zh: str, en: str) -> InvalidDefinition:
    return InvalidDefinition([Message(f"流程无法执行：{zh}", f"the process cannot be executed: {en}")])
