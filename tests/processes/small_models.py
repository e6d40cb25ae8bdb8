"""Small BPMN models written down in a line or two, and what plays them."""

import re
from typing import Any

from engine.expressions import PURE_FUNCTIONS, compile_expression
from engine.runner import Fact, Kind, Machine, compile_process

_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:shixian="urn:shixian:bpmn:1"'
    ' id="D" targetNamespace="urn:shixian:test">'
)


def flow(text: str) -> str:
    """Return the sequence flows of "A>B B>C[x == 1] C>D[]": brackets hold a condition, nothing the default."""
    made = []
    for source, target, condition in re.findall(r"(\w+)>(\w+)(?:\[([^]]+)\])?", text):
        inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
        made.append(
            f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'
        )
    return "".join(made)


def nodes(text: str) -> str:
    """Return plain elements of "userTask:A endEvent:E"."""
    return "".join(f'<{kind} id="{name}"/>' for kind, name in re.findall(r"(\w+):(\w+)", text))


def model(body: str, flows: str, beside: str = "", process_id: str = "small", variables: str = "") -> bytes:
    """Return a definition of elements (XML) and flows; `beside` holds messages, errors and the like."""
    tasks = re.findall(r'<(?:userTask|manualTask|startEvent) id="(\w+)"', body)
    lane = "".join(f"<flowNodeRef>{t}</flowNodeRef>" for t in tasks)
    declared = "".join(
        f'<shixian:variable name="{v}"/>'
        for v in f"title using_dept providing_dept managing_dept resource {variables}".split()
    )
    return (
        f'{_HEAD}{beside}<process id="{process_id}" name="小流程" isExecutable="true">'
        f"<extensionElements>{declared}</extensionElements>"
        f'<laneSet id="L"><lane id="Lane" shixian:role="use.handler">{lane}</lane></laneSet>'
        f"{body}{flow(flows)}</process></definitions>"
    ).encode()


class Play:
    """Plays a model without any database; with `restart` on a fresh machine before each act."""

    def __init__(self, xml: bytes, restart: bool = False, **variables: Any) -> None:
        self.program = compile_process(xml)
        self.variables = variables
        self.restart = restart
        self.trace: list[str] = []
        self.open: dict[str, str] = {}
        self.armed: dict[str, str] = {}
        self.stuck: dict[str, str] = {}
        self.machine = Machine(self.program, self._evaluate)
        self._advance()

    def do(self, *acts: str, **variables: Any) -> "Play":
        """Complete user tasks by id, fire events by "!id"; variables are set first."""
        self.variables.update(variables)
        for act in acts or ("",):
            if self.restart:
                self.machine = Machine(self.program, self._evaluate, self.machine.snapshot())
            held = self.armed if act.startswith("!") else self.open
            if act:
                token = next(t for t, e in held.items() if e == act.lstrip("!"))
                if token not in self.program.process.event_scopes:
                    del held[token]
                (self.machine.fire if act.startswith("!") else self.machine.complete)(token)
            self._advance()
        return self

    def mend(self) -> "Play":
        """Let every held token try again, until none is held any more."""
        while self.stuck:
            held, self.stuck = self.stuck, {}
            if self.restart:
                self.machine = Machine(self.program, self._evaluate, self.machine.snapshot())
            for token in held:
                self.machine.release(token)
            self._advance()
        return self

    def bears_saving(self) -> None:
        """The state is the same after it was saved and loaded."""
        kept = self.machine.snapshot()
        assert Machine(self.program, self._evaluate, kept).snapshot() == kept

    @property
    def waiting(self) -> list[str]:
        """The open user tasks, by id."""
        return sorted(self.open.values())

    def _advance(self) -> None:
        mark: tuple[int, dict[str, str], dict[str, str]] = (0, {}, {})
        for fact in self.machine.advance():
            match fact.kind:
                case Kind.REACHED | Kind.OPENED | Kind.ARMED if self._fails(fact):
                    self.machine.hold(fact.token)
                    self.stuck[fact.token] = fact.element_id
                case Kind.REACHED:
                    self.trace.append(fact.element_id)
                case Kind.OPENED:
                    self.trace.append(f"+{fact.element_id}")
                    self.open[fact.token] = fact.element_id
                case Kind.CANCELLED:
                    self.trace.append(f"-{fact.element_id}")
                    del self.open[fact.token]
                case Kind.ARMED:
                    self.armed[fact.token] = fact.element_id
                case Kind.DISARMED:
                    self.armed.pop(fact.token, None)
                case Kind.STUCK:
                    self.trace.append(f"stuck {fact.element_id}")
                    self.stuck[fact.token] = fact.element_id
                case Kind.MARKED:
                    mark = len(self.trace), dict(self.open), dict(self.armed)
                case Kind.REWOUND:
                    self.trace, self.open, self.armed = self.trace[: mark[0]], dict(mark[1]), dict(mark[2])
                case Kind.FAILED:
                    self.trace.append(f"failed {self.machine.error}")

    def _fails(self, fact: Fact) -> bool:
        """Say whether what an element does fails this time; a test overrides it."""
        return False

    def _evaluate(self, expression: str) -> object:
        return compile_expression(expression).evaluate(self.variables, PURE_FUNCTIONS)
