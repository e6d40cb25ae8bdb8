"""A department is named by its short forms too: what a lead may not say of who reported (D.5)."""

import pytest

from engine.handlers.department_words import names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        pytest.param("据辽宁省民政厅反映", "辽宁省民政厅", id="full name"),
        pytest.param("据省民政厅反映", "辽宁省民政厅", id="province in short"),
        pytest.param("据民政厅反映", "辽宁省民政厅", id="without its area"),
        pytest.param("据省 民政厅反映", "辽宁省民政厅", id="with a blank inside"),
        pytest.param("省人社厅来电", "辽宁省人力资源和社会保障厅", id="abbreviated"),
        pytest.param("据人社厅来电", "辽宁省人力资源和社会保障厅", id="abbreviated without its area"),
        pytest.param("市公积金中心来电", "沈阳市住房公积金管理中心", id="from its middle"),
        pytest.param("省发改委来电", "辽宁省发展和改革委员会", id="with its last word abbreviated"),
        pytest.param("区民政局来电", "沈阳市和平区民政局", id="a district's"),
    ],
)
def test_a_short_form_names_the_department(text: str, name: str) -> None:
    assert names(text, name)


@pytest.mark.parametrize(
    ("text", "name", "besides"),
    [
        pytest.param("该部门将救助信息提供给第三方。", "辽宁省民政厅", "", id="nobody"),
        pytest.param("据省公安厅反映", "辽宁省民政厅", "", id="another department"),
        pytest.param("省药品监督管理局", "辽宁省市场监督管理局", "", id="another with the same ending"),
        pytest.param(
            "沈阳市和平区民政局未更新目录", "沈阳市民政局", "沈阳市和平区民政局", id="the one concerned"
        ),
    ],
)
def test_other_words_do_not(text: str, name: str, besides: str) -> None:
    assert not names(text, name, besides)
