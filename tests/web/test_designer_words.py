"""换用口径: the words and defaults of another law, previewed and taken into a model (domain F.3, 10)."""

import re
from collections.abc import Callable
from typing import Any

from tests.web.test_designer import begin


def test_the_page_shows_before_after_and_the_article_of_every_setting(
    signed_in: Callable[[str], Any],
) -> None:
    designer = signed_in("designer")
    where = begin(designer)

    text = designer.get(f"{where}/words").get_data(as_text=True)

    assert "《政务数据共享条例》第二十一条第一款" in text
    assert "10个工作日内作出是否同意共享的答复" in text
    assert "政务数据需求部门审核" in text
    assert "p12.unconditional_reply_wd" in text and "未设" in text


def test_ticked_settings_and_words_are_kept_as_one_revision_and_nothing_else_changes(
    signed_in: Callable[[str], Any],
) -> None:
    designer = signed_in("designer")
    where = begin(designer)
    designer.get(f"{where}/words")
    form = {"profile": "reg809", "revision": "1", "words": "1", "settings": ["p12.reply_wd"]}

    answer = designer.post(f"{where}/words", form)

    assert answer.status_code == 302
    xml = designer.get(f"{where}/files/process.bpmn").get_data(as_text=True)
    assert 'shixian:profile="reg809"' in xml
    assert 'key="p12.reply_wd" value="10" unit="working_day" kind="law"' in xml
    assert 'key="p12.provision_wd" value="20" unit="working_day" kind="choice"' in xml
    assert 'name="政务数据需求部门审核"' in xml
    assert 'name="移送整改立案"' in xml  # a message's name is what definitions under both laws meet by
    page = designer.get(f"{where}/words?profile=reg809").get_data(as_text=True)
    assert "没有需要换用的用语" in page
    assert re.search(r"第2次修订", page)


def test_who_is_no_designer_sees_no_words_of_a_model(signed_in: Callable[[str], Any]) -> None:
    where = begin(signed_in("designer"))

    assert signed_in("admin").get(f"{where}/words").status_code == 403


def test_an_unknown_profile_is_refused(signed_in: Callable[[str], Any]) -> None:
    designer = signed_in("designer")
    where = begin(designer)

    assert designer.get(f"{where}/words?profile=none").status_code == 422
