"""The services of a catalogue update (domain D.1): compare, publish, prompt departments, delete."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from engine import events as e
from engine.catalogue import FIELDS, compare
from engine.catalogue.fields import OWN_COLUMNS
from engine.chinese_dates import zh
from engine.handlers.case import Case
from engine.handlers.entries import form_values, holders, in_force, names, own_entries
from engine.handlers.grants import end_ahead
from engine.handlers.notices import tell_departments
from engine.handlers.parties import managing_department
from engine.handlers.subscriptions import throw_to
from engine.model import Node
from engine.periods import beijing_day
from engine.storage.tables import catalogue_deletion, catalogue_entry, process_instance

PROCESS = "ln_art08_catalogue_update"
PROMPT = "目录变更提示"
FREED = "目录改为无条件共享"
_SEQUENCE_DIGITS = 6


def compare_update(case: Case, node: Node) -> dict[str, Any]:
    """Hold what was handed in against the versions in force; what the reviewers look at, and who must countersign.

    Returns:
        basis, conclusion, reason, entries (each with its comparison, the departments with living grants, the
        applications to be closed), leads: the lead departments other than the department itself (Art. 9).
    """
    update = case.variables.get("update") or {}
    departments = names(case.uow.conn)
    listed = update.get("entries") or [] if update.get("conclusion") == "update" else []
    entries = [_compared(case, entry, departments) for entry in listed]
    leads = [lead for entry in entries if entry["change"] != "none" for lead in entry["leads"]]
    own = str(case.org_of("reporting_dept"))
    registration = case.variables.get("registration") or {}
    return {
        "basis": {
            **{key: registration.get(key) for key in ("change_kind", "doc_title", "doc_no")},
            "change_date": case.variables.get("change_date"),
        },
        "conclusion": update.get("conclusion"),
        "reason": update.get("no_update_reason"),
        "entries": entries,
        "leads": [lead for lead in dict.fromkeys(leads) if lead != own],
        "deletes_after": case.setting("p08.delete_after_days"),
    }


def publish_update(case: Case, node: Node) -> dict[str, Any]:
    """Put the new versions in force, all or none, and tell the departments with grants what changed.

    Returns:
        ok and defects: what became of the catalogue meanwhile, for the department to mend; else the published
        entries, and `pending` with `deletes_on`: what is deleted once its users had time to prepare.
    """
    update, comparison = case.variables["update"], case.variables["comparison"]
    listed = update.get("entries") or [] if update["conclusion"] == "update" else []
    department = case.org_of("reporting_dept") or 0
    names_guard = f"entry-names:{department}"
    case.uow.set_guard(names_guard, int(case.uow.guarded(names_guard) or 0) + 1)
    if defects := list(_overtaken(case, department, comparison["entries"], listed)):
        return {"ok": False, "defects": defects, "published": [], "pending": [], "deletes_on": None}
    today = beijing_day(case.uow.at)
    deletes_on = today + timedelta(days=int(case.setting("p08.delete_after_days")))
    published: list[dict[str, Any]] = []
    pending: list[str] = []
    for entry, compared in zip(listed, comparison["entries"], strict=True):
        if entry["change"] == "delete":
            key = int(entry["entry"])
            if _delete(case, entry, deletes_on):
                pending.append(str(key))
            published.append({"entry_key": str(key), "change": "delete", "name": compared["name"]})
        elif entry["change"] != "none":
            published.append(_publish(case, department, entry, today))
            _tell_users(case, entry, compared)
            _free(case, node, entry)
    return {
        "ok": True,
        "defects": [],
        "published": published,
        "pending": pending,
        "deletes_on": deletes_on.isoformat() if pending else None,
    }


def delete_entries(case: Case, node: Node) -> dict[str, Any]:
    """Take entries out of the catalogue on the day that was announced."""
    deleted: list[str] = []
    for key in case.variables.get("pending") or []:
        d = catalogue_deletion.c
        row = case.uow.conn.execute(
            select(catalogue_deletion, catalogue_entry.c.withdrawn_on)
            .join(catalogue_entry, catalogue_entry.c.key == d.entry_key)
            .where(d.entry_key == int(key))
        ).first()
        if row is None or row.withdrawn_on is not None:
            continue
        case.uow.record(
            row.entry_key,
            e.EntryWithdrawn(
                row.entry_key, row.deletes_on.isoformat(), row.reason, row.doc_no, row.instance_key
            ),
        )
        for late in holders(case.uow.conn, row.entry_key, row.deletes_on):  # granted since it was announced
            end_ahead(case, late, row.deletes_on, f"目录条目删除（{case.business_id}）")
        deleted.append(str(key))
    return {"deleted": deleted}


def prompt_departments(case: Case, node: Node) -> dict[str, Any]:
    """Throw one message for each department that a change of law touches; each begins a case of its own (S08-b)."""
    change = case.variables["law_change"]
    keys = list(dict.fromkeys(change["departments"]))
    taken = {
        "change_kind": "law",
        **{key: change.get(key) for key in ("doc_title", "doc_no", "change_date", "note")},
    }
    for key in keys:
        managing = managing_department(case.uow.conn, int(key), int(key))
        variables = {
            "reporting_dept": key,
            "managing_dept": None if managing is None else str(managing),
            "registration": {name: value for name, value in taken.items() if value},
        }
        throw_to(case, node, PROCESS, f"{case.business_id}:{key}", PROMPT, variables)
    return {"departments": keys}


SERVICES = {
    "compare_update": compare_update,
    "publish_update": publish_update,
    "delete_entries": delete_entries,
    "prompt_departments": prompt_departments,
}
READS = {
    "compare_update": ("update", "reporting_dept"),
    "publish_update": ("update", "comparison", "reporting_dept"),
    "delete_entries": ("pending",),
    "prompt_departments": ("law_change",),
}


def _compared(case: Case, entry: Mapping[str, Any], departments: Mapping[str, str]) -> dict[str, Any]:
    about = entry.get("entry")
    row = in_force(case.uow.conn, int(about)) if about else None
    old = form_values(row) if row is not None else {}
    new = {} if entry["change"] == "delete" else old if entry["change"] == "none" else entry
    using = {} if row is None else {g.using_key: None for g in holders(case.uow.conn, row.key, _today(case))}
    leads = [old.get("lead_dept"), new.get("lead_dept")]
    return {
        "entry": about,
        "change": entry["change"],
        "name": str(new.get("name") or old.get("name") or ""),
        "code": None if row is None else row.code,
        "version": None if row is None else row.version,
        "reason": entry.get("reason"),
        "comparison": compare(old, new, departments).data(),
        "holders": [departments[str(key)] for key in using] if entry["change"] != "none" else [],
        "closes": _closed(case, entry),
        "leads": [str(lead) for lead in dict.fromkeys(leads) if lead],
    }


def _closed(case: Case, entry: Mapping[str, Any]) -> list[str]:
    keys = [int(key) for key in entry.get("close_applications") or []]
    if not keys:
        return []
    i = process_instance.c
    query = select(i.business_id).where(i.key.in_(keys)).order_by(i.key)
    return list(case.uow.conn.execute(query).scalars())


def _overtaken(
    case: Case, department: int, compared: list[dict[str, Any]], listed: list[dict[str, Any]]
) -> Iterator[str]:
    """Yield what changed in the catalogue since the update was compared with it."""
    taken = {row.name: str(row.key) for row in own_entries(case.uow.conn, department)}
    for n, (entry, before) in enumerate(zip(listed, compared, strict=True), 1):
        about = entry.get("entry")
        if about:
            case.uow.expect(int(about))
            row = in_force(case.uow.conn, int(about))
            if row is None:
                yield f"第{n}条“{before['name']}”已从目录删除或者将要删除，请移出本次更新。"
                continue
            if row.version != before["version"]:
                yield f"第{n}条“{before['name']}”已更新为第{row.version}版，请按现行版本重新比对、报送。"
        name = entry.get("name")
        if entry["change"] in ("revise", "add") and taken.get(name, about) != about:
            yield f"第{n}条的名称“{name}”已被本部门目录的另一条目使用，请改用其他名称。"


def _publish(case: Case, department: int, entry: Mapping[str, Any], on: date) -> dict[str, Any]:
    row = in_force(case.uow.conn, int(entry["entry"])) if entry["change"] == "revise" else None
    key = row.key if row is not None else case.uow.next_key()
    code = row.code if row is not None else _new_code(case, str(entry["class_code"]))
    kept = [name for name in FIELDS if name not in OWN_COLUMNS]
    items = [_item(item) for item in entry["items"]]
    metadata = {name: entry[name] for name in kept if entry.get(name) not in (None, "", [])}
    case.uow.record(
        key,
        e.EntryPublished(
            entry_key=key,
            code=code,
            name=entry["name"],
            provider_key=department,
            sharing_type=entry["sharing_type"],
            update_cycle=entry["update_cycle"],
            abstract=entry["abstract"],
            metadata={**metadata, "items": items, "publish_date": on.isoformat()},
            change="revised" if row is not None else "added",
            instance_key=case.key,
        ),
    )
    return {
        "entry_key": str(key),
        "change": entry["change"],
        "name": entry["name"],
        "code": code,
        "version": 1 if row is None else row.version + 1,
    }


def _item(row: Mapping[str, str]) -> dict[str, Any]:
    length = row.get("length")
    item = {"name": row["name"], "type": row["type"], "length": int(length) if length else None}
    return {**item, "basic": "是"} if row.get("basic") == "是" else item


def _new_code(case: Case, class_code: str) -> str:
    """Return classification code and sequence number, parted by a slash."""
    series = f"entry-code:{class_code}"
    number = int(case.uow.guarded(series) or 0)
    taken = select(catalogue_entry.c.code).where(catalogue_entry.c.code.startswith(f"{class_code}/"))
    known = set(case.uow.conn.execute(taken).scalars())
    while True:
        number += 1
        code = f"{class_code}/{number:0{_SEQUENCE_DIGITS}d}"
        if code not in known:
            break
    case.uow.set_guard(series, number)
    case.uow.guarded(f"entry:{code}")
    return code


def _delete(case: Case, entry: Mapping[str, Any], on: date) -> bool:
    """Delete an entry; while grants live, announce it and give them their end. Say whether it is yet to come."""
    key, doc = int(entry["entry"]), _document(case)
    living = holders(case.uow.conn, key, _today(case))
    if not living:
        event = e.EntryWithdrawn(key, _today(case).isoformat(), entry["reason"], doc, case.key)
        case.uow.record(key, event)
        return False
    case.uow.record(key, e.EntryDeletionAnnounced(key, on.isoformat(), entry["reason"], doc, case.key))
    row = case.uow.conn.execute(select(catalogue_entry).where(catalogue_entry.c.key == key)).one()
    for old in living:
        ends = on if old.valid_until is None or old.valid_until >= on else None
        if ends is not None:
            end_ahead(case, old, ends, f"目录条目“{row.name}”删除（{case.business_id}）")
    tell_departments(
        case,
        [g.using_key for g in living],
        ("handler", "head"),
        f"目录条目“{row.name}”（{row.code}）将自{zh(on)}起删除，本部门对该资源的授权随之终止，请提前做好准备。"
        f"理由：{entry['reason']}",
    )
    return True


def _tell_users(case: Case, entry: Mapping[str, Any], compared: Mapping[str, Any]) -> None:
    """Tell the departments with living grants what changed; their grants stay as they were granted."""
    if not entry.get("entry"):
        return
    living = holders(case.uow.conn, int(entry["entry"]), _today(case))
    found = compared["comparison"]
    parts = [f"{x['label']}由“{x['before'] or '无'}”改为“{x['after'] or '无'}”" for x in found["fields"]]
    words = {"added": "新增", "removed": "删除", "changed": "修改"}
    for kind, word in words.items():
        if items := [x["name"] for x in found["items"] if x["kind"] == kind]:
            parts.append(
                f"{word}信息项{'、'.join(items[:10])}{f'等{len(items)}项' if len(items) > 10 else ''}"
            )
    text = f"目录条目“{compared['name']}”（{compared['code']}）已更新为第{compared['version'] + 1}版："
    tell_departments(
        case,
        [g.using_key for g in living],
        ("handler", "head"),
        f"{text}{'；'.join(parts)}。现有授权按原答复意见继续有效。",
    )


def _free(case: Case, node: Node, entry: Mapping[str, Any]) -> None:
    """Close the applications that the provider says are settled by the entry being shared unconditionally."""
    keys = [int(key) for key in entry.get("close_applications") or []]
    i = process_instance.c
    rows = case.uow.conn.execute(select(i.key, i.business_id).where(i.key.in_(keys), i.ended_at.is_(None)))
    for row in rows.all() if keys else ():
        throw_to(case, node, FREED, row.business_id, FREED, {"freed_by": case.business_id})


def _document(case: Case) -> str:
    return str((case.variables.get("registration") or {}).get("doc_no") or "")[:100]


def _today(case: Case) -> date:
    return beijing_day(case.uow.at)
