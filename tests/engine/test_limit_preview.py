"""The limits of a procedure for a day of receipt: the worked examples of domain C.1, chains, extensions."""

from datetime import date, datetime

import pytest

from engine.bpmn import read_process
from engine.calendar import ChinaWorkingCalendar, load_notices
from engine.periods import BEIJING
from engine.process_files import PROCESSES, definition_files
from engine.workbench.limit_preview import LIMIT, RECEIPT, PreviewedLimit, preview, with_settings
from tests.conftest import NOTICES

CALENDAR = ChinaWorkingCalendar(list(load_notices(NOTICES)), (), estimate=True)


def process(name: str):
    return read_process(definition_files(PROCESSES / name)["process.bpmn"])


APPLICATION, VERIFICATION = process("ln_art12_application"), process("ln_art13_verification")


def limits(model, day: str, hour: int = 10, **settings: str) -> dict[str, PreviewedLimit]:
    at = datetime.fromisoformat(day).replace(hour=hour, tzinfo=BEIJING)
    changed = with_settings(model, {k.replace("__", "."): v for k, v in settings.items()})
    return {x.element: x for x in preview(changed, CALENDAR, at)}


@pytest.mark.parametrize(
    ("event_day", "due", "first_reminder"),
    [
        ("2025-01-24", date(2025, 2, 7), date(2025, 2, 6)),
        ("2025-01-27", date(2025, 2, 10), date(2025, 2, 8)),
        ("2025-02-01", date(2025, 2, 10), date(2025, 2, 8)),
        ("2025-04-25", date(2025, 5, 6), date(2025, 4, 30)),
        ("2025-05-30", date(2025, 6, 9), date(2025, 6, 6)),
        ("2026-06-08", date(2026, 6, 15), date(2026, 6, 12)),
        ("2026-06-18", date(2026, 6, 26), date(2026, 6, 25)),
    ],
)
def test_the_reply_falls_due_as_in_the_worked_examples(event_day: str, due: date, first_reminder: date):
    reply = limits(APPLICATION, event_day)["TM12-1"]

    assert (reply.due_on, reply.origin) == (due, RECEIPT)
    days = [at.astimezone(BEIJING).date() for at in reply.reminders]
    assert days == [first_reminder, due]


def test_the_longest_extension_counts_on_from_the_original_due_date():
    verify = limits(VERIFICATION, "2026-06-08")["TM13-1"]

    assert verify.longest is not None and verify.longest.due.due_on == date(2026, 6, 30)
    assert verify.explanation is not None and verify.explanation.days[1].day.number == 1


def test_a_limit_that_begins_when_another_ends_is_counted_from_its_last_day():
    found = limits(APPLICATION, "2026-06-08")

    assert (found["TM12-6"].origin, found["TM12-6"].after) == (LIMIT, "TM12-1")
    assert found["TM12-6"].due_on == date(2026, 7, 14)
    assert (found["TM12-7"].after, found["TM12-7"].due_on) == ("TM12-6", date(2026, 7, 21))
    # R-T9: the supervision counts the expired due date as day 0.
    assert (found["TM12-9"].after, found["TM12-9"].due_on) == ("TM12-1", date(2026, 6, 18))


def test_a_draft_setting_moves_its_limit_and_those_behind_it():
    found = limits(APPLICATION, "2026-06-08", p12__reply_wd="10")

    assert found["TM12-1"].due_on == date(2026, 6, 23)
    assert found["TM12-9"].due_on == date(2026, 6, 26)


def test_after_hours_count_as_the_setting_says():
    evening = limits(APPLICATION, "2026-06-08", 20, cal__after_hours_rule="next_working_day")

    assert evening["TM12-1"].due_on == date(2026, 6, 16)


@pytest.mark.parametrize(
    ("model", "element", "why"),
    [("ln_art12_dispute", "TMD-8A", "date"), ("ln_art12_dispute", "TMD-N", "off")],
)
def test_a_limit_that_the_case_itself_sets_says_why_it_has_no_day(model: str, element: str, why: str):
    found = limits(process(model), "2026-06-08")[element]

    assert (found.due_on, found.why_not) == (None, why)


def test_a_length_that_a_document_sets_is_shown_as_the_usual_one():
    found = limits(process("ln_art20_rectification"), "2026-06-08")

    assert found["TM20-1"].usual and found["TM20-1"].due_on == date(2026, 6, 26)
    assert not found["TM20-4"].usual and found["TM20-4"].after == "TM20-1"


def test_a_setting_that_is_no_length_stops_nothing():
    found = limits(APPLICATION, "2026-06-08", p12__reply_wd="soon")

    assert found["TM12-1"].why_not == "setting"
    assert found["TM12-6"].why_not == "after"
    assert found["TM12-11"].due_on is not None


@pytest.mark.parametrize("folder", sorted(p.parent.name for p in PROCESSES.glob("*/process.bpmn")))
def test_every_procedure_that_ships_has_a_preview(folder: str):
    model = process(folder)

    found = limits(model, "2026-06-08")

    assert set(found) == {n.id for n in model.nodes.values() if n.period and n.period.setting}
