"""Rehearsals of a draft: forward and back, scenarios and what they cover."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from engine import definitions
from engine.app import Engine
from engine.calendar import load_notices
from engine.errors import InvalidDefinition, InvalidForm, InvalidInput
from engine.periods import BEIJING
from engine.process_files import PROCESSES, definition_files
from engine.workbench.rehearsal import Rehearsal
from engine.workbench.scenario import (
    Act,
    Clock,
    Complete,
    Scenario,
    ScenarioFault,
    Start,
    from_data,
    read_scenario,
    scenario_path,
    scenarios_of,
    to_data,
    write_scenario,
)
from engine.workbench.scenarios import ScenarioFailed, covered, must_pass, run_all
from engine.workbench.scratch import Scratches, shipped_definitions
from tests.conftest import NOTICES

BASICS = load_notices(NOTICES)
APPLICATION = definition_files(PROCESSES / "ln_art12_application")
VERIFICATION = definition_files(PROCESSES / "ln_art13_verification")
MONDAY = datetime(2026, 6, 8, 10, tzinfo=BEIJING)


@pytest.fixture(scope="module")
def scratches() -> Iterator[Scratches]:
    made = Scratches()
    yield made
    made.close()


def rehearsal(scratches: Scratches, files=APPLICATION, start: Start | None = None) -> Rehearsal:
    return Rehearsal(
        scratches, files, Scenario("s", "s", start or Start(MONDAY)), BASICS, shipped_definitions()
    )


def do(one: Rehearsal, *elements: str) -> None:
    for element in elements:
        one.do(Complete(element, one.sample(element)))


@pytest.mark.parametrize("process_id", ["ln_art12_application", "ln_art13_verification"])
def test_the_scenarios_that_ship_pass(scratches: Scratches, process_id: str):
    files = definition_files(PROCESSES / process_id)

    results = run_all(scenarios_of(files), files, BASICS, shipped_definitions(), scratches)

    assert len(results) >= 2
    assert [(r.id, [m.zh for m in r.why]) for r in results if not r.passed] == []
    must_pass(results)
    whole = covered(results)
    assert whole is not None and whole.taken < set(whole.flows) and whole.missed_elements


def test_a_scenario_is_the_same_bytes_after_reading_and_writing():
    for path in PROCESSES.glob("*/scenarios/*.json"):
        assert write_scenario(read_scenario(path.read_bytes())) == path.read_bytes()
        assert scenario_path(path.stem) == f"scenarios/{read_scenario(path.read_bytes()).id}.json"


def test_the_limit_of_a_rehearsal_is_the_one_the_real_engine_counts(scratches: Scratches):
    one = rehearsal(scratches)
    do(one, "T12-01", "T12-02")

    (limit,) = one.view().case.deadlines
    assert (limit.element_id, limit.due_on, limit.state) == ("TM12-1", date(2026, 6, 15), "running")

    one.do(Clock(working_days=6))
    view = one.view()
    assert view.case.deadlines[0].state == "overdue"
    assert {t.view.element_id for t in view.tasks} == {"T12-04", "T12-12"}
    one.close()


def test_going_back_and_forward_comes_to_the_same(scratches: Scratches):
    one = rehearsal(scratches)
    do(one, "T12-01", "T12-02", "T12-04")
    before = one.view()

    one.back()
    one.back()
    assert one.view().case.tokens == ("T12-02",)
    assert len(one.view().undone) == 2
    one.forward()
    one.forward()

    after = one.view()
    assert (after.case.tokens, after.coverage, after.now) == (before.case.tokens, before.coverage, before.now)
    # A document carries a random code of verification, so its digest is another each time.
    said = [[h.text.partition("，内容摘要")[0] for h in v.case.history] for v in (before, after)]
    assert said[0] == said[1]
    one.close()


def test_a_rehearsal_is_rebuilt_from_its_scenario(scratches: Scratches):
    one = rehearsal(scratches)
    do(one, "T12-01", "T12-02")
    kept = read_scenario(write_scenario(one.scenario))
    seen = one.view()
    one.close()

    again = Rehearsal(scratches, APPLICATION, kept, BASICS, shipped_definitions())

    assert again.view().case.tokens == seen.case.tokens
    assert again.scenario == one.scenario
    again.close()


def test_a_refused_form_is_no_step(scratches: Scratches):
    one = rehearsal(scratches)

    with pytest.raises(InvalidForm):
        one.do(Complete("T12-01", {}))
    with pytest.raises(InvalidInput, match="没有待办任务"):
        one.do(Complete("T12-08", {}))

    assert one.scenario.steps == ()
    assert one.view().coverage.taken == {"Flow_S12_T1201"}
    one.close()


def test_a_draft_with_findings_is_not_rehearsed(scratches: Scratches):
    broken = {**APPLICATION, "forms/F12-A.json": b"{}"}

    with pytest.raises(InvalidDefinition):
        rehearsal(scratches, broken)


def test_a_draft_is_rehearsed_before_the_day_it_comes_into_force(scratches: Scratches):
    xml = APPLICATION["process.bpmn"].decode()
    head, tail = xml.split("<bpmn:process ", 1)
    later = {
        **APPLICATION,
        "process.bpmn": f'{head}<bpmn:process shixian:effectiveFrom="2027-01-01" {tail}'.encode()
        if "effectiveFrom" not in tail.split(">", 1)[0]
        else xml.replace("2026-01-01", "2027-01-01").encode(),
        "documents/extra.html": b"<p></p>",
    }

    one = rehearsal(scratches, later)

    assert one.definition.templates.get("extra") == "<p></p>"
    one.close()


def disputed(scratches: Scratches) -> Rehearsal:
    """Return a rehearsal that has begun a case of another procedure."""
    kept = read_scenario(APPLICATION["scenarios/late-refusal.json"])
    steps = [
        replace(step, values={"decision": "dispute", "reason": "所申请的数据项均为办理该事项所必需。"})
        if isinstance(step, Complete) and step.element == "T12-13"
        else step
        for step in kept.steps
    ]

    return Rehearsal(scratches, APPLICATION, replace(kept, steps=tuple(steps)), BASICS, shipped_definitions())


def test_messages_to_other_procedures_arrive(scratches: Scratches):
    one = disputed(scratches)

    view = one.view()
    assert set(view.others) == {"ln_art12_dispute"}
    assert any(task.of == "ln_art12_dispute" for task in view.tasks)
    one.close()


def test_loops_and_gateways_are_covered_by_the_flows_that_tokens_took(scratches: Scratches):
    one = rehearsal(scratches)
    do(one, "T12-01")
    back = "Flow_Gateway_Approved_T1201"
    assert {"Flow_T1201_G1201", "Flow_G1201_T1202"} <= one.tracker.taken
    assert not {"Flow_G1201_ST12A", "Flow_G1201_M1210", back} & one.tracker.taken

    one.do(Complete("T12-02", {"decision": "return", "comment": "请补充用途说明。"}))

    assert back in one.tracker.taken
    assert "Flow_Gateway_Approved_ST12B" not in one.tracker.taken
    do(one, "T12-01", "T12-02")
    assert "Flow_Gateway_Approved_ST12B" in one.tracker.taken
    # The boundary events of the scope wait; nobody has gone off by them.
    assert not {"TM12-1", "TM12-2"} & one.tracker.visited
    assert "Scope_Reply" in one.tracker.visited
    one.close()


def test_an_interrupted_activity_is_not_left_by_its_ordinary_flow(scratches: Scratches):
    one = rehearsal(scratches)
    do(one, "T12-01", "T12-02")
    values = {
        "check_result": "supplement",
        "supplement_list": [{"field": "purpose", "demand": "请写明具体的业务环节。"}],
    }
    form = one.task("T12-04").view.form
    table = next(c for c in form["components"] if c["key"] == "supplement_list")
    row = {column["key"]: "请写明具体的业务环节。" for column in table["shixian"]["columns"]}
    row[table["shixian"]["columns"][0]["key"]] = "purpose"
    one.do(Complete("T12-04", {**values, "supplement_list": [row]}))
    assert one.view().case.tokens == ("T12-05",)

    one.do(Clock(working_days=6))

    assert one.view().case.head.result == "lapsed"
    assert {"TM12-4", "E12-L"} <= one.tracker.visited
    assert "Flow_T1205_M121" not in one.tracker.taken
    one.close()


def test_an_act_by_hand_starts_its_event_sub_process(scratches: Scratches):
    one = rehearsal(scratches)
    do(one, "T12-01", "T12-02")

    one.do(Act("ES12-W", {"reason": "业务调整，不再需要。"}))

    view = one.view()
    assert view.case.head.result == "withdrawn"
    assert "ES12-W" in view.coverage.visited or "E12-W" in view.coverage.visited
    one.close()


@pytest.mark.parametrize(("entry", "result"), [("unconditional", "granted_direct"), ("not_shared", None)])
def test_the_start_chooses_the_kind_of_resource(scratches: Scratches, entry: str, result: str | None):
    one = rehearsal(scratches, start=Start(MONDAY, entry=entry))
    do(one, "T12-01")

    assert one.view().case.head.result == result
    one.close()


@pytest.mark.parametrize("folder", sorted(p.parent.name for p in PROCESSES.glob("*/process.bpmn")))
def test_every_procedure_that_ships_can_be_rehearsed(scratches: Scratches, folder: str):
    one = rehearsal(scratches, definition_files(PROCESSES / folder))

    view = one.view()
    assert view.case.head.process_id == folder
    assert not view.case.incidents
    one.close()


def test_a_closed_rehearsal_leaves_nothing_behind(scratches: Scratches, engine: Engine):
    read = dict(definitions._READ)
    one = disputed(scratches)
    folder = one.engine.folder
    assert len(definitions._READ.keys() - read.keys()) == 2

    one.close()

    assert not folder.exists()
    assert definitions._READ == read
    with pytest.raises(InvalidInput):
        one.view()


def test_a_scenario_that_comes_out_otherwise_hinders_publishing(scratches: Scratches):
    path = "scenarios/agreed.json"
    data = json.loads(APPLICATION[path])
    data["expect"]["deadlines"][0]["due_on"] = "2026-06-22"
    stuck = {**data, "id": "stuck", "steps": [{"complete": {"element": "T12-08", "values": {}}}]}
    files = {k: v for k, v in APPLICATION.items() if not k.startswith("scenarios/")}
    files |= {path: json.dumps(data).encode(), "scenarios/stuck.json": json.dumps(stuck).encode()}
    files["scenarios/torn.json"] = b"{"

    ran = run_all(scenarios_of(files), files, BASICS, shipped_definitions(), scratches)
    results = {r.path: r for r in ran}

    assert "应为2026-06-22，实为2026-06-15" in results[path].why[0].zh
    assert results["scenarios/stuck.json"].failed_at == 1
    assert results["scenarios/torn.json"].failed_at == 0
    with pytest.raises(ScenarioFailed) as refused:
        must_pass(tuple(results.values()))
    assert refused.value.code == "scenario_failed"


@pytest.mark.parametrize(
    "data",
    [
        [],
        {"id": "a b", "start": {"at": "2026-06-08"}},
        {"id": "a", "start": {}},
        {"id": "a", "start": {"at": "2026-06-08", "entry": "secret"}},
        {"id": "a", "start": {"at": "2026-06-08"}, "steps": [{"wait": {}}]},
        {"id": "a", "start": {"at": "2026-06-08"}, "steps": [{"clock": {"days": -1}}]},
        {"id": "a", "start": {"at": "2026-06-08"}, "steps": [{"clock": {"next": "year"}}]},
        {"id": "a", "start": {"at": "2026-06-08"}, "steps": [{"complete": {}}]},
        {"id": "a", "start": {"at": "2026-06-08"}, "expect": {"deadlines": [{"due_on": "tomorrow"}]}},
        {"id": "a", "start": {"at": "2026-06-08"}, "expect": {"deadlines": 5}},
    ],
)
def test_what_is_no_scenario_is_refused_with_a_reason(data: object):
    with pytest.raises(ScenarioFault):
        from_data(data)


def test_every_kind_of_step_survives_being_written():
    steps = (
        Clock(to=MONDAY),
        Clock(days=3),
        Clock(working_days=2),
        Clock(next="due"),
        Complete("T", {"a": 1}, "gat.jb", "ln_art12_dispute"),
        Act("E", {}),
    )
    one = Scenario("a", "名", Start(MONDAY, "S", "not_shared", "x", {"v": 1}), steps)

    assert from_data(to_data(one)) == one


def test_what_a_process_left_that_was_ended_is_removed_and_what_another_holds_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / "shixian-scratch-left"
    left.mkdir()
    (left / "held").touch()
    (left / "scratch.db").write_bytes(b"data of cases")
    one, other = Scratches(), Scratches()

    for each in (one, other):
        each.open(MONDAY, BASICS, ()).close()

    assert not left.exists()
    assert len(list(tmp_path.glob("shixian-scratch-*"))) == 2
    one.close()
    other.close()
    assert list(tmp_path.glob("shixian-scratch-*")) == []
