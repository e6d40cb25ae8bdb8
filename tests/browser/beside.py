"""Works in the editors of what stands beside a diagram as a designer does: by clicks and typing.

url = begin(page, address, "ln_art13_verification")          # a model of one's own; its address
editor = FormEditor(page).open(f"{url}/forms/F13-C")
editor.add("radio", "是否通知公民")                            # chosen afterwards
editor.fill("validate.minLength", "5")
editor.choose("result")
saved(page)
"""

from playwright.sync_api import FrameLocator, Locator, Page, expect

SLOW = 20_000  # two cores are shared by many


def begin(page: Page, address: str, template: str, name: str = "试改") -> str:
    """Begin a model from a template and return its address."""
    page.goto(f"{address}/designer")
    page.fill("#model-name", name)
    page.select_option("#model-from", f"template:{template}")
    page.click(".begin-model >> nth=0 >> button")
    expect(page.locator("h1")).to_have_text(name)
    return page.url


def saved(page: Page) -> None:
    """Wait until what was typed is on the server."""
    expect(page.locator('[data-saved][data-state="kept"]')).to_be_attached(timeout=SLOW)


class FormEditor:
    """The page of one form."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.said = page.locator("[data-said]")

    def open(self, address: str) -> "FormEditor":
        """Go to the page and wait until the form is there and shown."""
        self.page.goto(address)
        expect(self.page.locator(".fe-preview[data-shown]")).to_be_attached(timeout=SLOW)
        return self

    @property
    def shown(self) -> FrameLocator:
        """The form as whoever fills it in sees it."""
        return self.page.frame_locator(".fe-preview iframe")

    def field(self, path: str) -> Locator:
        """Return the control of a property of the chosen field."""
        return self.page.locator(f'[data-field="{path}"]')

    def choose(self, key: str) -> None:
        """Choose a field by its key; an empty one is the form as a whole."""
        self.page.click(f'[data-component="{key}"]')

    def add(self, kind: str, label: str) -> None:
        """Add a field after the chosen one, and name it."""
        self.page.select_option("select[data-add-type]", kind)
        self.page.click("[data-act=add]")
        self.fill("label", label)

    def fill(self, path: str, text: str) -> None:
        """Type a property of the chosen field."""
        self.field(path).fill(text)

    def press(self, act: str) -> None:
        """Press a button by what it does, such as up, copy or values.add."""
        self.page.click(f'[data-act="{act}"]')

    def keys(self) -> list[str]:
        """Return the keys of the fields in their order."""
        items = self.page.locator(".fe-item").all()
        return [item.get_attribute("data-component") or "" for item in items]
