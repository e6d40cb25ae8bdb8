"""Draws in the designer as a person does: by clicks, drags and keys, never by the library behind the canvas.

    drawing = Drawing(page)
    drawing.open(f"{address}/designer/models/{key}/diagram")
    task = drawing.append("Start_Application", "用户任务", "审批延长")      # the id of the new task
    drawing.connect(task, "End_Granted")
    timer = drawing.attach(task, "定时边界事件（不中断）", "期限届满")
    drawing.fill("period.setting", "p12.reply_wd", of=timer)
    drawing.fill("setting.p12.reply_wd.value", "10")                       # fields of the process need no element
    drawing.saved()

Kinds are the menus' Chinese labels (`web/frontend/src/designer/modeler/dictionary-zh.js`); fields are named as
`panel.js` says at its top.
"""

import re
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

_CONTAINERS = ("子流程", "事件子流程", "临时子流程", "事务", "泳池", "泳道")


@dataclass(frozen=True)
class Point:
    """A place on the screen."""

    x: float
    y: float


def _whose(field: str) -> str | None:
    """Return "process" for what only the process has; None for what the selected element has."""
    return (
        "process"
        if re.match(r"(setting|variable)\b|(process|message|signal|error|escalation)\.", field)
        else None
    )


class Drawing:
    """The diagram page of one model."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.root = page.locator("[data-workbench]")
        self.panel = page.locator('[data-part="panel"]')

    def open(self, address: str) -> None:
        """Go to the page and wait until it takes clicks."""
        self.page.goto(address)
        self.ready()

    def ready(self) -> None:
        """Wait until the diagram is drawn and the checks have answered."""
        expect(self.page.locator("[data-workbench][data-ready][data-checked]")).to_be_attached(timeout=20_000)

    # What is selected

    def select(self, element: str) -> None:
        """Select an element, or a flow, by its line in the outline; that brings it to the middle."""
        self._tab("outline")
        self.page.locator(f'[data-outline="{element}"]').click()
        self.shows(element)

    def select_several(self, *elements: str) -> None:
        """Select several elements by clicks with the shift key; they have to fit on the screen."""
        self.act("whole")
        for n, element in enumerate(elements):
            point = self.place(element)
            if n:
                self.page.keyboard.down("Shift")
            self.page.mouse.click(point.x, point.y)
            self.page.keyboard.up("Shift")

    def process(self) -> None:
        """Select nothing, so that the panel shows the process."""
        self.act("process")
        self.shows("process")

    def shows(self, what: str) -> None:
        """Wait until the panel is about an element, `process` or `several`."""
        expect(self.page.locator(f'[data-part="panel"][data-panel-of="{what}"]')).to_be_attached()

    @property
    def selected(self) -> str:
        """The id of the element that the panel shows."""
        return self.panel.get_attribute("data-panel-of") or ""

    # Elements

    def append(self, after: str, kind: str, name: str = "") -> str:
        """Append an element of a kind to another one, by the append menu; returns its id."""
        self.select(after)
        self.act("append")
        self._choose(kind)
        return self._new(name, before=after)

    def create(self, kind: str, inside: str, right: float = 60, down: float = 60, name: str = "") -> str:
        """Create an element in a pool, lane or sub-process, so far from its upper left corner on the screen."""
        self.select(inside)
        self.act("create")
        self._choose(kind)
        corner = self._corner(inside)
        self._drop(Point(corner.x + right, corner.y + down))
        return self._new(name, before=inside)

    def attach(self, host: str, kind: str, name: str = "", along: float = 0.7) -> str:
        """Attach a boundary event to an activity's lower edge; returns its id."""
        self.select(host)
        self.act("create")
        self._choose(kind)
        box = self._box(host)
        self._drop(Point(box["x"] + box["width"] * along, box["y"] + box["height"]))
        return self._new(name, before=host)

    def connect(self, source: str, target: str) -> str:
        """Draw a flow from one element to another by the context pad; returns its id."""
        before = self._ids()
        self.select(source)
        self.act("whole")  # and not by a click: what is selected has a pad that may lie over the source
        self.pad("connect")
        self._drop(self.place(target))
        self.settled()
        [new] = self._ids() - before
        return new

    def rename(self, element: str, name: str) -> None:
        """Name an element in the panel."""
        self.fill("name", name, of=element)

    def delete(self, element: str) -> None:
        """Delete an element by its context pad."""
        self.select(element)
        self.pad("delete")
        expect(self.page.locator(f'[data-part="canvas"] [data-element-id="{element}"]')).to_have_count(0)
        self.settled()

    def morph(self, element: str, kind: str) -> str:
        """Change what an element is; returns its id, which may be another one."""
        self.select(element)
        self.act("morph")
        self._choose(kind)
        self.settled()
        return self.selected

    def drag(self, element: str, right: float, down: float) -> None:
        """Drag an element so far on the screen."""
        self.select(element)
        start = self.place(element)
        self._drag(start, Point(start.x + right, start.y + down))
        self.settled()

    def drag_into(self, element: str, container: str, right: float = 80, down: float = 80) -> None:
        """Drag an element into a lane, pool or sub-process, so far from the container's upper left corner."""
        self.act("whole")
        corner = self._corner(container)
        self.select_at(element)
        self._drag(self.place(element), Point(corner.x + right, corner.y + down))
        self.settled()

    def select_at(self, element: str) -> None:
        """Select an element by a click where it is drawn now."""
        if self.selected == element:
            return  # another click would let go of it
        point = self.place(element)
        self.page.mouse.click(point.x, point.y)
        self.shows(element)

    # The panel

    def fill(self, field: str, value: str | bool, of: str | None = None) -> None:
        """Fill in a field and wait until it has taken effect; of the selected element where none is named."""
        self._at(of or _whose(field))
        self._enter(field, value)
        self.settled()

    def _enter(self, field: str, value: str | bool) -> None:
        control = self.field(field)
        kind = control.evaluate("(c) => c.type")
        if kind == "checkbox":
            control.set_checked(bool(value))
        elif kind == "select-one":
            control.select_option(str(value))
        else:
            control.fill(str(value))
            control.press("Tab")

    def value(self, field: str, of: str | None = None) -> str:
        """Return what a field holds."""
        self._at(of or _whose(field))
        return self.field(field).input_value()

    def add(self, rows: str, of: str | None = None) -> str:
        """Add a row to a list and return its address, such as `assign.2` or `setting.p.new`."""
        self._at(of or _whose(rows))
        button = self.panel.locator(f'[data-add="{rows}"]')
        self._unfold(button)
        before = set(self._entries(rows))
        button.click()
        self.settled()
        [new] = set(self._entries(rows)) - before
        return new

    def row_where(self, rows: str, column: str, value: str, of: str | None = None) -> str:
        """Return the address of the row of a list that holds a value in a column, such as `input.3`."""
        self._at(of or _whose(rows))
        fields = self.panel.locator(f'[data-entry^="{rows}."] [data-field$=".{column}"]').all()
        [found] = [f for f in fields if f.input_value() == value]
        return (found.get_attribute("data-field") or "").removesuffix(f".{column}")

    def panel_options(self, field: str, of: str | None = None) -> list[str]:
        """Return the values that a select offers."""
        self._at(of or _whose(field))
        found: list[str] = (
            self.field(field).locator("option").evaluate_all("(all) => all.map((o) => o.value)")
        )
        return found

    def remove(self, address: str, of: str | None = None) -> None:
        """Take a row out of a list."""
        self._at(of or _whose(address))
        self._unfold_row(address)
        button = self.panel.locator(f'[data-remove="{address}"]')
        self._unfold(button)
        button.click()
        self.settled()

    def field(self, name: str) -> Locator:
        """Return a field of what the panel shows, unfolded."""
        if (row := re.fullmatch(r"((?:setting|variable)\..+)\.\w+", name)) is not None:
            self._unfold_row(row[1])
        control = self.panel.locator(f'[data-field="{name}"]')
        self._unfold(control)
        return control

    # The whole

    def act(self, name: str) -> None:
        """Press a button of the toolbar."""
        self.root.locator(f'[data-act="{name}"]').click()

    def pad(self, entry: str) -> None:
        """Press an entry of the context pad: connect, delete, append.append-task, …"""
        self.page.locator(f'.djs-context-pad.open .entry[data-action="{entry}"]').click()

    def settled(self) -> None:
        """Wait until what was done is in the model's text and the checks have looked at it."""
        expect(self.page.locator('[data-workbench][data-settled="yes"]')).to_be_attached(timeout=15_000)

    def saved(self) -> None:
        """Wait until everything is on the server."""
        self.settled()
        expect(self.page.locator('[data-saved][data-state="kept"]')).to_be_attached(timeout=20_000)

    def findings(self) -> list[str]:
        """Return the sentences of what the checks found."""
        return self.page.locator('[data-part="findings"] .finding-text').all_text_contents()

    def place(self, element: str) -> Point:
        """Return where to click an element: its middle, or of a container its upper left corner."""
        box = self._box(element)
        if box["width"] > 250 or box["height"] > 250 or self._is_container(element):
            return self._inside(box)
        return Point(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    # How it is done

    def _tab(self, name: str) -> None:
        tab = self.root.locator(f'[data-tab="{name}"]')
        if tab.get_attribute("aria-selected") != "true":
            tab.click()

    def _at(self, element: str | None) -> None:
        if element == "process" and self.selected != "process":
            self.process()
        elif element is not None and self.selected != element:
            self.select(element)

    def _choose(self, kind: str) -> None:
        popup = self.page.locator(".djs-popup")
        popup.locator(".djs-popup-search input").fill(kind)
        popup.locator(".entry", has=self.page.get_by_text(kind, exact=True)).first.click()

    def _new(self, name: str, before: str) -> str:
        expect(self.panel).not_to_have_attribute("data-panel-of", before)
        element = self.selected
        if name:
            if self.page.locator(".djs-direct-editing-content").is_visible():
                self.page.keyboard.press("Escape")
            self.fill("name", name, of=element)
        self.settled()
        return element

    def _ids(self) -> set[str]:
        found = self.page.locator('[data-part="canvas"] .djs-connection').evaluate_all(
            "(all) => all.map((g) => g.dataset.elementId)"
        )
        return set(found)

    def _entries(self, rows: str) -> list[str]:
        found: list[str] = self.panel.locator(f'[data-entry^="{rows}."]').evaluate_all(
            "(all) => all.map((e) => e.dataset.entry)"
        )
        return found

    def _unfold(self, inside: Locator) -> None:
        group = inside.locator("xpath=ancestor::details[1]")
        if group.get_attribute("open") is None:
            group.locator("> summary").click()

    def _unfold_row(self, address: str) -> None:
        fold = self.panel.locator(f'[data-row="{address}"]')
        if fold.count() == 0:
            return
        self._unfold(fold)
        if fold.get_attribute("aria-expanded") != "true":
            fold.click()

    def _is_container(self, element: str) -> bool:
        kind = self.page.locator(f'[data-outline="{element}"] .outline-type')
        return kind.count() > 0 and (kind.text_content() or "") in _CONTAINERS

    def _box(self, element: str) -> dict[str, float]:
        hit = self.page.locator(
            f'[data-part="canvas"] .djs-shape[data-element-id="{element}"] > .djs-hit'
        ).first
        box = hit.bounding_box()
        assert box is not None, f"{element} is not drawn"
        return dict(box)  # type: ignore[call-overload, no-any-return]

    def _corner(self, element: str) -> Point:
        box = self._box(element)
        return Point(box["x"], box["y"])

    def _inside(self, box: dict[str, float]) -> Point:
        return Point(box["x"] + min(8, box["width"] / 4), box["y"] + min(8, box["height"] / 4))

    def _drop(self, where: Point) -> None:
        # The first moves start the drag, the last one finds what lies there.
        self.page.mouse.move(where.x - 12, where.y - 12)
        self.page.mouse.move(where.x - 4, where.y - 4, steps=3)
        self.page.mouse.move(where.x, where.y, steps=2)
        self.page.mouse.click(where.x, where.y)

    def _drag(self, start: Point, end: Point) -> None:
        self.page.mouse.move(start.x, start.y)
        self.page.mouse.down()
        self.page.mouse.move(start.x + 8, start.y + 8, steps=3)
        self.page.mouse.move(end.x - 3, end.y - 3, steps=10)
        self.page.mouse.move(end.x, end.y, steps=2)
        self.page.mouse.up()

    def undo(self) -> None:
        """Undo the last step."""
        self.act("undo")
        self.settled()

    def redo(self) -> None:
        """Do again what was undone."""
        self.act("redo")
        self.settled()
