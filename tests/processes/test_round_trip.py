"""What bpmn-moddle, which the modeler reads and writes by, keeps of a foreign model; what it loses is listed.

The modeler has to make up for each loss; `tests/browser` holds it to that.
"""

import shutil
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from tests.processes.models_alike import differences

HERE = Path(__file__).parent
FRONTEND = HERE.parents[1] / "web" / "frontend"
FOREIGN = sorted((HERE / "foreign").glob("*.bpmn"))
LOST = {
    "02_signavio_like": "signavioDiagramMetaData",  # a foreign element that is in no extensionElements
    "05_partial_diagram": "P_nowhere",  # the shape of an element that is not there
    "11_html_everywhere": "kept as it is",  # blanks in the text between foreign elements
    "12_conversation_and_choreography": "messageFlowRef",  # of a conversation
    "16_chinese_ids": "",  # everything: ids may hold ASCII letters only
}


@pytest.mark.skipif(
    not (FRONTEND / "node_modules" / "bpmnlint").exists() or shutil.which("node") is None,
    reason="bpmn-moddle is not installed",
)
def test_a_foreign_model_is_read_and_written_without_loss(tmp_path: Path) -> None:
    copies = {path.stem: tmp_path / path.name for path in FOREIGN}
    for path in FOREIGN:
        copies[path.stem].write_bytes(etree.tostring(etree.parse(path), encoding="UTF-8"))

    subprocess.run(
        ["node", str(HERE / "roundtrip.mjs"), str(FRONTEND), *map(str, copies.values())], check=True
    )

    lost = {}
    for path in FOREIGN:
        again = Path(f"{copies[path.stem]}.out").read_bytes()
        if told := [one for one in differences(path.read_bytes(), again) if one.startswith("lost: ")]:
            lost[path.stem] = told
    assert lost.keys() == LOST.keys()
    assert [one for name, told in lost.items() for one in told if LOST[name] not in one] == []
