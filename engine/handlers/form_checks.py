"""What a form is held against beyond its own rules: checks that need rows, by the name the form gives."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.catalogue import compare
from engine.errors import Message
from engine.handlers import verifications
from engine.handlers.case import Case
from engine.handlers.entries import form_values, in_force, own_code, own_entries

Finding = tuple[str, Message]
Check = Callable[[Case, Mapping[str, Any]], Iterator[Finding]]
_LEVELS = {1: 1, 3: 2, 6: 3}  # digits of a classification code → its levels; more digits: four


def findings(case: Case, check: str, values: Mapping[str, Any]) -> dict[str, list[Message]]:
    """Return what a named check finds, by field; values are as they were sent and may be anything."""
    found: dict[str, list[Message]] = {}
    for key, message in CHECKS[check](case, values):
        found.setdefault(key, []).append(message)
    return found


def _catalogue_update(case: Case, values: Mapping[str, Any]) -> Iterator[Finding]:
    """Hold the changed entries against the catalogue in force (domain D.1.2, D.1.3)."""
    entries = values.get("entries")
    if values.get("conclusion") == "no_update" or not isinstance(entries, list):
        return
    department = case.org_of("reporting_dept") or 0
    taken = {row.name: str(row.key) for row in own_entries(case.uow.conn, department)}
    for n, entry in enumerate(entries):
        if isinstance(entry, Mapping) and entry.get("change") in ("revise", "add"):
            for key, message in _entry(case, department, entry, taken):
                yield f"entries.{n}.{key}", message


def _entry(
    case: Case, department: int, entry: Mapping[str, Any], taken: Mapping[str, str]
) -> Iterator[Finding]:
    about, name = entry.get("entry") or None, entry.get("name")
    holder = taken.get(name.strip()) if isinstance(name, str) else None
    if holder is not None and holder != about:
        yield (
            "name",
            Message(
                "本部门目录中已有同名的信息资源，请改用其他名称，或者改为修改该条目。",
                "Expected a name that no other entry of the department has.",
            ),
        )
    code = own_code(case.uow.conn, department)
    if isinstance(entry.get("provider_code"), str) and entry["provider_code"].strip() != code:
        yield (
            "provider_code",
            Message(
                f"提供方代码应为本部门的统一社会信用代码{code}。",
                f"Expected the department's own code {code}.",
            ),
        )
    if _levels(entry.get("class_code"), entry.get("class_path")):
        yield (
            "class_path",
            Message(
                "分类名称的级数应与分类代码一致：类1位、项2位、目3位、细目位数不限。",
                "Expected as many names as the code has levels.",
            ),
        )
    row = in_force(case.uow.conn, int(about)) if isinstance(about, str) and about.isdigit() else None
    if entry.get("change") == "revise" and row is not None and _unchanged(form_values(row), entry):
        yield (
            "change",
            Message(
                f"与现行第{row.version}版没有差别，请修改内容，或者选择“无需更新”并说明理由。",
                f"Expected a change to version {row.version}, found none.",
            ),
        )


def _levels(code: Any, path: Any) -> bool:
    """Say whether code and names of a classification disagree on the number of levels."""
    if not isinstance(code, str) or not isinstance(path, str) or not code.strip() or not path.strip():
        return False
    return _LEVELS.get(len(code.strip()), 4) != len(path.strip().split("/"))


def _unchanged(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    try:
        return compare(old, _trimmed(new)).empty
    except (TypeError, AttributeError, ValueError):
        return False  # what is no row or no text is refused by the form itself


def _trimmed(entry: Mapping[str, Any]) -> dict[str, Any]:
    if entry.get("sharing_type") == "unconditional":
        entry = {key: value for key, value in entry.items() if key != "sharing_conditions"}
    rows = [row for row in entry.get("items") or [] if any(row.values())]
    return {key: v.strip() if isinstance(v, str) else v for key, v in entry.items()} | {"items": rows}


CHECKS: Mapping[str, Check] = {
    "catalogue_update": _catalogue_update,
    "same_verification": verifications.check_duplicate,
}
