"""Charts and shades: whatever a department is called, a chart stays a picture; what colour says can be read without it."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from tests.conftest import ROOT
from web.audit import charts
from web.audit.ramp import STEPS, ramp

NASTY = """<script>alert(1)</script>"&'</svg>"""
CSS = (ROOT / "web/frontend/src/audit/heat.css").read_text(encoding="utf-8")
INK = "#1b2430"


def drawn() -> dict[str, str]:
    point = charts.Point(NASTY, 0.5, NASTY, NASTY, f"/x?{NASTY}")
    return {
        "line": charts.line("a", NASTY, NASTY, [point, charts.Point("b", None, "—"), point]),
        "stacked": charts.stacked(
            "b", NASTY, NASTY, [NASTY] * 3, [charts.Stack(NASTY, ((1, NASTY), (0, ""), (9, "")))]
        ),
        "bars": charts.bars("c", NASTY, NASTY, [charts.Bar(NASTY, 3, NASTY, NASTY), charts.Bar("b", 0, "0")]),
        "share": charts.share_bar(0.25),
        "legend": charts.legend([NASTY]),
    }


@pytest.mark.parametrize("kind", ["line", "stacked", "bars", "share", "legend"])
def test_a_chart_escapes_every_text_and_has_no_style_or_script(kind: str) -> None:
    root = etree.fromstring(drawn()[kind])

    tags = {e.tag for e in root.iter()}
    assert tags <= {"svg", "title", "desc", "g", "line", "circle", "rect", "text", "a", "ul", "li"}
    names = {name for e in root.iter() for name in e.attrib}
    assert not {name for name in names if name == "style" or name.startswith("on")}
    if kind not in ("share", "legend"):
        assert root.findtext("title") == NASTY and root.findtext("desc") == NASTY
        assert root.get("aria-labelledby") == root.find("title").get("id")
        assert NASTY in {e.text for e in root.iter("text")}


def test_a_month_without_cases_is_a_gap_and_no_zero() -> None:
    points = [charts.Point(str(n), value, "") for n, value in enumerate((0.5, None, 1.0, 1.0))]
    root = etree.fromstring(charts.line("a", "", "", points))

    assert len(root.findall("circle")) == 3
    assert len([e for e in root.findall("line") if e.get("stroke-width") == "2.5"]) == 1


def test_parts_of_a_bar_stand_upon_each_other_in_proportion() -> None:
    root = etree.fromstring(
        charts.stacked("a", "", "", ["x", "y"], [charts.Stack("m", ((30, ""), (10, "")))])
    )
    low, high = root.findall("rect")

    heights = [float(e.get("height")) for e in (low, high)]
    assert heights[0] == pytest.approx(3 * heights[1], abs=0.05)
    assert float(low.get("y")) == pytest.approx(float(high.get("y")) + heights[1], abs=0.05)


@given(st.integers(1, 10**6), st.sampled_from([1, 0.1]))
def test_the_largest_value_is_darkest_and_ranges_leave_no_gap(units: int, unit: float) -> None:
    largest = units * unit
    of = ramp(largest, unit)
    ranges = of.ranges()

    assert of.step(0) == 0 and of.step(largest) == STEPS
    assert ranges[0][1] == unit and ranges[-1][2] == pytest.approx(largest)
    assert [shade for shade, _, _ in ranges] == sorted({shade for shade, _, _ in ranges})
    for (_, _, end), (_, begin, _) in itertools.pairwise(ranges):
        assert begin == pytest.approx(end + unit)
    for shade, begin, end in ranges:
        assert of.step(begin) == of.step(end) == shade


def test_of_nothing_there_is_no_range() -> None:
    assert ramp(0).ranges() == []
    assert ramp(0).step(0) == 0


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_shades_of_the_heat_map_differ_without_colour_and_ink_is_readable_on_each() -> None:
    shades = re.findall(r"--heat-\d: (#[0-9a-f]{6});", CSS)
    lights = [luminance(shade) for shade in shades]

    assert len(shades) == STEPS + 1
    for one, other in itertools.pairwise(lights):
        assert (one + 0.05) / (other + 0.05) > 1.1  # each visibly darker than the one before
    assert all((light + 0.05) / (luminance(INK) + 0.05) >= 4.5 for light in lights)
    parts = [luminance(shade) for shade in charts.SHADES]
    assert parts == sorted(parts) and all(b / a > 1.5 for a, b in itertools.pairwise(parts))
