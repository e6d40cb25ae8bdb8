"""Reports of Art. 13: access when they are handed in, and those that were merged into another."""

from typing import Any

import pytest
from sqlalchemy import select

from engine.demo.cases import Desk
from engine.demo.verifications import begin, fill
from engine.errors import InvalidForm
from engine.storage.tables import message
from tests.processes import test_grants as grants
from tests.processes import test_ln_art13_verification as art13
from tests.processes.office import case, open_tasks, trail
from tests.processes.test_ln_art08_catalogue_update import granted

WITHDRAWN = {"reason": "系窗口录入笔误，数据无误。"}


def waiting(desk: Desk) -> list[str]:
    with desk.engine.database.reading() as conn:
        return list(conn.execute(select(message.c.target).where(message.c.state == "waiting")).scalars())


def merged(desk: Desk, **changes: Any) -> tuple[int, int]:
    first, second = art13.two_reports(desk)
    desk.do(second, "T13-02", {"accept_result": "duplicate", "duplicate_of": str(first)})
    return first, second


def test_r13_03_a_draft_was_handed_in_after_the_grant_had_ended(desk: Desk) -> None:
    instance, _, entry = granted(desk)
    key = begin(desk, case(desk, instance).using_key, entry)
    grants.give_back(desk, grants.holder(desk, instance))
    before = trail(desk, key)

    with pytest.raises(InvalidForm) as refused:
        fill(desk, key, 1)

    assert "没有该资源的有效授权" in refused.value.errors["resource_id"][0].zh
    assert trail(desk, key) == before
    assert open_tasks(desk, key) == {"T13-01"}
