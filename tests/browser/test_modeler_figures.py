"""How soon the diagram page is usable and how it moves under the hand: reported, never asserted."""

import statistics
from itertools import pairwise

import pytest

from engine.process_files import PROCESSES, definition_files
from tests.browser.studio import Draw

ROWS, COLUMNS = 15, 20
_FRAMES = """() => new Promise((done) => {
  const times = []; let last = performance.now();
  const frame = (now) => { times.push(now - last); last = now; times.length < 90 ? requestAnimationFrame(frame) : done(times); };
  requestAnimationFrame(frame);
})"""


@pytest.fixture
def refusals() -> tuple[str, ...]:
    """Nothing here is refused: the browser may complain about nothing."""
    return ()


def grid() -> bytes:
    """Return a model of three hundred tasks, drawn row by row and joined in one line."""
    ids = [f"T{n}" for n in range(ROWS * COLUMNS)]
    flows = list(pairwise(ids))
    tasks = "".join(f'<userTask id="{i}" name="环节{i}"/>' for i in ids)
    joined = "".join(f'<sequenceFlow id="F{a}" sourceRef="{a}" targetRef="{b}"/>' for a, b in flows)
    at = {i: (160 + 150 * (n % COLUMNS), 80 + 130 * (n // COLUMNS)) for n, i in enumerate(ids)}
    shapes = "".join(
        f'<di:BPMNShape id="{i}_di" bpmnElement="{i}"><dc:Bounds x="{x}" y="{y}" width="100" height="80"/></di:BPMNShape>'
        for i, (x, y) in at.items()
    )
    edges = "".join(
        f'<di:BPMNEdge id="F{a}_di" bpmnElement="F{a}"><dd:waypoint x="{at[a][0] + 100}" y="{at[a][1] + 40}"/>'
        f'<dd:waypoint x="{at[b][0]}" y="{at[b][1] + 40}"/></di:BPMNEdge>'
        for a, b in flows
    )
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:di="http://www.omg.org/spec/BPMN/20100524/DI"'
        ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:dd="http://www.omg.org/spec/DD/20100524/DI">'
        f'<process id="grid" isExecutable="true">{tasks}{joined}</process>'
        f'<di:BPMNDiagram id="D"><di:BPMNPlane id="P" bpmnElement="grid">{shapes}{edges}</di:BPMNPlane></di:BPMNDiagram>'
        "</definitions>"
    ).encode()


@pytest.mark.parametrize("name", ["ln_art12_application", "ln_art20_rectification"])
def test_a_shipped_diagram_is_usable(draw: Draw, capsys: pytest.CaptureFixture[str], name: str) -> None:
    drawing, _ = draw(definition_files(PROCESSES / name))
    ready = drawing.root.get_attribute("data-ready")

    assert ready is not None and int(ready) > 0
    drawing.process()
    with capsys.disabled():
        print(f"\n{name}: usable {ready} ms after the navigation began")


def test_three_hundred_elements_follow_the_hand(draw: Draw, capsys: pytest.CaptureFixture[str]) -> None:
    drawing, _ = draw({"process.bpmn": grid()})
    page, canvas = drawing.page, drawing.page.locator('[data-part="canvas"]')
    assert canvas.locator("g.djs-shape").count() >= ROWS * COLUMNS
    drawing.act("whole")
    box = canvas.bounding_box()
    assert box is not None
    before = canvas.locator("g.viewport").first.get_attribute("transform")

    page.evaluate(f"() => {{ window.frames_ = ({_FRAMES})(); }}")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for step in range(60):
        page.mouse.wheel(12 if step % 2 else -9, 7)
    times = sorted(page.evaluate("() => window.frames_"))

    assert canvas.locator("g.viewport").first.get_attribute("transform") != before
    with capsys.disabled():
        tail = times[int(len(times) * 0.95)]
        print(
            f"\n300 elements: median frame {statistics.median(times):.1f} ms, 95 % {tail:.1f}, longest {times[-1]:.1f}"
        )
