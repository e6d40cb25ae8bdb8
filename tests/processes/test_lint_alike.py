"""Our rules under bpmnlint's names find what bpmnlint finds, over all shipped and foreign models; what differs is listed."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from engine.process_files import definition_files, shipped
from engine.workbench.findings import check_files
from engine.workbench.rules import LEFT_OUT

HERE = Path(__file__).parent
FRONTEND = HERE.parents[1] / "web" / "frontend"
# bpmn-moddle, which bpmnlint reads by, takes no ids but ASCII ones.
FOREIGN = sorted(p for p in (HERE / "foreign").glob("*.bpmn") if p.stem != "16_chinese_ids")
MODELS = [*FOREIGN, *(folder / "process.bpmn" for folder in shipped())]
Found = set[tuple[str, str]]


def ours(path: Path) -> Found:
    files = (
        definition_files(path.parent) if path.name == "process.bpmn" else {"process.bpmn": path.read_bytes()}
    )
    return {(found.rule, found.element) for found in check_files(files)}


def theirs(tmp_path: Path) -> dict[Path, Found]:
    """bpmnlint reads UTF-8 only."""
    copies = {}
    for number, path in enumerate(MODELS):
        copies[tmp_path / f"{number}.bpmn"] = path
        (tmp_path / f"{number}.bpmn").write_bytes(etree.tostring(etree.parse(path), encoding="UTF-8"))
    told = subprocess.run(
        ["node", str(HERE / "lint.mjs"), str(FRONTEND), *map(str, copies)], capture_output=True, check=True
    )
    return {copies[Path(k)]: {(rule, name) for rule, name in v} for k, v in json.loads(told.stdout).items()}


# Of what bpmnlint reports and we do not: where, which rule, why.
DIFFERENT = (
    ("*", "fake-join", "only where the flows belong to branches that run at once; alternatives may meet without a gateway"),
    ("04_no_diagram", "no-bpmndi", "a file without any diagram is told once"),
    ("04_no_diagram", "no-disconnected", "bpmnlint looks at incoming and outgoing, which the file leaves out, and not at the flows"),
    ("04_no_diagram", "no-implicit-end", "as before"),
    ("04_no_diagram", "no-implicit-start", "as before"),
    ("06_two_diagrams", "global", "bpmnlint does not look at an event definition at the root, which uses the signal"),
    ("12_conversation_and_choreography", "label-required", "what is in a choreography is refused as a whole"),
    ("12_conversation_and_choreography", "no-bpmndi", "as before"),
    ("13_compensation_and_transaction", "no-implicit-end", "bpmnlint does not see the association inside the transaction"),
    ("15_every_fault", "no-duplicate-sequence-flows", "the flow is marked, not also its two ends"),
    ("ln_art13_verification", "no-overlapping-elements", "they touch and do not overlap"),
    ("ln_art13_verification", "single-blank-start-event", "the two starts lie in lanes of different roles"),
)  # fmt: skip


@pytest.mark.skipif(
    not (FRONTEND / "node_modules" / "bpmnlint").exists() or shutil.which("node") is None,
    reason="bpmnlint is not installed",
)
def test_what_bpmnlint_finds_is_found(tmp_path: Path) -> None:
    reported = theirs(tmp_path)
    known = {rule for found in reported.values() for rule, _ in found}
    used = set()

    wrong = []
    for path, found in reported.items():
        name = path.stem if path.name != "process.bpmn" else path.parent.name
        mine = ours(path)
        for rule, element in sorted(found - mine):
            excuse = next((d for d in DIFFERENT if d[0] in ("*", name) and d[1] == rule), None)
            used.add(excuse)
            if excuse is None and rule not in LEFT_OUT:
                wrong.append(f"{name}: bpmnlint finds {rule} at {element}")
        for rule, element in sorted((rule, element) for rule, element in mine - found if rule in known):
            if rule not in ("ad-hoc-sub-process", "no-bpmndi") or element not in ("", "W_adhoc"):
                wrong.append(f"{name}: only ours finds {rule} at {element}")

    assert wrong == []
    assert {d for d in DIFFERENT if d not in used} == set()
    assert len(known) > 20
