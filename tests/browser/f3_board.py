"""Draws at places of the diagram, by its own coordinates, as a designer does who lays out a picture.

    board = Board(page)
    board.open(f"{url}/diagram")
    scope = board.put("事件子流程", 870, 942, "申请延长答复期限", id="ES12-X")
    board.stretch(scope, 560, 846, 620, 192)
    board.wire("Start_ReplyExtension", "T12-X1", id="Flow_1")
    board.fills({"role": "prov.handler", "form.id": "F12-X"}, of="T12-X1")
    board.row("assign", {"variable": "open", "expression": "True"}, of="T12-X1")

Shapes keep to a grid of ten, and to what stands within seven of them.
What a page is asked for beside that, it is only asked for: where the diagram is on the screen.
"""

import re
from collections.abc import Mapping

from playwright.sync_api import Page, expect

from tests.browser.drawing import Drawing, Point, _whose

_SCREEN = "(g) => { const m = g.getScreenCTM(); return [m.a, m.e, m.d, m.f]; }"


class Board(Drawing):
    """The diagram page, with places by the diagram's own coordinates."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.paper = page.locator('[data-part="canvas"] g.viewport').first

    def at(self, x: float, y: float) -> Point:
        """Return where a place of the diagram is on the screen."""
        a, e, d, f = self.paper.evaluate(_SCREEN)
        return Point(a * x + e, d * y + f)

    def bring(self, x: float, y: float) -> Point:
        """Turn the wheel until a place of the diagram is near the middle; returns where it is then."""
        box = self.page.locator('[data-part="canvas"]').bounding_box()
        assert box is not None
        middle = Point(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        for _ in range(16):
            place = self.at(x, y)
            right, down = place.x - middle.x, place.y - middle.y
            if abs(right) < box["width"] / 8 and abs(down) < box["height"] / 8:
                return place
            stood = self.paper.get_attribute("transform") or ""
            self.page.mouse.move(middle.x, middle.y)
            self.page.mouse.wheel(right, down)
            expect(self.paper).not_to_have_attribute("transform", stood)
        raise AssertionError(f"{x}, {y} does not come into view")

    def put(self, kind: str, x: float, y: float, name: str = "", id: str = "") -> str:
        """Create an element with its middle at a place, or on an edge a boundary event; returns its id."""
        self.process()
        self.act("true")
        self.bring(x, y)
        self.act("create")
        self._choose(kind)
        self._drop(self.at(x, y))
        return self._called(self._new("", before="process"), id, name)

    def after(self, element: str, kind: str, name: str, id: str) -> str:
        """Append an element to another one; returns its id."""
        return self._called(self.append(element, kind), id, name)

    def wire(self, source: str, target: str, id: str = "") -> str:
        """Connect two elements; returns the flow's id."""
        return self.call(self.connect(source, target), id)

    def call(self, element: str, id: str) -> str:
        """Type an element's id, where one is wanted."""
        if id and element != id:
            self.fill("id", id, of=element)
            self.shows(id)
        return id or element

    def _called(self, element: str, id: str, name: str) -> str:
        # The id first: the words beside an element keep the id that they were made under.
        if self.page.locator(".djs-direct-editing-content").is_visible():
            self.page.keyboard.press("Escape")
        made = self.call(element, id)
        if name:
            self.fill("name", name, of=made)
        return made

    def flow_to(self, target: str, id: str) -> str:
        """Call the only flow into an element by an id; an append has drawn it."""
        self._tab("outline")
        line = self.page.locator("[data-outline]", has_text=f"→ {target}")
        found = line.get_attribute("data-outline")
        assert found
        return self.call(found, id)

    def stretch(self, element: str, x: float, y: float, width: float, height: float) -> None:
        """Resize an element by its handles until it has a place and a size."""
        self.select(element)
        self.act("true")
        for corner, left, top in (("nw", x, y), ("se", x + width, y + height)):
            self.bring(left, top)
            is_at = self._corner_at(element, corner)
            handle = self.page.locator(f".djs-resizer-{corner} .djs-resizer-hit").first.bounding_box()
            assert handle is not None
            start = Point(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
            goal = self.at(left, top)
            self._drag(start, Point(start.x + goal.x - is_at.x, start.y + goal.y - is_at.y))
            self.settled()

    def pull(self, element: str, corner: str, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Resize an element by the handle of a corner, such as `nw`, from one place to another."""
        self.select(element)
        self.act("true")
        self.bring((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        handle = self.page.locator(f".djs-resizer-{corner} .djs-resizer-hit").first.bounding_box()
        assert handle is not None
        grip = Point(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
        was, goal = self.at(*start), self.at(*end)
        self._drag(grip, Point(grip.x + goal.x - was.x, grip.y + goal.y - was.y))
        self.settled()

    def move(self, element: str, x: float, y: float) -> None:
        """Drag an element until its middle is at a place."""
        self.select(element)
        self.act("whole")
        self._drag(self.place(element), self.at(x, y))
        self.settled()

    def bend(self, flow: str, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Drag a piece of a flow from one place to another."""
        self.select(flow)
        self.act("true")
        self.bring(*start)
        self._drag(self.at(*start), self.at(*end))
        self.settled()

    def drag_label(self, element: str, right: float, down: float) -> None:
        """Drag the words beside an element so far."""
        self.select(element)
        self.act("true")
        words = f'[data-part="canvas"] .djs-shape[data-element-id="{element}_label"] > .djs-hit'
        box = self.page.locator(words).first.bounding_box()
        assert box is not None
        start = Point(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self._drag(start, Point(start.x + right, start.y + down))
        self.settled()

    def messages(self, name: str) -> list[str]:
        """Return the ids of the messages of a name, as the process lists them."""
        self._at("process")
        named = self.panel.locator('[data-group="messages"] [data-field^="message."][data-field$=".name"]')
        found = named.evaluate_all("(all) => all.map((i) => [i.dataset.field, i.value])")
        return [field.split(".")[1] for field, value in found if value == name]

    def fills(self, values: Mapping[str, str | bool], of: str | None = None) -> None:
        """Fill in several fields of an element."""
        for field, value in values.items():
            self._at(of or _whose(field))
            self._enter(field, value)
        self.settled()

    def row(self, rows: str, values: Mapping[str, str], of: str | None = None) -> str:
        """Add a row to a list and fill it in."""
        address = self.add(rows, of=of)
        self.fills({f"{address}.{name}": value for name, value in values.items()}, of)
        return address

    def settled(self) -> None:
        """Go on at once: what was done is in the diagram already, and the checks may look at it later."""

    def saved(self) -> None:
        """Wait until the checks have looked and everything is on the server."""
        super().settled()
        super().saved()

    def _corner_at(self, element: str, corner: str) -> Point:
        shape = self.page.locator(f'[data-part="canvas"] .djs-shape[data-element-id="{element}"]').first
        x, y = (float(n) for n in re.findall(r"-?[\d.]+", shape.get_attribute("transform") or "")[-2:])
        if corner == "se":
            hit = shape.locator("> .djs-hit").first
            x, y = x + float(hit.get_attribute("width") or 0), y + float(hit.get_attribute("height") or 0)
        return self.at(x, y)
