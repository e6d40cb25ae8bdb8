"""The table of all rules: code, severity, what each finds. processes/README.md shows it, and a test holds them together."""

from dataclasses import dataclass

from engine.workbench.lint import LINT


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        severity: error, warning, or `error or warning` where it depends on what is found.
        source: runs (what hinders a case from running), law, flow, foreign, or bpmnlint.
    """

    code: str
    severity: str
    what: str
    source: str


def _rules(source: str, text: str) -> list[Rule]:
    rows = [line.split("|", 2) for line in text.strip().splitlines()]
    return [Rule(code.strip(), severity.strip(), what.strip(), source) for code, severity, what in rows]


_RUNS = """
file-missing | error | there is no process.bpmn
structure | error | the XML cannot be read, ids are missing or double, a flow or boundary event hangs on nothing, nested too deep
one-process | error | several processes in one model, or none: each is named
not-executable | error or warning | marked not executable (error), not said (warning), or refused by the engine
unsupported-element | error | an element that the table above refuses
no-complex-gateway | error | a complex gateway
no-duplicate-sequence-flows | error | two flows from one element to the same other
single-event-definition | error | an event with several definitions
sub-process-blank-start-event | error | a sub-process that starts by an event
ad-hoc-sub-process | error | flows, events or no activity in an ad-hoc sub-process
element-incomplete | error | an element without what it needs to run: correlation, condition, list, called process, period
reserved-id | error | an id that is a name of the engine's own
start-event | error | a start by itself without when, or without parties
expression | error | an expression outside the subset
undeclared-variable | error | a variable that is read or written and not declared
unknown-name | error | a timer, setting, task, source or placeholder that names nothing
return-to | error | a return beyond a delivery, a signature, another party or a branch
results | error | results that no end reaches, or that the list leaves out
form | error | a form that is missing or cannot be read
document | error | a template that is missing, faulty or incomplete
decision | error | a table that is missing, or holds what is not supported
limit-setting | error | a limit whose setting is missing, in another unit, or without bounds
effective-from | error | effectiveFrom that is no date
profile | error | a law profile that is not installed
"""
_LAW = """
setting-basis | error | a LAW setting without basis
declared-twice | error | two settings of one key, or two variables of one name
sample-text | error | an article or basis that is still the blank template's sample text
setting-range | error | a value outside its min and max
limit-without-timer | error or warning | a length that no timer and no expression uses: of kind law an error, otherwise a warning; one that is switched off by 0 is let be
limit-removed | error | `p12.reply_wd` or `p13.verify_wd` left out of its procedure
limit-owner | error or warning | nobody supervises when a limit runs out: of kind law an error
calendar-days | error or warning | an ISO duration as a limit; calendar_day where the basis says 工作日; of kind law and not said to be 自然日 (warning)
extension-cap | error | an extension without a cap, or above its bounds
extension-approver | error | an extension that no user task approves, or that the asker approves
refusal-reasons | error | a choice that refuses, or an end that does, without a required field of reasons
lane-role | error or warning | a lane without role: with user tasks an error; a user task without role
"""
_FLOW = """
unreachable | error | an element that no way from a start leads to
endless-loop | error or warning | a circle in which nothing waits: an error where nothing in it sets a variable either
unbounded-loop | warning | a circle that no setting bounds and no limit covers; drafting before receipt is let be
gateway-default | warning | an exclusive or inclusive gateway without default whose conditions do not name every option of a field
wait-without-limit | warning | a wait that no limit covers; what the beginning party does before receipt, acts on limits and what is done apart are let be
"""
_FOREIGN = """
foreign-extension | warning | elements and attributes of other tools: kept, without effect
black-box-pool | error or warning | a pool without process: only drawn; an error where there is no process at all
message-flow | warning | a message flow: only drawn
"""
_LEFT_OUT = """
no-inclusive-gateway | none | inclusive gateways run here as the standard says
superfluous-label | none | officials read the name of a flow that has no condition as well
"""
RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in (
        *_rules("runs", _RUNS),
        *_rules("law", _LAW),
        *_rules("flow", _FLOW),
        *_rules("foreign", _FOREIGN),
        *(Rule(code, severity, what, "bpmnlint") for code, severity, what, _ in LINT),
    )
}
LEFT_OUT = {rule.code: rule.what for rule in _rules("bpmnlint", _LEFT_OUT)}
"""Recommended rules of bpmnlint that are not looked at, with the reason."""


def readme_table() -> str:
    """Return the table of the README."""
    lines = ["| rule | from | severity | what it finds |", "|---|---|---|---|"]
    lines += [f"| `{r.code}` | {r.source} | {r.severity} | {r.what} |" for r in RULES.values()]
    return "\n".join(lines)
