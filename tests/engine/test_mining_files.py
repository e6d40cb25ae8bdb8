"""Logs that leave the platform: XES and OCEL by the rules of their standards, CSV without formulas, persons masked."""

import csv
import hashlib
import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest
from lxml import etree
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.cells import plain
from engine.demo.cases import BEGIN
from engine.demo.driver import play
from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.handlers.exports import EXPORT_STREAM
from engine.history.chain import parse
from engine.history.words import sentence
from engine.mining import ocel, sheet, xes
from engine.mining.masks import Masks
from engine.mining.writers import FORMATS
from engine.queries import mining
from engine.storage.tables import event, user
from tests.conftest import open_engine
from tests.databases import Databases
from tests.engine.test_calendar_notices import named

XES = f"{{{xes.NAMESPACE}}}"
ATTRIBUTES = {"string", "date", "int", "float", "boolean", "id"}
ORDER = ["extension", "global", "classifier", "attribute", "trace"]
REASON = "核对二季度共享申请的办理时限。"


@pytest.fixture(scope="module")
def played(databases: Databases) -> Iterator[Engine]:
    database = databases.new()
    engine = open_engine(database, BEGIN)
    play(engine, 12)
    yield engine
    engine.close()
    databases.drop(database)


def written(
    engine: Engine,
    format: str,
    choice: mining.Choice = mining.Choice(),  # noqa: B008 - frozen
    masked: bool = True,
    username: str = "audit",
) -> tuple[bytes, mining.Made]:
    sink = io.BytesIO()
    made = engine.queries.search(mining.export, named(engine, username), choice, format, Masks(masked), sink)
    return sink.getvalue(), made


def names(engine: Engine) -> set[str]:
    with engine.database.reading() as conn:
        return set(conn.execute(select(user.c.name)).scalars())


def kind(element: Any) -> str:
    name = etree.QName(element).localname
    return "attribute" if name in ATTRIBUTES else name


# XES, IEEE 1849


@pytest.mark.parametrize("format", ["xes", "xes_pairs"])
def test_xes_has_the_parts_of_the_standard_in_its_order(played: Engine, format: str) -> None:
    log = etree.fromstring(written(played, format)[0])

    assert log.tag == f"{XES}log" and float(log.get("xes.version")) and log.get("xes.features") == ""
    parts = [kind(child) for child in log]
    assert parts == sorted(parts, key=ORDER.index) and set(parts) == set(ORDER)
    assert {g.get("scope") for g in log.iter(f"{XES}global")} == {"trace", "event"}
    for trace in log.iter(f"{XES}trace"):
        inside = [kind(child) for child in trace]
        assert inside == sorted(inside, key=["attribute", "event"].index)
    for value in log.iter(*(f"{XES}{name}" for name in ATTRIBUTES)):
        assert set(value.attrib) == {"key", "value"} and len(value) == 0
        typed(value)


def typed(attribute: Any) -> object:
    """Return an attribute's value as its type reads it."""
    read: dict[str, Any] = {
        "date": datetime.fromisoformat,
        "int": int,
        "float": float,
        "boolean": ["false", "true"].index,
        "id": UUID,
        "string": str,
    }
    return read[etree.QName(attribute).localname](attribute.get("value"))


def test_xes_declares_every_prefix_and_keeps_what_its_globals_and_classifiers_promise(played: Engine) -> None:
    log = etree.fromstring(written(played, "xes")[0])
    declared = {e.get("prefix"): e.get("uri") for e in log.iter(f"{XES}extension")}
    promised = {g.get("scope"): {a.get("key") for a in g} for g in log.iter(f"{XES}global")}
    classified = {key for c_ in log.iter(f"{XES}classifier") for key in c_.get("keys").split()}

    assert {p: declared[p] for p in ("concept", "lifecycle", "time", "org", "identity")} == {
        p: f"http://www.xes-standard.org/{p}.xesext"
        for p in ("concept", "lifecycle", "time", "org", "identity")
    }
    used = {a.get("key").partition(":")[0] for a in log.iter() if a.get("key") and ":" in a.get("key")}
    assert used <= set(declared)
    for scope in ("trace", "event"):
        for element in log.iter(f"{XES}{scope}"):
            keys = [a.get("key") for a in element if kind(a) == "attribute"]
            assert promised[scope] <= set(keys)
            assert len(keys) == len(set(keys))
    assert classified <= promised["event"]


def test_events_of_a_trace_are_in_the_order_of_the_record_and_each_has_its_own_identity(
    played: Engine,
) -> None:
    log = etree.fromstring(written(played, "xes")[0])
    ids = [a.get("value") for a in log.iter(f"{XES}id")]

    assert len(ids) == len(set(ids)) > 100
    for trace in log.iter(f"{XES}trace"):
        recorded = [
            datetime.fromisoformat(a.get("value"))
            for one in trace.iter(f"{XES}event")
            for a in one
            if a.get("key") == "shixian:recorded"
        ]
        assert recorded == sorted(recorded)


def test_limits_late_work_and_documents_are_in_the_log(played: Engine) -> None:
    log = etree.fromstring(written(played, "xes", mining.Choice("ln_art12_application"))[0])
    told = [{a.get("key"): a.get("value") for a in one} for one in log.iter(f"{XES}event")]
    signed = [one for one in told if one["shixian:element"] == "T12-08"]

    assert {one["shixian:limit"] for one in signed} == {"答复期限"}
    for one in signed:
        late = datetime.fromisoformat(one["time:timestamp"]) > datetime.fromisoformat(one["shixian:due"])
        assert one["shixian:late"] == str(late).lower()
        assert int(one["shixian:working_days"]) >= 0 and one["org:role"] == "prov.head" and one["org:group"]
    assert any("政务信息资源共享申请表" in one.get("shixian:documents", "") for one in told)


def test_xes_of_one_case_is_what_the_whole_log_says_of_it(played: Engine) -> None:
    auditor = named(played, "audit")
    row = played.queries.cases(auditor).rows[-1]

    one = etree.fromstring(played.queries.search(mining.xes_of_case, auditor, row.key))

    (trace,) = one.iter(f"{XES}trace")
    whole = etree.fromstring(written(played, "xes")[0])
    (same,) = [t for t in whole.iter(f"{XES}trace") if t[0].get("value") == row.business_id]
    assert [e[0].get("value") for e in trace.iter(f"{XES}event")] == [
        e[0].get("value") for e in same.iter(f"{XES}event")
    ]


def test_text_that_xml_cannot_hold_is_left_out() -> None:
    assert xes._written("甲\x01乙<&\u2028") == ("string", "甲乙<&\u2028")


# OCEL 2.0


def test_ocel_declares_its_types_and_refers_to_objects_that_are_there(played: Engine) -> None:
    content, made = written(played, "ocel")
    log = orjson.loads(content)
    of_object = {t["name"]: {a["name"]: a["type"] for a in t["attributes"]} for t in log["objectTypes"]}
    of_event = {t["name"]: {a["name"]: a["type"] for a in t["attributes"]} for t in log["eventTypes"]}
    objects = {one["id"]: one for one in log["objects"]}
    events = [one["id"] for one in log["events"]]

    assert set(log) == {"objectTypes", "eventTypes", "objects", "events"}
    assert len(of_object) == len(log["objectTypes"]) and len(of_event) == len(log["eventTypes"])
    assert len(objects) == len(log["objects"]) and len(set(events)) == len(events) > 100
    assert sum(one["type"].startswith("ln_") for one in objects.values()) == made.cases
    for one, types in [(e, of_event) for e in log["events"]] + [(o, of_object) for o in log["objects"]]:
        declared = types[one["type"]]
        for attribute in one["attributes"]:
            fits(attribute["value"], declared[attribute["name"]])
        for related in one["relationships"]:
            assert related["objectId"] in objects and related["qualifier"]
    for one in log["events"]:
        assert datetime.fromisoformat(one["time"]).tzinfo is not None and one["relationships"]
    for one in log["objects"]:
        assert all(datetime.fromisoformat(a["time"]).tzinfo is not None for a in one["attributes"])


def fits(value: object, declared: str) -> None:
    if declared == "time":
        assert datetime.fromisoformat(str(value)).tzinfo is not None
    else:
        assert type(value) is {"string": str, "integer": int, "boolean": bool, "float": float}[declared]


def test_cases_that_came_from_each_other_are_related(played: Engine) -> None:
    log = orjson.loads(written(played, "ocel")[0])

    linked = [
        (one["type"], related["objectId"])
        for one in log["objects"]
        for related in one["relationships"]
        if related["qualifier"] == "comes from"
    ]

    assert any(kind == "ln_art12_grant" for kind, _ in linked)


# CSV


def test_csv_opens_in_a_spreadsheet_in_chinese_and_has_a_row_for_each_event(played: Engine) -> None:
    content, _ = written(played, "csv")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))

    assert content.startswith(b"\xef\xbb\xbf") and b"\r\n" in content
    assert tuple(rows[0]) == sheet.COLUMNS
    told = etree.fromstring(written(played, "xes")[0])
    assert len(rows) == sum(1 for _ in told.iter(f"{XES}event"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert plain(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "甲", "1=1", "2026-06-08", "人员-3F2A"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert plain(text) == text


# Personal data


@pytest.mark.parametrize("format", FORMATS)
def test_no_name_and_no_title_leaves_the_platform_unless_asked_for(played: Engine, format: str) -> None:
    masked, unmasked = written(played, format)[0].decode(), written(played, format, masked=False)[0].decode()
    people = names(played)
    procedures = dict(played.queries.search(mining.procedures, named(played, "audit")))
    titles = {row.title for row in played.queries.cases(named(played, "audit")).rows}
    titles -= set(procedures.values())

    assert people and not [name for name in people if name in masked]
    assert [name for name in people if name in unmasked]
    assert titles and not [title for title in titles if title in masked]


def test_a_person_has_one_pseudonym_in_a_file_and_another_in_the_next() -> None:
    first, second = Masks(), Masks()

    assert first.person(7, "甲示例") == first.person(7, "甲示例") != first.person(8, "甲示例")
    assert first.person(7, "甲示例").startswith("人员-")
    assert {first.person(n, "") for n in range(1000)} != {second.person(n, "") for n in range(1000)}
    assert len({first.person(n, "") for n in range(1, 5000)}) == 4999
    assert first.person(0, "共享平台") == "共享平台"


def test_numbers_of_persons_in_texts_are_masked() -> None:
    assert "11010519491231002X" not in Masks().text("关于11010519491231002X的告知书")
    assert Masks(masked=False).text("关于11010519491231002X的告知书") == "关于11010519491231002X的告知书"


# Who may, and how much


@pytest.mark.parametrize("username", ["mzt.jb", "ysj.jb", "admin", "designer"])
def test_only_an_auditor_takes_a_log(played: Engine, username: str) -> None:
    actor = named(played, username)
    questions: list[tuple[Any, ...]] = [
        (mining.count, mining.Choice()),
        (mining.procedures,),
        (mining.versions, "ln_art12_application"),
        (mining.bpmn_of_version, 1),
        (mining.unmasked,),
        (mining.export, mining.Choice(), "xes", Masks(), io.BytesIO()),
    ]
    for question, *asked in questions:
        with pytest.raises(NotAllowed):
            played.queries.search(question, actor, *asked)
    with pytest.raises(NotAllowed):
        played.handle(issue(actor))


def test_the_xes_of_a_case_is_for_who_may_see_it(played: Engine) -> None:
    key = played.queries.cases(named(played, "audit")).rows[-1].key

    with pytest.raises(NotFound):
        played.queries.search(mining.xes_of_case, named(played, "designer"), key)


def test_a_file_holds_the_chosen_cases_only(played: Engine) -> None:
    def found(choice: mining.Choice) -> int:
        counted = played.queries.search(mining.count, named(played, "audit"), choice)
        assert written(played, "csv", choice)[1].cases == counted
        return int(counted)

    everything = found(mining.Choice())
    ended, running = found(mining.Choice(state="ended")), found(mining.Choice(state="open"))
    middle = date(2026, 5, 1)
    before = found(mining.Choice(until=date(2026, 4, 30)))

    assert ended and running and ended + running == everything
    assert before and before + found(mining.Choice(since=middle)) == everything
    assert 0 < found(mining.Choice("ln_art12_application")) < everything


def test_a_file_ends_at_the_bound_and_the_count_tells(played: Engine, monkeypatch: Any) -> None:
    monkeypatch.setattr(mining, "MOST", 3)

    assert written(played, "csv")[1].cases == 3
    assert played.queries.search(mining.count, named(played, "audit"), mining.Choice()) == 4


# Unmasked, on record


def issue(actor: Any, reason: str = REASON, **changed: Any) -> c.IssueUnmaskedExport:
    asked = {"format": "csv", "filters": mining.Choice().as_text(), "cases": 3, "sha256": "0" * 64, **changed}
    return c.IssueUnmaskedExport(actor=actor, reason=reason, **asked)


def test_the_hash_is_that_of_the_file(played: Engine) -> None:
    content, made = written(played, "csv", masked=False)

    assert made.sha256 == hashlib.sha256(content).hexdigest() and made.size == len(content)


def test_an_unmasked_export_is_an_event_that_says_who_what_and_why(played: Engine) -> None:
    auditor = named(played, "audit")
    choice = mining.Choice("ln_art12_application", date(2026, 4, 1), None, "ended")

    played.handle(issue(auditor, f"  {REASON} ", filters=choice.as_text(), sha256="ab" * 32))

    with played.database.reading() as conn:
        body = conn.execute(
            select(event.c.body).where(event.c.stream == EXPORT_STREAM).order_by(event.c.seq.desc()).limit(1)
        ).scalar_one()
    kept = parse(body)
    (newest, *_), _ = played.queries.search(mining.unmasked, auditor)
    assert newest == kept and kept.author.name == auditor.name and kept.author.organisation
    assert vars(kept.event) == {
        "format": "csv",
        "filters": {"process_id": "ln_art12_application", "since": "2026-04-01", "state": "ended"},
        "reason": REASON,
        "cases": 3,
        "sha256": "ab" * 32,
    }
    said = sentence(kept.event, lambda key: "", lambda key: "")
    assert REASON in said and "ab" * 32 in said and "3件" in said
    assert "3 cases" in said.en and REASON in said.en


@pytest.mark.parametrize("reason", ["", "         短      ", "九个字的理由不够长", "长" * 501])
def test_a_reason_has_ten_characters_at_least(played: Engine, reason: str) -> None:
    with pytest.raises(InvalidInput):
        played.handle(issue(named(played, "audit"), reason))


@pytest.mark.parametrize(
    "changed", [{"format": "exe"}, {"sha256": "0" * 63}, {"sha256": "Z" * 64}, {"cases": -1}]
)
def test_what_is_no_file_of_ours_is_not_recorded(played: Engine, changed: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        played.handle(issue(named(played, "audit"), **changed))


def test_the_platform_takes_no_names_for_itself(played: Engine) -> None:
    with pytest.raises(NotAllowed):
        played.handle(issue(None))


def test_suffixes_are_those_that_tools_expect() -> None:
    assert {name: kind.suffix for name, kind in FORMATS.items()} == {
        "xes": ".xes",
        "xes_pairs": ".xes",
        "ocel": ocel.SUFFIX,
        "csv": ".csv",
    }
