import pytest

from engine.demo import rectifications as r
from engine.demo.cases import Desk
from tests.processes.office import *


@pytest.mark.parametrize("story", [s for s in r.STORIES], ids=lambda s: s.__name__)
def test_story(desk: Desk, story):
    from engine import commands as c

    steps = story(desk, 1)
    for pause in steps:
        if pause.days > 300:
            break
        desk.engine.handle(c.SetClock(actor=None, at=desk.now + pause))
    with desk.engine.database.reading() as conn:
        from sqlalchemy import select

        from engine.storage.tables import process_instance

        key = conn.execute(
            select(process_instance.c.key).where(process_instance.c.process_id == "ln_art20_rectification")
        ).scalar_one()
    row = case(desk, key)
    print(story.__name__, row.state, row.result, open_tasks(desk, key), templates(desk, key))
    for i in incidents(desk, key):
        print("INC", i.element_id, i.step, i.cause, i.input if hasattr(i, "input") else "")
    assert not incidents(desk, key)
