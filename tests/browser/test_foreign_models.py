"""Models drawn in other editors open in the modeler and survive import → save → export: compared as models, not as bytes."""

from pathlib import Path

import pytest
from lxml import etree

from engine.workbench.files import from_upload
from tests.browser.studio import PLAIN, Draw, Studio
from tests.processes.models_alike import differences

FOREIGN = sorted((Path(__file__).parents[1] / "processes" / "foreign").glob("*.bpmn"))


@pytest.fixture
def refusals() -> tuple[str, ...]:
    """Nothing here is refused: the browser may complain about nothing."""
    return ()


@pytest.mark.parametrize("path", FOREIGN, ids=lambda p: p.stem)
def test_a_foreign_model_survives_import_save_and_export(draw: Draw, studio: Studio, path: Path) -> None:
    xml = from_upload(path.name, path.read_bytes())["process.bpmn"]
    drawing, key = draw({"process.bpmn": PLAIN})

    drawing.page.set_input_files(
        '[data-part="file"]', {"name": path.name, "mimeType": "application/xml", "buffer": xml}
    )  # type: ignore[arg-type]
    drawing.saved()
    with drawing.page.expect_download() as waiting:
        drawing.act("export-bpmn")

    assert [d for d in differences(xml, waiting.value.path().read_bytes()) if d.startswith("lost: ")] == []
    assert [d for d in differences(xml, etree.tostring(studio.saved(key))) if d.startswith("lost: ")] == []
