"""The fields of a catalogue entry by the names of F08-B (domain D.1.3), and their values in words."""

from collections.abc import Mapping
from typing import Any

FIELDS: Mapping[str, str] = {
    "name": "信息资源名称",
    "class_code": "信息资源分类代码",
    "class_path": "信息资源分类",
    "abstract": "信息资源摘要",
    "format_class": "信息资源格式",
    "format_type": "格式类型",
    "sharing_type": "共享类型",
    "sharing_conditions": "共享条件（依据）",
    "sharing_method": "共享方式",
    "use_scope": "共享范围",
    "use_purpose": "使用用途",
    "open_flag": "是否向社会开放",
    "open_conditions": "开放条件",
    "update_cycle": "更新周期",
    "security_class": "数据分类分级",
    "catalogue_kind": "目录类别",
    "lead_dept": "牵头部门",
    "related_code": "关联资源代码",
}
"""Every field but the data items, in the order of the form."""
OWN_COLUMNS = ("name", "sharing_type", "update_cycle", "abstract")
"""The fields that have columns of their own; the others are metadata."""
WORDS: Mapping[str, Mapping[str, str]] = {
    "sharing_type": {"unconditional": "无条件共享", "conditional": "有条件共享", "not_shared": "不予共享"},
    "sharing_method": {"api": "接口", "db_exchange": "库表交换", "file": "文件"},
    "update_cycle": {
        "realtime": "实时",
        "daily": "每日",
        "weekly": "每周",
        "monthly": "每月",
        "quarterly": "每季度",
        "half_yearly": "每半年",
        "yearly": "每年",
        "irregular": "不定期",
    },
}
ITEM_COLUMNS: Mapping[str, str] = {
    "name": "名称",
    "type": "数据类型",
    "length": "长度",
    "basic": "基础信息项",
}
CHANGES: Mapping[str, str] = {"revise": "修改", "add": "新增", "delete": "删除", "none": "无需更新"}


def of_version(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a version's fields as F08-B has them: flat, every value a text or a list, items as rows.

    Args:
        fields: name, sharing_type, update_cycle, abstract and metadata of the entry.
    """
    metadata = fields.get("metadata") or {}
    flat = {**metadata, **{key: fields.get(key) for key in OWN_COLUMNS}}
    found = {key: flat[key] for key in FIELDS if flat.get(key) not in (None, "", [])}
    if "sharing_method" in found and not isinstance(found["sharing_method"], list):
        found["sharing_method"] = [found["sharing_method"]]
    found["items"] = [item_row(item) for item in metadata.get("items") or []]
    return found


def item_row(item: Mapping[str, Any]) -> dict[str, str]:
    """Return a data item as a row of the form's table: every cell a text."""
    return {key: "" if item.get(key) is None else str(item[key]) for key in ITEM_COLUMNS}


def worded(field: str, value: Any, departments: Mapping[str, str] | None = None) -> str:
    """Return a field's value as people read it, empty where there is none.

    Args:
        departments: Names by key, for the lead department.
    """
    if value is None or value == "" or value == []:
        return ""
    words = departments if field == "lead_dept" else WORDS.get(field)
    values = value if isinstance(value, list) else [value]
    return "、".join((words or {}).get(str(v), str(v)) for v in values)
