"""The demonstration is played by people: on working days, in office hours, through whole chains of cases."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.definitions import load_definition
from engine.demo.cases import BEGIN, END, Desk, Steps, draft, fill, pair
from engine.demo.driver import office_time, play
from engine.mining.playback import play as play_again
from engine.periods import BEIJING
from engine.storage.tables import incident, process_instance, supervision, task_part, user_task
from tests.conftest import ROOT, beijing, open_engine
from tests.engine.mining.oracle import cases, history


@pytest.fixture
def stage(database: Any) -> Iterator[Desk]:
    engine = open_engine(database, BEGIN)
    yield Desk(engine)
    engine.close()


def test_everything_is_done_by_people_at_work_and_nothing_gets_stuck(stage: Desk) -> None:
    play(stage.engine)
    with stage.engine.database.reading() as conn:
        done = select(user_task.c.ended_at).where(user_task.c.ended_by.is_not(None))
        at = [moment.astimezone(BEIJING) for moment in conn.execute(done).scalars()]
        begun = Counter(conn.execute(select(process_instance.c.process_id)).scalars())
        stuck = conn.execute(select(incident.c.instance_key).where(incident.c.state == "open")).all()
        asked = set(conn.execute(select(task_part.c.kind).where(task_part.c.state == "open")).scalars())
        pressed = conn.execute(select(supervision.c.key)).all()
        unexplained = [key for key in cases(conn) if not _goes_as_drawn(conn, key)]
    calendar = stage.engine.calendar()

    assert [x for x in at if not calendar.is_working_day(x.date()) or not 9 <= x.hour < 17] == []
    assert any(x.date().isoformat() == "2026-05-09" for x in at)  # a Saturday made up for Labour Day
    assert begun["ln_art12_application"] >= 60
    assert set(begun) >= {path.parent.name for path in (ROOT / "processes").glob("*/process.bpmn")}
    assert stuck == []
    assert unexplained == []
    assert stage.now == END
    assert asked >= {"consult", "assist"} and len(pressed) == 1


def _goes_as_drawn(conn: Any, key: int) -> bool:
    played = play_again(history(conn, key), lambda of: load_definition(conn, of))
    return played.fitness == 1.0 and not played.deviations


@pytest.mark.parametrize(
    ("at", "begins"),
    [
        ("2026-05-09T10:00", "2026-05-09T10:00"),
        ("2026-05-10T10:20", "2026-05-11T09:25"),
        ("2026-04-30T17:10", "2026-05-06T09:15"),
        ("2026-06-08T07:00", "2026-06-08T09:05"),
    ],
    ids=["make-up Saturday", "Sunday", "evening before Labour Day", "early morning"],
)
def test_an_act_waits_for_the_office(stage: Desk, at: str, begins: str) -> None:
    assert office_time(stage, beijing(at)) == beijing(begins)


def test_a_story_finds_the_case_that_its_own_one_started(stage: Desk) -> None:
    found = []

    def story(desk: Desk, n: int) -> Steps:
        instance = desk.start(*pair(desk, n, "unconditional"))
        yield timedelta(hours=1)
        fill(desk, instance, n)
        grant = yield from desk.follow(instance, "ln_art12_grant")
        found.append((instance, grant, desk.variables(grant)["origin"]["instance_key"]))

    play(stage.engine, 0, topics=(((story, draft, story), 1),))

    assert [(str(instance), origin) for instance, _, origin in found] == [
        (origin, origin) for _, _, origin in found
    ]
    assert len({grant for _, grant, _ in found}) == 2


def test_a_story_whose_message_starts_nothing_says_so(stage: Desk) -> None:
    instance = stage.start(*pair(stage, 3, "unconditional"))
    steps = stage.follow(instance, "ln_art12_grant")

    with pytest.raises(LookupError, match="Expected a case of ln_art12_grant"):
        for _ in steps:
            pass
