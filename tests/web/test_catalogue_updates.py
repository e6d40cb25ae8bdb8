"""Sub-forms, comparisons and versions as pages and API show them."""

import re
from collections.abc import Callable
from datetime import date
from html import unescape
from typing import Any

from engine.demo import catalogue_updates as u
from engine.demo.cases import Desk
from tests.processes.office import case, open_tasks, task

SignIn = Callable[[str], Any]
CHANGED = date(2026, 6, 5)


def fields(page: str) -> dict[str, str | list[str]]:
    """Return what a browser would send back: every field of the page's form as it stands."""
    found: dict[str, str | list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name = re.search(r'name="([^"]+)"', tag)
        kind = (re.search(r'type="([^"]+)"', tag) or [None, "text"])[1]
        value = unescape((re.search(r'value="([^"]*)"', tag) or [None, ""])[1] or "")
        if not name or kind == "file" or (kind in ("radio", "checkbox") and "checked" not in tag):
            continue
        if kind == "checkbox":
            found.setdefault(name[1], []).append(value)  # type: ignore[union-attr]
        else:
            found[name[1]] = value
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', page):
        found[name] = unescape(text)
    for name, inner in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', inner)
        found[name] = unescape(chosen[1]) if chosen else ""
    return found


def opened(desk: Desk, signed_in: SignIn, **more: Any) -> tuple[Any, str, int, int]:
    org, entry = u.owned(desk, 0, kind="主题")
    key = u.register(desk, org, 0, [entry], changed_on=CHANGED, **more)
    actor = desk.actor(org, "handler")
    return signed_in(actor.username), f"/tasks/{task(desk, key, 'T08-1').key}", key, entry


def test_the_page_opens_with_the_version_in_force_and_takes_it_back_changed(
    desk: Desk, signed_in: SignIn
) -> None:
    client, path, key, entry = opened(desk, signed_in)
    page = client.get(path).get_data(as_text=True)
    values = fields(page)
    assert values["entries.0.entry"] == str(entry)
    assert values["entries.0.name"] == u.entry_form(desk, case(desk, key).using_key, entry)["name"]
    row = max(int(name.split(".")[3]) for name, v in values.items() if ".items." in name and v) + 1
    values |= {
        f"entries.0.items.{row}.name": "新增项",
        f"entries.0.items.{row}.type": "字符型C",
        f"entries.0.items.{row}.length": "20",
        "contact_name": "联系人",
        "contact_phone": "024-86030100",
    }

    saved = client.post(f"{path}/draft", values)
    assert saved.status_code == 302
    page = client.get(path).get_data(as_text=True)
    assert "新增项" in page and "item-added" in page
    assert client.post(f"{path}/complete", fields(page)).status_code == 302
    assert open_tasks(desk, key) == {"T08-2"}
    [found] = desk.variables(key)["comparison"]["entries"]
    assert [(i["kind"], i["name"]) for i in found["comparison"]["items"]] == [("added", "新增项")]
    assert found["comparison"]["fields"] == []


def test_entries_are_added_and_struck_out_without_a_script(desk: Desk, signed_in: SignIn) -> None:
    client, path, _, _ = opened(desk, signed_in)
    values = fields(client.get(path).get_data(as_text=True))

    assert client.post(f"{path}/draft", {**values, "entries.add": "new"}).status_code == 302
    two = fields(client.get(path).get_data(as_text=True))
    assert (two["entries.1.entry"], two["entries.1.change"]) == ("", "add")
    assert two["entries.0.name"] == values["entries.0.name"]

    assert client.post(f"{path}/draft", {**two, "entries.1.remove": "true"}).status_code == 302
    assert "entries.1.entry" not in fields(client.get(path).get_data(as_text=True))


def test_every_error_is_named_with_its_entry_and_leads_to_its_field(desk: Desk, signed_in: SignIn) -> None:
    client, path, _, _ = opened(desk, signed_in, new_entry=True)
    values = fields(client.get(path).get_data(as_text=True))
    assert "entries.1.change" in values

    response = client.post(f"{path}/complete", {**values, "entries.0.abstract": "短"})

    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert 'href="#f-entries.0.abstract">第1条：' in page
    assert 'href="#f-entries.1.name">第2条：' in page
    assert 'id="f-entries.1.name"' in page
    assert 'href="#f-contact_name">' in page


def test_several_hundred_items_come_through_the_page(desk: Desk, signed_in: SignIn) -> None:
    client, path, key, _ = opened(desk, signed_in)
    values = fields(client.get(path).get_data(as_text=True))
    for n in range(400):
        values |= {f"entries.0.items.{n}.name": f"项{n}", f"entries.0.items.{n}.type": "字符型C"}
    values |= {"contact_name": "联系人", "contact_phone": "024-86030100"}

    assert client.post(f"{path}/complete", values).status_code == 302
    assert len(desk.variables(key)["update"]["entries"][0]["items"]) == 400


def test_the_api_takes_the_same_objects_and_names_the_same_places(
    desk: Desk, call: Callable[..., Any]
) -> None:
    org, entry = u.owned(desk, 0, kind="主题")
    key = u.register(desk, org, 0, [entry], changed_on=CHANGED)
    path = f"/v2/user-tasks/{task(desk, key, 'T08-1').key}/completion"
    username = desk.actor(org, "handler").username
    good = {"conclusion": "update", "entries": [u.revise(desk, org, entry)], **u.CONTACT}
    bad = {**good, "entries": [{**good["entries"][0], "sharing_conditions": ""}]}

    refused = call("POST", path, username, json={"variables": bad})
    assert refused.status_code == 422
    assert set(refused.get_json()["errors"]) == {"entries.0.sharing_conditions"}
    assert call("POST", path, username, json={"variables": good}).status_code == 204


def test_the_reviewer_sees_the_comparison_on_the_task_and_on_the_case(desk: Desk, signed_in: SignIn) -> None:
    org, entry = u.owned(desk, 0, kind="主题")
    key = u.register(desk, org, 0, [entry], changed_on=CHANGED)
    u.submit(desk, key, [u.revise(desk, org, entry)])
    u.countersign_all(desk, key)
    row = task(desk, key, "T08-4")
    client = signed_in(desk.actor(row.organisation_key, "handler").username)

    for path in (f"/tasks/{row.key}", f"/cases/{key}"):
        page = client.get(path).get_data(as_text=True)
        assert "新旧目录比较" in page and "更新时间戳" in page
    assert "已按期报送，待审核" in client.get(f"/cases/{key}").get_data(as_text=True)


def test_the_entry_shows_its_versions_each_with_its_case(desk: Desk, signed_in: SignIn) -> None:
    org, entry = u.owned(desk, 0, kind="主题")
    key = u.register(desk, org, 0, [entry], changed_on=CHANGED)
    u.submit(desk, key, [u.revise(desk, org, entry)])
    u.countersign_all(desk, key)
    desk.do(key, "T08-4", {"decision": "pass"})

    own = signed_in(desk.actor(org, "handler").username).get(f"/catalogue/{entry}").get_data(as_text=True)
    assert "第2版" in own and "第1版" in own
    assert f"/cases/{key}" in own
    stranger = next(o for o, _ in (u.owned(desk, n) for n in range(20)) if o != org)
    other = signed_in(desk.actor(stranger, "handler").username)
    page = other.get(f"/catalogue/{entry}").get_data(as_text=True)
    assert "第2版" in page and f"/cases/{key}" not in page


def test_the_own_entry_s_page_begins_its_update_with_the_entry_chosen(desk: Desk, signed_in: SignIn) -> None:
    org, entry = u.owned(desk, 0, kind="主题")
    client = signed_in(desk.actor(org, "handler").username)
    page = client.get(f"/catalogue/{entry}").get_data(as_text=True)
    assert "登记变更事项" in page or "目录更新" in page
    assert "申请共享" not in page

    response = client.post(f"/start/{u.PROCESS}", {"resource": entry})
    values = fields(client.get(response.location).get_data(as_text=True))
    assert values["entries"] == [str(entry)]
