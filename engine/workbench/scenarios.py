"""Run the scenarios of a model, and say which of them fail and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.calendar import Notice
from engine.errors import InvalidForm, Message, Refused
from engine.queries.views import CaseView
from engine.workbench.coverage import Coverage
from engine.workbench.rehearsal import Rehearsal
from engine.workbench.scenario import (
    Expect,
    ExpectedDeadline,
    ScenarioFault,
    read_scenario,
)
from engine.workbench.scratch import Scratches


class ScenarioFailed(Refused):
    """A scenario of the model does not come out as it says; a model is published only when all do."""

    code = "scenario_failed"


@dataclass(frozen=True)
class ScenarioResult:
    """How one scenario came out.

    Attributes:
        failed_at: The step that could not be done, from 1; 0 for the start, None where all could.
        why: What is wrong, one sentence each; empty where it passed.
        coverage: What was visited up to there; None where the draft cannot be executed.
    """

    id: str
    name: str
    path: str
    failed_at: int | None = None
    why: tuple[Message, ...] = ()
    coverage: Coverage | None = None

    @property
    def passed(self) -> bool:
        """Whether it came out as it says."""
        return not self.why


def run_all(
    scenarios: Mapping[str, bytes],
    files: Mapping[str, bytes],
    notices: Sequence[Notice],
    others: Sequence[Mapping[str, bytes]],
    scratches: Scratches,
) -> tuple[ScenarioResult, ...]:
    """Run scenarios, given by path, on the files of a model.

    Args:
        others: The definitions of the other procedures in use.
    """
    return tuple(run(path, content, files, notices, others, scratches) for path, content in scenarios.items())


def must_pass(results: Sequence[ScenarioResult]) -> None:
    """Refuse unless every scenario passed.

    Raises:
        ScenarioFailed: with the first sentence of each that did not.
    """
    failed = [r for r in results if not r.passed]
    if failed:
        zh = "；".join(f"“{r.name}”{_where(r)}：{r.why[0].zh}" for r in failed)
        en = "; ".join(f"{r.id}: {r.why[0].en}" for r in failed)
        raise ScenarioFailed(
            f"有{len(failed)}个情景未通过，不能发布：{zh}",
            f"{len(failed)} scenario(s) failed: {en}",
            scenarios=[r.id for r in failed],
        )


def covered(results: Sequence[ScenarioResult]) -> Coverage | None:
    """Return what all of them have been through together."""
    found = [r.coverage for r in results if r.coverage is not None]
    whole = found[0] if found else None
    for one in found[1:]:
        whole = one if whole is None else whole | one
    return whole


def run(
    path: str,
    content: bytes,
    files: Mapping[str, bytes],
    notices: Sequence[Notice],
    others: Sequence[Mapping[str, bytes]],
    scratches: Scratches,
) -> ScenarioResult:
    """Run one scenario."""
    try:
        scenario = read_scenario(content)
    except ScenarioFault as fault:
        return ScenarioResult(path, path, path, 0, said(fault))
    result = ScenarioResult(scenario.id, scenario.name, path)
    try:
        rehearsal = Rehearsal(scratches, files, replace(scenario, steps=()), notices, others)
    except Refused as refused:
        return replace(result, failed_at=0, why=said(refused))
    try:
        for n, step in enumerate(scenario.steps, 1):
            try:
                rehearsal.do(step)
            except Refused as refused:
                return replace(result, failed_at=n, why=said(refused), coverage=rehearsal.tracker.coverage)
        view = rehearsal.view()
        return replace(result, why=tuple(differences(scenario.expect, view.case)), coverage=view.coverage)
    finally:
        rehearsal.close()


def said(refused: Refused) -> tuple[Message, ...]:
    """Return a refusal in sentences, those of each field where a form was refused."""
    if isinstance(refused, InvalidForm):
        return tuple(m for found in refused.errors.values() for m in found)
    return (Message(refused.zh, refused.en),)


def differences(expect: Expect, case: CaseView) -> Iterator[Message]:
    """Yield where a case is not as a scenario expects it after its last step."""
    head = case.head
    for word, wanted, found in (("结果", expect.result, head.result), ("状态", expect.state, head.state)):
        if wanted is not None and wanted != found:
            yield Message(
                f"{word}应为“{wanted}”，实为“{found or '无'}”。", f"Expected {wanted}, found {found}."
            )
    if expect.open is not None and set(expect.open) != set(case.tokens):
        wanted, found = "、".join(expect.open) or "无", "、".join(case.tokens) or "无"
        yield Message(f"待办环节应为“{wanted}”，实为“{found}”。", f"Expected open {wanted}, found {found}.")
    for deadline in expect.deadlines:
        yield from _deadline_differences(deadline, case)


def _deadline_differences(expected: ExpectedDeadline, case: CaseView) -> Iterator[Message]:
    found = [d for d in case.deadlines if d.element_id == expected.element]
    if not found:
        yield Message(
            f"应有期限“{expected.element}”，实际没有。", f"Expected a limit {expected.element}, found none."
        )
        return
    last = found[-1]
    if expected.due_on is not None and last.due_on != expected.due_on:
        yield Message(
            f"“{last.name}”的届满日应为{expected.due_on.isoformat()}，实为{last.due_on.isoformat()}。",
            f"Expected {expected.element} due on {expected.due_on}, found {last.due_on}.",
        )
    if expected.state is not None and last.state != expected.state:
        yield Message(
            f"“{last.name}”的状态应为“{expected.state}”，实为“{last.state}”。",
            f"Expected {expected.element} {expected.state}, found {last.state}.",
        )


def expectations(case: CaseView) -> Expect:
    """Return what a scenario that is recorded now would expect: that it comes out as it has."""
    last = {d.element_id: d for d in case.deadlines}
    return Expect(
        result=case.head.result,
        state=case.head.state,
        deadlines=tuple(ExpectedDeadline(d.element_id, d.due_on, d.state) for d in last.values()),
        open=case.tokens if not case.head.ended_at else (),
    )


def _where(result: ScenarioResult) -> str:
    if result.failed_at is None:
        return "结果与预期不符"
    return f"第{result.failed_at}步" if result.failed_at else "未能开始"
