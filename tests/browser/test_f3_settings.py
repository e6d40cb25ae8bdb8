"""F.3 points 7, 8, 9 and 10 by hand: the catalogue update, the dispute and the grant under regulation 809."""

import pytest
from playwright.sync_api import Page

from tests.browser.f3_pages import LAW, Model


def test_the_catalogue_update_is_brought_under_809(designer: Page, bureau: str) -> None:
    model = Model.begin(designer, bureau, "ln_art08_catalogue_update", "目录更新（809）")
    drawing = model.diagram()
    facts = f"{drawing.row_where('input', 'name', 'facts', of='End_OpenCase')}.expression"
    drawing.fill(facts, drawing.value(facts).replace("政务信息资源", "政务数据"))
    drawing.saved()

    model.take_words()
    model.finish(f"{LAW}第十七条").saved()

    model.agree(bureau, "第十七条")


@pytest.mark.parametrize(
    ("process", "name", "settings", "article"),
    [
        ("ln_art12_dispute", "共享争议（809）", (), "第二十八条第二款"),
        ("ln_art12_grant", "共享授权（809）", ("record_retention_years",), "第二十七条、第二十九条"),
    ],
)
def test_what_changes_by_settings_and_words_alone(
    designer: Page, bureau: str, process: str, name: str, settings: tuple[str, ...], article: str
) -> None:
    model = Model.begin(designer, bureau, process, name)
    model.take_words(*settings)
    model.finish(f"{LAW}{article}").saved()

    model.agree(bureau, article)
