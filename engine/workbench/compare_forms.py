"""Forms compared: fields added, removed, moved and changed, rules across fields, options."""

from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from engine.errors import Message
from engine.workbench.compare_paths import Aspect
from engine.workbench.compare_types import Difference
from engine.workbench.compare_values import NONE, short

_TYPES = {
    "textfield": ("单行文本", "text"),
    "textarea": ("多行文本", "long text"),
    "number": ("数字", "number"),
    "checkbox": ("勾选", "checkbox"),
    "radio": ("单选", "radio buttons"),
    "select": ("下拉选择", "select"),
    "checklist": ("多选", "checklist"),
    "datetime": ("日期时间", "date and time"),
    "filepicker": ("附件", "files"),
    "table": ("表格", "table"),
    "records": ("名单", "records"),
    "subforms": ("子表单", "sub-forms"),
    "text": ("说明文字", "text block"),
}
_FIELD = {
    "label": Aspect("名称", "label"),
    "label_en": Aspect("英文名称", "English label"),
    "type": Aspect("类型", "type", "type"),
    "subtype": Aspect("子类型", "subtype"),
    "description": Aspect("填写提示", "help"),
    "description_en": Aspect("英文填写提示", "English help"),
    "text": Aspect("文字", "text"),
    "hints": Aspect("情形提示", "hints", "code"),
    "validate.required": Aspect("必填", "required", "yes"),
    "validate.minLength": Aspect("最少字数", "least characters"),
    "validate.maxLength": Aspect("最多字数", "most characters"),
    "validate.min": Aspect("最小值", "least value"),
    "validate.max": Aspect("最大值", "greatest value"),
    "validate.maxRows": Aspect("最多行数", "most rows"),
    "validate.pattern": Aspect("格式", "pattern", "code"),
    "shixian.requiredWhen": Aspect("必填的条件", "condition of being required", "code"),
    "shixian.visibleWhen": Aspect("显示的条件", "condition of being shown", "code"),
    "shixian.fixed": Aspect("由系统填入的值", "value filled in", "code"),
    "shixian.initial": Aspect("预填的值", "value proposed", "code"),
    "shixian.source": Aspect("选项来源", "source of options", "code"),
    "shixian.sourceOf": Aspect("选项来源所依字段", "field the source depends on", "code"),
    "shixian.kind": Aspect("数据种类", "kind of value", "code"),
    "shixian.group": Aspect("分组", "group"),
    "shixian.group_en": Aspect("英文分组", "English group"),
    "shixian.optionsWhen": Aspect("选项可选的条件", "conditions of options", "code"),
    "shixian.optionsWhy": Aspect("选项不可选的说明", "why options are closed", "code"),
    "shixian.columns": Aspect("列", "columns", "code"),
    "shixian.most": Aspect("最大值的算式", "expression of the greatest value", "code"),
    "shixian.computedBy": Aspect("所依数字字段", "field it is computed by", "code"),
    "shixian.form": Aspect("所用表单", "form used"),
    "shixian.hideWithoutOptions": Aspect("无选项时隐藏", "hidden without options", "yes"),
}
_FORM = {
    "title": Aspect("标题", "title"),
    "title_en": Aspect("英文标题", "English title"),
    "maskIds": Aspect("证件号码遮盖", "masking of ids", "yes"),
    "id": Aspect("编号", "id"),
}
_ASIDE = ("components", "rules", "schemaVersion", "type", "exporter", "id")


def form_differences(
    path: str, old: Mapping[str, Any], new: Mapping[str, Any], users: tuple[str, ...]
) -> Iterator[Difference]:
    """Yield what differs between two versions of a form.

    Args:
        users: Elements that ask for it, to show in the diagram.
    """
    title = str(new.get("title") or old.get("title") or "")
    number = str(new.get("id") or path.removeprefix("forms/").removesuffix(".json"))

    def said(kind: str, text: Message, weight: int) -> Difference:
        zh, en = f"表单“{title}”（{number}）：{text.zh}", f"Form “{title}” ({number}): {text.en}"
        return Difference("forms", kind, Message(zh, en), number, users, users, weight, path=path)

    one, other = _flat(old, _ASIDE), _flat(new, _ASIDE)
    for name in dict.fromkeys((*one, *other)):
        if one.get(name) != other.get(name):
            aspect = _FORM.get(name) or Aspect(f"属性 {name}", f"attribute {name}")
            yield said("changed", _change(aspect, one.get(name), other.get(name)), 55)
    for kind, text, weight in (*_fields(fields(old), fields(new)), *_rules(old, new)):
        yield said(kind, text, weight)


def form_whole(path: str, form: Mapping[str, Any], kind: str, users: tuple[str, ...]) -> Difference:
    """Return the sentence of a form that only one side has."""
    number = str(form.get("id") or path)
    n = len(fields(form))
    zh, en = ("新增", "Added") if kind == "added" else ("删除", "Removed")
    text = Message(
        f"{zh}表单“{form.get('title', '')}”（{number}），{n} 个字段",
        f"{en} form “{form.get('title', '')}” ({number}), {n} fields",
    )
    before, after = (users, ()) if kind == "removed" else ((), users)
    return Difference("forms", kind, text, number, before, after, 26, path=path)


def fields(form: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the fields of a form by key, also those in groups, in their order."""
    found: dict[str, dict[str, Any]] = {}
    waiting = [form]
    while waiting:
        components = waiting.pop(0).get("components")
        for component in components if isinstance(components, list) else []:
            if isinstance(component, dict):
                key = str(component.get("key") or component.get("id") or component.get("path") or "")
                found.setdefault(key or f"{component.get('type', '')}#{len(found) + 1}", component)
                waiting.append(component)
    return found


Said = tuple[str, Message, int]


def _fields(old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]) -> Iterator[Said]:
    for key, field in old.items():
        if key not in new:
            name = _name(key, field)
            yield "removed", Message(f"删除字段“{name}”", f"removed field “{name}”"), 27
    for key, field in new.items():
        if key not in old:
            yield "added", _new_field(key, field), 26
    for key, field in new.items():
        if key in old:
            yield from _field(_name(key, field), old[key], field)
    yield from _order([key for key in old if key in new], [key for key in new if key in old], new)


def _new_field(key: str, field: Mapping[str, Any]) -> Message:
    name = _name(key, field)
    required = _flat(field, ()).get("validate.required") is True
    kind = _TYPES.get(str(field.get("type")), (str(field.get("type")),) * 2)
    return Message(
        f"新增{'必填' * required}字段“{name}”（{kind[0]}）",
        f"added {'required ' * required}field “{name}” ({kind[1]})",
    )


def _field(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Said]:
    one, other = (
        _flat(old, ("components", "values", "key", "id")),
        _flat(new, ("components", "values", "key", "id")),
    )
    for path in dict.fromkeys((*one, *other)):
        before, after = one.get(path), other.get(path)
        if before == after:
            continue
        if path == "validate.required":
            now = after is True
            yield (
                "changed",
                Message(
                    f"字段“{name}”{'改为必填' if now else '不再必填'}",
                    f"field “{name}” is {'now' if now else 'no longer'} required",
                ),
                28,
            )
            continue
        if path == "label":
            text = Message(f"字段“{before}”改名为“{after}”", f"field “{before}” is now “{after}”")
            yield "changed", text, 40
            continue
        aspect = _FIELD.get(path) or Aspect(f"属性 {path}", f"attribute {path}", "code")
        change = _change(aspect, before, after)
        yield "changed", Message(f"字段“{name}”的{change.zh}", f"field “{name}”, {change.en}"), 40
    yield from _options(name, old.get("values"), new.get("values"))


def _options(name: str, old: Any, new: Any) -> Iterator[Said]:
    one, other = _by_value(old), _by_value(new)
    for value, label in one.items():
        if value not in other:
            yield (
                "changed",
                Message(f"字段“{name}”删除选项“{label}”", f"field “{name}”: removed option “{label}”"),
                38,
            )
    for value, label in other.items():
        if value not in one:
            yield (
                "changed",
                Message(f"字段“{name}”新增选项“{label}”", f"field “{name}”: added option “{label}”"),
                38,
            )
        elif one[value] != label:
            was = one[value]
            yield (
                "changed",
                Message(
                    f"字段“{name}”的选项“{was}”改为“{label}”",
                    f"field “{name}”: option “{was}” is now “{label}”",
                ),
                42,
            )
    kept = [value for value in one if value in other]
    if kept != [value for value in other if value in one]:
        yield (
            "changed",
            Message(f"字段“{name}”的选项调整次序", f"field “{name}”: options in another order"),
            58,
        )
    elif old != new and one == other:
        text = Message(f"字段“{name}”的选项的其他内容有变", f"field “{name}”: options say more or less")
        yield "changed", text, 58


def _order(old: list[str], new: list[str], told: dict[str, dict[str, Any]]) -> Iterator[Said]:
    """Yield the fewest fields that moved among those that both have."""
    kept: set[str] = set()
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        kept |= set(new[block.b : block.b + block.size])
    for place, key in enumerate(new):
        if key in kept:
            continue
        name = _name(key, told[key])
        if place == 0:
            yield "changed", Message(f"字段“{name}”移至最前", f"field “{name}” moved to the top"), 58
        else:
            after = _name(new[place - 1], told[new[place - 1]])
            text = Message(f"字段“{name}”移至“{after}”之后", f"field “{name}” moved behind “{after}”")
            yield "changed", text, 58


def _rules(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Said]:
    one, other = (_by_message(form.get("rules")) for form in (old, new))
    for message, rule in one.items():
        if message not in other:
            yield "changed", Message(f"删除校验“{message}”", f"removed rule “{message}”"), 39
        elif rule != other[message]:
            was, now = short(str(rule.get("when", ""))), short(str(other[message].get("when", "")))
            if was != now:
                text = Message(f"校验“{message}”的条件：{was} → {now}", f"rule “{message}”: {was} → {now}")
            else:
                text = Message(f"校验“{message}”的其他内容有变", f"rule “{message}” says something else")
            yield "changed", text, 39
    for message in other:
        if message not in one:
            yield "changed", Message(f"新增校验“{message}”", f"added rule “{message}”"), 39


def _by_message(rules: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for rule in rules if isinstance(rules, list) else []:
        if isinstance(rule, dict):
            message = short(str(rule.get("message", "")))
            found[message if message not in found else f"{message}（{rule.get('field', '')}）"] = rule
    return found


def _by_value(values: Any) -> dict[str, str]:
    return {
        str(option.get("value")): str(option.get("label", option.get("value")))
        for option in (values if isinstance(values, list) else [])
        if isinstance(option, dict)
    }


def _flat(field: Mapping[str, Any], aside: tuple[str, ...]) -> dict[str, Any]:
    """Return the properties with those of `validate` and `shixian` by path, without the empty ones."""
    found: dict[str, Any] = {}
    for name, value in field.items():
        if name in aside:
            continue
        if isinstance(value, dict) and name in ("validate", "shixian", "properties", "conditional"):
            found |= {f"{name}.{inner}": said for inner, said in value.items()}
        else:
            found[name] = value
    return {name: value for name, value in found.items() if value not in (None, "", False)}


def _change(aspect: Aspect, before: Any, after: Any) -> Message:
    was, now = _shown(aspect, before), _shown(aspect, after)
    return Message(f"{aspect.zh}：{was.zh} → {now.zh}", f"{aspect.en}: {was.en} → {now.en}")


def _shown(aspect: Aspect, value: Any) -> Message:
    if aspect.shows == "yes":
        return Message("是", "yes") if value else Message("否", "no")
    if value is None:
        return NONE
    if aspect.shows == "type":
        return Message(*_TYPES.get(str(value), (str(value), str(value))))
    return Message(short(str(value)), short(str(value)))


def _name(key: str, field: Mapping[str, Any]) -> str:
    return short(str(field.get("label") or field.get("text") or key))
