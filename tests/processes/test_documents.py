"""What the documents of Art. 12 say (domain E)."""

import time
from datetime import timedelta

from engine.demo.cases import Desk, fill, replied
from engine.documents import pdf, unpack_fonts
from tests.conftest import at_once
from tests.processes.office import document_text


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

    begun = time.perf_counter()
    assert pdf(html)[:5] == b"%PDF-"
    assert time.perf_counter() - begun < 2.0
