"""The scenarios of a model, as the rehearsal page lists, keeps and runs them."""

from dataclasses import replace
from typing import Any

from engine.errors import InvalidInput
from engine.queries.models import ModelView
from engine.workbench.rehearsal import Rehearsal
from engine.workbench.scenario import (
    Scenario,
    ScenarioFault,
    read_scenario,
    scenario_path,
    scenarios_of,
    write_scenario,
)
from engine.workbench.scenarios import ScenarioResult, expectations
from web.designer.beside import keep
from web.designer.workshop import scenario_results


def lines(view: ModelView) -> list[dict[str, Any]]:
    """Return the scenarios of a model; one that cannot be read by its path."""
    return [_line(path, content) for path, content in scenarios_of(view.files).items()]


def save(view: ModelView, one: Rehearsal, name: str) -> str:
    """Keep a rehearsal as the scenario of this name, in the place of the one that has it; return the name.

    Raises:
        InvalidInput: no name.
    """
    if not name:
        raise InvalidInput("请填写情景名称。", "Expected the name of the scenario.")
    name = name[:100]
    scenario = replace(one.scenario, id=_id_for(view, name), name=name, expect=expectations(one.view().case))
    keep(view, {scenario_path(scenario.id): write_scenario(scenario)}, f"保存情景“{name}”")
    return name


def remove(view: ModelView, path: str) -> None:
    """Take a scenario out of the model."""
    if path in scenarios_of(view.files):
        keep(view, {path: None}, "删除情景")


def scenario_at(view: ModelView, path: str) -> Scenario:
    """Return a scenario of the model.

    Raises:
        InvalidInput: there is none, or it cannot be read.
    """
    return read_scenario(_content(view, path))


def run(view: ModelView, path: str) -> tuple[ScenarioResult, ...]:
    """Run one scenario of the model, or all where no path is given.

    Raises:
        InvalidInput: there is none.
    """
    return scenario_results(view.files, {path: _content(view, path)} if path else None)


def _content(view: ModelView, path: str) -> bytes:
    found = scenarios_of(view.files).get(path)
    if found is None:
        raise InvalidInput("模型中没有该情景。", f"Expected a scenario of the model, found {path!r}.")
    return found


def _id_for(view: ModelView, name: str) -> str:
    """Return the id of the scenario of this name, which is replaced, or a free one."""
    used = {
        line["path"].removeprefix("scenarios/").removesuffix(".json"): line["name"] for line in lines(view)
    }
    same = [key for key, known in used.items() if known == name]
    return same[0] if same else next(f"s{n}" for n in range(1, 1000) if f"s{n}" not in used)


def _line(path: str, content: bytes) -> dict[str, Any]:
    try:
        scenario = read_scenario(content)
    except ScenarioFault:
        return {"path": path, "name": path, "steps": None}
    return {"path": path, "name": scenario.name, "steps": len(scenario.steps)}
