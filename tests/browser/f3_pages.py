"""Works through the pages of one model as a designer does: by clicks, typing and dragging, and nothing else.

    model = Model.begin(page, address, "ln_art12_grant", "授权管理（809）")
    drawing = model.diagram()
    …
    model.change_document("E-7", ("待更正", "已更正"))
    model.take_words("record_retention_years")
    model.finish("《政务数据共享条例》第二十七条")
    assert model.errors() == []
    assert unlike("ln_art12_grant", model.files()) == []
    model.ask_to_publish("…")
    publish(page, address, model.name)

What `files` reads is the file that 导出全部 gives.
"""

import io
import re
import zipfile
from collections.abc import Mapping

from playwright.sync_api import Locator, Page, expect

from engine.process_files import PROCESSES, definition_files
from engine.workbench.compare import compare
from tests.browser.beside import FormEditor, begin, saved
from tests.browser.f3_board import Board
from tests.browser.pages import sign_in

LAW = "《政务数据共享条例》"
EFFECTIVE = "2025-08-01"


class Model:
    """A model of one's own, and the pages that change it."""

    def __init__(self, page: Page, url: str, process: str, name: str) -> None:
        self.page = page
        self.url = url
        self.process = process
        self.name = name

    @classmethod
    def begin(cls, page: Page, address: str, template: str, name: str) -> "Model":
        """Begin a model from a shipped procedure."""
        return cls(page, begin(page, address, template, name), template, name)

    def diagram(self) -> Board:
        """Go to the diagram."""
        drawing = Board(self.page)
        drawing.open(f"{self.url}/diagram")
        return drawing

    def form(self, form_id: str) -> FormEditor:
        """Go to the editor of a form."""
        self.page.goto(f"{self.url}/forms")
        self.page.get_by_role("link", name=form_id, exact=True).click()
        editor = FormEditor(self.page)
        expect(self.page.locator(".fe-preview[data-shown]")).to_be_attached(timeout=20_000)
        return editor

    def remove_file(self, kind: str, file_id: str) -> None:
        """Remove a form (`forms`) or a document (`documents`)."""
        if not self.page.url.endswith(f"/{kind}"):
            self.page.goto(f"{self.url}/{kind}")
        row = self._row(file_id)
        row.locator("summary").click()
        row.get_by_role("button", name="确认删除").click()
        expect(self._row(file_id)).to_have_count(0)

    def document(self, document_id: str) -> Locator:
        """Go to the editor of a document; returns its text."""
        self.page.goto(f"{self.url}/documents")
        self.page.get_by_role("link", name=document_id, exact=True).click()
        text = self.page.locator("[data-field=text]")
        expect(text).to_have_value(re.compile(r"\S"))
        return text

    def change_document(self, document_id: str, *pairs: tuple[str, str]) -> None:
        """Write other words in place of some of a document's; each has to occur."""
        text = self.document(document_id)
        written = text.input_value()
        for old, new in pairs:
            assert old in written, f"{document_id} has no {old}"
            written = written.replace(old, new)
        text.fill(written)
        saved(self.page)

    def remove_scenario(self, name: str) -> None:
        """Remove a scenario that no longer fits."""
        self.page.goto(f"{self.url}/rehearse")
        row = self.page.locator("#scenarios tr", has_text=name)
        row.get_by_role("button", name="删除").click()
        expect(row).to_have_count(0)

    def renew_scenario(self, name: str, new: str) -> None:
        """Play a scenario again, keep how it ends now under a new name, and remove the old one."""
        self.page.goto(f"{self.url}/rehearse")
        self.page.locator("#scenarios tr", has_text=name).get_by_role("button", name="重演").click()
        self.page.fill("#scenario-name", new)
        self.page.locator(".rehearse-save").get_by_role("button", name="保存").click()
        expect(self.page.locator("#scenarios tr", has_text=new)).to_have_count(1)
        self.remove_scenario(name)

    def run_scenarios(self) -> None:
        """Run every scenario on the draft; all of them have to end as they say."""
        self.page.goto(f"{self.url}/rehearse")
        self.page.get_by_role("button", name="全部运行").click()
        rows = self.page.locator("#scenarios tbody tr")
        expect(rows.locator(".state-closed")).to_have_count(rows.count(), timeout=60_000)

    def take_words(self, *settings: str) -> None:
        """Take over the words of regulation 809, the defaults of the model's settings, and further settings."""
        self.page.goto(f"{self.url}/words?profile=reg809")
        for key in settings:
            self.page.get_by_label(key).check()
        expect(self.page.locator("#take-words")).to_be_checked()
        self.page.locator(".actions").get_by_role("button", name="换用").click()
        expect(self.page.locator("#words")).to_contain_text("没有需要换用的用语")

    def finish(self, article: str) -> Board:
        """Fill in the article and the day of effect in the diagram."""
        drawing = self.diagram()
        drawing.fill("process.article", article)
        drawing.fill("process.effectiveFrom", EFFECTIVE)
        return drawing

    def errors(self) -> list[str]:
        """Return what the checks find that hinders publishing, as the overview says it."""
        self.page.goto(self.url)
        return self.page.locator("#findings .finding-error").all_text_contents()

    def files(self) -> dict[str, bytes]:
        """Return the files of the model as its export has them."""
        self.page.goto(self.url)
        with self.page.expect_download() as waiting:
            self.page.click("text=导出全部（.zip）")
        with zipfile.ZipFile(io.BytesIO(waiting.value.path().read_bytes())) as packed:
            return {name: packed.read(name) for name in packed.namelist()}

    def ask_to_publish(self, basis: str) -> None:
        """Ask the second person to publish."""
        self.page.goto(f"{self.url}/publish")
        self.page.fill("#effective_from", EFFECTIVE)
        self.page.fill("#notes", "按照国务院令第809号修改。")
        self.page.fill("#basis", basis)
        self.page.get_by_role("button", name="提请发布").click()
        expect(self.page.locator("[data-saved]")).to_have_text("待发布")

    def agree(self, address: str, article: str) -> None:
        """Hold the finished model against the shipped bundle, and publish it by two people."""
        assert self.errors() == []
        assert unlike(self.process, self.files()) == []
        self.ask_to_publish(f"{LAW}{article}")
        publish(self.page, address, self.name)

    def _row(self, file_id: str) -> Locator:
        link = self.page.get_by_role("link", name=file_id, exact=True)
        return self.page.locator("tbody tr", has=link)


def publish(page: Page, address: str, name: str) -> None:
    """Publish, as the second designer, what the first one asked for."""
    sign_in(page, address, "designer2")
    page.goto(f"{address}/designer")
    page.locator("#waiting tr", has=page.get_by_role("link", name=name, exact=True)).get_by_role(
        "link", name="核对并发布"
    ).click()
    page.locator("#publish").get_by_role("button", name="发布", exact=True).click()
    page.wait_for_url("**/versions/*")


def unlike(process_id: str, files: Mapping[str, bytes]) -> list[str]:
    """Return in words how files differ from the shipped bundle of regulation 809, the drawing's layout aside."""
    bundle = definition_files(PROCESSES / "profiles" / "reg809" / process_id)
    found = compare(bundle, files).differences
    return [f"{d.path}: {d.text.zh}" for d in found if d.group != "layout"]
