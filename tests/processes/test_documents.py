"""What the documents of Art. 12 say (domain E)."""

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.definitions import read_definition
from engine.demo.answers import reply
from engine.demo.cases import Desk, deliver, fill, replied
from engine.documents import full_stop, pdf, render, unpack_fonts
from engine.errors import InvalidDefinition, InvalidInput
from engine.periods import beijing_day
from engine.process_files import PROCESSES, definition_files, with_common
from engine.storage.tables import catalogue_entry, document, organisation, user_role
from tests.conftest import at_once, beijing
from tests.processes.office import case, document_text, open_tasks, wait_until

# Rules of a procedure: the database decides nothing here; chains, grants and replay run on both.
pytestmark = pytest.mark.only("sqlite")


def answered(desk: Desk, decision: str) -> int:
    return int(at_once(replied(desk, 1, decision, timedelta(0))))


def test_e3_names_receipt_limit_and_the_duty_to_keep_to_the_reply(desk: Desk) -> None:
    text = document_text(desk, answered(desk, "agree"), "E-3")

    assert "于2026年6月8日10时00分送达我单位" in text
    assert "自收到之日起5个工作日内（2026年6月15日前，含当日）" in text
    assert "第十二条，严格按照本答复意见使用" in text


def test_e4_names_ground_reasons_and_the_way_to_dispute(desk: Desk) -> None:
    text = document_text(desk, answered(desk, "refuse"), "E-4")

    assert "超出履行职责最小必要范围" in text
    assert "自收到本告知之日起10个工作日内（2026年6月23日前，含当日）通过共享平台提请" in text


def test_documents_of_a_central_agency_say_by_analogy(desk: Desk) -> None:
    with desk.engine.database.reading() as conn:
        central = conn.exec_driver_sql(
            "SELECT key FROM organisation WHERE kind = 'central_stationed'"
        ).scalar_one()
        entry = (
            conn.exec_driver_sql(
                f"SELECT key FROM catalogue_entry WHERE sharing_type = 'conditional' AND provider_key <> {central}"
            )
            .scalars()
            .first()
        )

    key = desk.start(central, entry)
    fill(desk, key, 1)
    desk.do(key, "T12-02", {"decision": "agree"})

    assert "参照" in document_text(desk, key, "E-1")
    assert "参照" not in document_text(desk, answered(desk, "agree"), "E-1")


def test_a_pdf_does_not_unpack_the_fonts_each_time(desk: Desk) -> None:
    html = document_text(desk, answered(desk, "agree"), "E-3")
    unpack_fonts()
    pdf(html)

    begun = time.process_time()  # of this process alone: the machine may be busy
    assert pdf(html)[:5] == b"%PDF-"
    assert time.process_time() - begun < 2.0


def numbers(desk: Desk, template: str) -> list[str]:
    with desk.engine.database.reading() as conn:
        query = select(document.c.number).where(document.c.template == template).order_by(document.c.key)
        return list(conn.execute(query).scalars())


def to_sign(desk: Desk, n: int, provider: int | None = None) -> int:
    """Bring an application, to the same provider if one is named, to where the head signs the reply."""
    if provider is None:
        key = int(at_once(deliver(desk, n)))
    else:
        key = desk.start(*using_and_entry(desk, provider, n))
        fill(desk, key, n)
        desk.do(key, "T12-02", {"decision": "agree"})
    desk.do(key, "T12-04", {"check_result": "accept"})
    desk.do(key, "T12-07", reply(desk.variables(key)["application"], beijing_day(desk.now), "agree"))
    return key


def using_and_entry(desk: Desk, provider: int, n: int) -> tuple[int, int]:
    with desk.engine.database.reading() as conn:
        entries = conn.execute(
            select(catalogue_entry.c.key).where(
                catalogue_entry.c.sharing_type == "conditional", catalogue_entry.c.provider_key == provider
            )
        ).scalars()
        users = conn.execute(
            select(user_role.c.organisation_key)
            .where(user_role.c.role == "handler", user_role.c.organisation_key != provider)
            .order_by(user_role.c.organisation_key)
        ).scalars()
        return list(users)[n], next(iter(entries))


def sign(desk: Desk, key: int, number: str | None = None) -> None:
    desk.do(key, "T12-08", {"decision": "sign", **({"doc_no": number} if number else {})})


def test_numbers_are_counted_by_body_series_and_year(desk: Desk) -> None:
    """辽人社共享复〔2026〕1号: two bodies do not share a count, and a new year begins at 1."""
    first = to_sign(desk, 1)
    provider = case(desk, first).providing_key
    for key in (first, to_sign(desk, 5, provider), to_sign(desk, 2)):
        sign(desk, key)
    late = to_sign(desk, 7, provider)
    wait_until(desk, beijing("2027-01-04T10:00"))
    sign(desk, late)

    assert numbers(desk, "E-3") == [
        "辽人社共享复〔2026〕1号",
        "辽人社共享复〔2026〕2号",
        "辽民共享复〔2026〕1号",
        "辽人社共享复〔2027〕1号",
    ]


def test_a_number_the_head_chooses_is_the_bodys_once(desk: Desk) -> None:
    first = to_sign(desk, 1)
    sign(desk, first, "辽人社函〔2026〕88号")
    with desk.engine.database.reading() as conn:
        row = conn.execute(select(document).where(document.c.template == "E-3")).one()
    assert row.number == "辽人社函〔2026〕88号"

    second = to_sign(desk, 5, case(desk, first).providing_key)
    with pytest.raises(InvalidInput, match="已使用文号“辽人社函〔2026〕88号”"):
        sign(desk, second, " 辽人社函〔2026〕88号 ")
    assert "T12-08" in open_tasks(desk, second)
    sign(desk, second)
    assert numbers(desk, "E-3")[-1] == "辽人社共享复〔2026〕1号"


def test_the_count_passes_over_a_number_that_was_chosen(desk: Desk) -> None:
    first = to_sign(desk, 1)
    sign(desk, first, "辽人社共享复〔2026〕1号")
    second = to_sign(desk, 5, case(desk, first).providing_key)
    sign(desk, second)

    assert numbers(desk, "E-3")[-1] == "辽人社共享复〔2026〕2号"


def test_a_body_without_a_mark_numbers_by_its_name(desk: Desk) -> None:
    with desk.engine.database.reading() as conn:
        mark = select(organisation.c.name).where(organisation.c.mark == "")
        name = conn.execute(mark).scalars().first()
        key = conn.execute(select(organisation.c.key).where(organisation.c.name == name)).scalar_one()
        entry = (
            conn.execute(
                select(catalogue_entry.c.key).where(
                    catalogue_entry.c.sharing_type == "conditional", catalogue_entry.c.provider_key != key
                )
            )
            .scalars()
            .first()
        )
    case_key = desk.start(key, entry)
    fill(desk, case_key, 1)
    desk.do(case_key, "T12-02", {"decision": "agree"})

    assert numbers(desk, "E-1") == [f"{name}共享申〔2026〕1号"]


def test_two_bodies_do_not_share_a_mark(desk: Desk) -> None:
    enter = c.RegisterOrganisation(
        actor=None, code="11210000AMPLE00009", kind="government", level="province", area="辽宁省",
        managing=False, name="样例厅", valid_from="2026-06-08", mark="辽公",
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="机关代字“辽公”已被其他部门使用"):
        desk.engine.handle(enter)
    with pytest.raises(InvalidInput, match="机关代字应为1至10个汉字"):
        desk.engine.handle(replace(enter, mark="LN", id="another"))


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        pytest.param('title="一次性补正告知书" ', "", "须写明标题", id="no title"),
        pytest.param('series="共享补" ', "", "须写明文号中的类别", id="no series"),
        pytest.param(
            'series="共享补" by="prov"', 'series="共享补" by="nobody"', "nobody 应为", id="unknown body"
        ),
    ],
)
def test_a_document_without_title_series_or_body_is_not_deployed(old: str, new: str, finding: str) -> None:
    files = definition_files(PROCESSES / "ln_art12_application")
    xml = files["process.bpmn"].decode()
    assert old in xml

    with pytest.raises(InvalidDefinition, match=finding):
        read_definition(1, 1, {**files, "process.bpmn": xml.replace(old, new).encode()})


def test_the_common_layout_is_joined_and_an_own_file_wins() -> None:
    own = with_common({"documents/E-1.html": b"one", "documents/_layout.html": b"own"})

    assert own["documents/_layout.html"] == b"own"
    assert "documents/_reckoning.html" in own
    assert with_common({"process.bpmn": b"x"}) == {"process.bpmn": b"x"}
    files = definition_files(PROCESSES / "ln_art12_application")
    del files["documents/_reckoning.html"]
    with pytest.raises(InvalidDefinition, match="所用的 _reckoning 不存在"):
        read_definition(1, 1, files)


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        pytest.param("建议限期整改", "建议限期整改。", id="none"),
        pytest.param("建议限期整改。", "建议限期整改。", id="its own"),
        pytest.param("建议限期整改；\n", "建议限期整改。", id="a semicolon"),
        pytest.param("称“已整改。”", "称“已整改。”", id="inside quotation marks"),
        pytest.param(None, "", id="nothing typed"),
    ],
)
def test_a_typed_sentence_was_printed_without_its_full_stop(typed: str | None, printed: str) -> None:
    assert full_stop(typed) == printed


@pytest.mark.parametrize("lines", range(10, 26))
def test_a_signature_stood_alone_on_the_next_page(lines: int) -> None:
    weasyprint = pytest.importorskip("weasyprint")
    layout = (Path(__file__).parents[2] / "processes/common/documents/_layout.html").read_text(
        encoding="utf-8"
    )
    style = layout[layout.index("<style>") : layout.index("</style>") + 8]
    paragraphs = "<p>整改情况报告。</p>" * lines
    sign = '<p class="signer">签发人：某</p><div class="sign"><p>某局</p><p>某日</p></div>'
    document = weasyprint.HTML(string=f"{style}<body>{paragraphs}{sign}</body>").render()
    last = [box.text for box in document.pages[-1]._page_box.descendants() if getattr(box, "text", "")]

    assert len(document.pages) == 1 or "整改情况报告" in "".join(last)


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in range(999) %}{% for b in range(999) %}{% endfor %}{% endfor %}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
        "{% macro row() %}{% for a in range(900) %}{% endfor %}{% endmacro %}{% for b in range(900) %}{{ row() }}{% endfor %}",
        "{{ range(99999) | length }}",
        "{{ 'x' * 99999999 }}",
        "{{ [1] * 99999999 }}",
        "{{ 9 ** 9999999 }}",
    ],
)
def test_a_template_that_would_hold_the_process_for_hours_is_refused(text: str) -> None:
    with pytest.raises(InvalidDefinition, match="文书模板 E-99 有误"):
        render({"E-99": text}, "E-99", {})


def test_no_template_gives_itself_more_turns() -> None:
    greedy = "{% set turn = 1 %}{% for a in range(999) %}{% for b in range(999) %}{{ turn }}{% endfor %}{% endfor %}"
    with pytest.raises(InvalidDefinition, match="20000"):
        render({"E-99": greedy}, "E-99", {})


def test_loops_and_macros_of_a_common_length_are_printed() -> None:
    rows = "{% macro cell(x) %}<td>{{ x * 2 }}</td>{% endmacro %}{% for x in rows %}{{ loop.index }}{{ cell(x) }}{% endfor %}"
    assert render({"E-99": rows}, "E-99", {"rows": [1, 2]}) == "1<td>2</td>2<td>4</td>"
