"""共享授权: the register, a grant's page, and the register of use as a file."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine.demo.cases import Desk, replied
from engine.demo.grants import GIVE_BACK, holder_of, report_use
from engine.storage.tables import grant, user
from tests.conftest import at_once, beijing
from tests.processes.office import case, wait_until
from tests.web.conftest import Browser

SignIn = Callable[[str], Browser]


@pytest.fixture
def origin(desk: Desk) -> int:
    key = int(at_once(replied(desk, 1, "agree", timedelta(0))))
    holder_of(desk, key)
    return key


def username(desk: Desk, org: int) -> str:
    with desk.engine.database.reading() as conn:
        name = select(user.c.username).where(user.c.organisation_key == org).order_by(user.c.key)
        return str(conn.execute(name).scalars().first())


def grant_key(desk: Desk, origin: int) -> int:
    with desk.engine.database.reading() as conn:
        return int(conn.execute(select(grant.c.key).where(grant.c.instance_key == origin)).scalar_one())


def test_the_register_and_the_page_show_the_conditions(desk: Desk, origin: int, signed_in: SignIn) -> None:
    page = signed_in(username(desk, case(desk, origin).using_key))
    said = desk.variables(origin)["reply"]["use_conditions"]

    assert said in page.get("/grants").text
    found = page.get(f"/grants/{grant_key(desk, origin)}").text
    assert said in found
    assert "不得以任何形式提供给第三方" in found
    assert "交还授权" in found
    assert page.get("/grants?which=ended").status_code == 200
    assert "没有符合条件的授权" in page.get("/grants?q=没有这个").text


def test_a_grant_is_given_back_from_its_page(desk: Desk, origin: int, signed_in: SignIn) -> None:
    page = signed_in(username(desk, case(desk, origin).using_key))
    act = f"/cases/{holder_of(desk, origin)}/acts/ES12-G"
    assert desk.variables(origin)["reply"]["use_conditions"] in page.get(act).text
    answer = page.post(act, {**GIVE_BACK, "undertaking": "true"})

    assert answer.status_code == 302
    found = page.get(f"/grants/{grant_key(desk, origin)}").text
    assert "使用部门交还" in found
    assert "/acts/ES12-G" not in found


def test_the_provider_reads_the_grant_and_cannot_give_it_back(
    desk: Desk, origin: int, signed_in: SignIn
) -> None:
    page = signed_in(username(desk, case(desk, origin).providing_key))

    assert "/acts/ES12-G" not in page.get(f"/grants/{grant_key(desk, origin)}").text
    assert page.get(f"/cases/{holder_of(desk, origin)}").status_code == 200


def test_a_stranger_gets_404(desk: Desk, origin: int, signed_in: SignIn) -> None:
    page = signed_in("admin")
    key = grant_key(desk, origin)

    assert page.get(f"/grants/{key}").status_code == 404
    assert page.get(f"/grants/{key}/uses.csv").status_code == 404


def test_the_register_of_use_is_a_file_that_no_spreadsheet_runs(
    desk: Desk, origin: int, signed_in: SignIn
) -> None:
    kept = holder_of(desk, origin)
    wait_until(desk, beijing("2026-09-07T09:00"))
    report_use(desk, kept)
    wait_until(desk, beijing("2026-12-07T09:00"))
    values: dict[str, Any] = {"period": '=HYPERLINK("x")', "use_count": 3, "business": "核验", "stored": "no"}
    desk.do(kept, "T12-11", values)
    page = signed_in(username(desk, case(desk, origin).using_key))

    for path in (f"/grants/{grant_key(desk, origin)}/uses.csv", "/grants/uses.csv"):
        response = page.get(path)
        assert response.data.startswith("\ufeff授权编号".encode())
        rows = list(csv.reader(io.StringIO(response.text.lstrip("\ufeff"))))
        assert [row[7] for row in rows[1:]] == ["本季度", '\'=HYPERLINK("x")']
        assert rows[1][8] == "1280"
        assert rows[1][11] == "否"


def test_programs_search_the_register_as_pages_do(desk: Desk, origin: int, call: Callable[..., Any]) -> None:
    name = username(desk, case(desk, origin).using_key)
    found = call("POST", "/v2/grants/search", name, json={"filter": {"state": "all"}}).json

    [item] = found["items"]
    assert item["conditions"] == desk.variables(origin)["reply"]["use_conditions"]
    assert (item["grantKey"], found["page"]["totalItems"]) == (str(grant_key(desk, origin)), 1)
    none = {"filter": {"resourceKey": "1"}}
    assert call("POST", "/v2/grants/search", name, json=none).json["items"] == []
    assert call("POST", "/v2/grants/search", "admin", json={}).json["items"] == []
    for wrong in ({"state": "lost"}, {"owner": "x"}):
        assert call("POST", "/v2/grants/search", name, json={"filter": wrong}).status_code == 422
