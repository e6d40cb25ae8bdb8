"""What the editor of forms can edit, in words: every property the engine knows, by type of field.

The page's script is told nothing else: it makes a control for each property that fits the type of the chosen field.
"""

from typing import Any

from flask_babel import gettext as _

from engine.forms.source_names import SOURCE_NAMES

_TEXT = ("textfield", "textarea")
_CHOICE = ("radio", "select", "checklist")
_ASKED = (*_TEXT, *_CHOICE, "number", "checkbox", "datetime", "filepicker", "table", "records", "subforms")


def types() -> list[tuple[str, str]]:
    """Return the types of fields in words, in the order in which they are offered."""
    return [
        ("textfield", _("单行文字")),
        ("textarea", _("多行文字")),
        ("number", _("整数")),
        ("datetime", _("日期")),
        ("radio", _("单选")),
        ("select", _("下拉选择")),
        ("checklist", _("多选")),
        ("checkbox", _("勾选框")),
        ("filepicker", _("附件")),
        ("table", _("表格")),
        ("records", _("记录表（可上传 CSV）")),
        ("subforms", _("子表单")),
        ("text", _("说明文字")),
    ]


def sections() -> list[dict[str, Any]]:
    """Return the properties of a field, section by section."""
    return [
        {"title": _("基本"), "properties": _basic()},
        {"title": _("校验"), "properties": _limits()},
        {"title": _("选项"), "properties": _options()},
        {"title": _("列"), "properties": _columns()},
        {"title": _("子表单"), "properties": _subforms()},
        {"title": _("条件"), "properties": _conditions()},
        {"title": _("取值"), "properties": _values()},
        {"title": _("提示"), "properties": _hints()},
    ]


def form_properties() -> list[dict[str, Any]]:
    """Return the properties of a form as a whole."""
    return [
        _property("title", _("表单名称")),
        _property("title_en", _("英文名称")),
        _property("maskIds", _("证件号码只保存后四位"), "check"),
        _property("shixian.check", _("另行核对"), hint=_("平台另行核对的名称，一般不填。")),
        _property(
            "rules",
            _("跨字段规则"),
            "rows",
            hint=_("条件成立时不得提交，并在所列字段旁显示提示。"),
            row=_("规则"),
            cells=[
                _property("field", _("字段"), "field"),
                _property("when", _("条件"), "expression"),
                _property("message", _("提示"), "textarea"),
                _property("message_en", _("英文提示"), "textarea"),
            ],
        ),
    ]


def kinds() -> list[list[str]]:
    """Return what a text or a tick can be beside its type."""
    return [
        ["", _("不限")],
        ["phone", _("电话号码")],
        ["email", _("电子邮箱")],
        ["org", _("部门")],
        ["resource", _("目录条目")],
        ["class_code", _("分类代码")],
        ["class_path", _("分类名称")],
        ["instant", _("时刻")],
        ["must_be_true", _("必须勾选")],
    ]


def _basic() -> list[dict[str, Any]]:
    return [
        _property(
            "key", _("字段名"), "key", hint=_("字母开头，由字母、数字、下划线组成；条件和文书以此引用。")
        ),
        _property("type", _("类型"), "type"),
        _property("label", _("名称"), "textarea"),
        _property("label_en", _("英文名称"), "textarea"),
        _property(
            "description",
            _("填写说明"),
            "textarea",
            hint=_("可以引用流程设置，例如 {p12.reply_wd}。"),
        ),
        _property("description_en", _("英文说明"), "textarea"),
        _property("shixian.group", _("分组"), "group"),
        _property("shixian.group_en", _("分组英文名")),
        _property("shixian.kind", _("内容"), "kind", types=(*_TEXT, "select", "checkbox", "datetime")),
    ]


def _limits() -> list[dict[str, Any]]:
    return [
        _property("validate.required", _("必填"), "check", types=_ASKED),
        _property("validate.minLength", _("最少字数"), "number", types=_TEXT),
        _property("validate.maxLength", _("最多字数"), "number", types=_TEXT),
        _property("validate.min", _("最小值"), "number", types=("number",)),
        _property("validate.max", _("最大值"), "number", types=("number",)),
        _property("validate.max", _("最多个数"), "number", types=("filepicker", "subforms", "records")),
        _property("validate.maxRows", _("最多行数"), "number", types=("table",)),
        _property(
            "shixian.most",
            _("办理时的最大值"),
            "expression",
            types=("number",),
            hint=_("例如 extension_left('TM13-1')。"),
        ),
    ]


def _options() -> list[dict[str, Any]]:
    option = [
        _property("value", _("值")),
        _property("label", _("名称")),
        _property("label_en", _("英文名称")),
    ]
    return [
        _property("values", _("选项"), "rows", types=_CHOICE, row=_("选项"), cells=option),
        _property(
            "shixian.source",
            _("选项来源"),
            "source",
            types=(*_TEXT, *_CHOICE, "table", "subforms"),
            hint=_("没有列出选项时，由平台按此提供；也可以写“变量.字段”，取自其他表单。"),
        ),
        _property("shixian.sourceOf", _("按哪一字段提供"), "field", types=_CHOICE),
        _property("shixian.hideWithoutOptions", _("没有选项时不显示"), "check", types=_CHOICE),
        _property(
            "shixian.optionsWhen",
            _("选项的条件"),
            "map",
            types=_CHOICE,
            row=_("条件"),
            hint=_("条件不成立时，该选项不能选择。"),
            maps=["shixian.optionsWhen", "shixian.optionsWhy", "shixian.optionsWhy_en"],
            cells=[
                _property("name", _("选项的值"), "option"),
                _property("0", _("可以选择的条件"), "expression"),
                _property("1", _("不能选择的理由")),
                _property("2", _("英文理由")),
            ],
        ),
    ]


def _columns() -> list[dict[str, Any]]:
    common = [
        _property("key", _("列名")),
        _property("label", _("名称")),
        _property("label_en", _("英文名称")),
    ]
    table = [
        *common,
        _property(
            "type",
            _("类型"),
            "choice",
            options=[
                ["", _("文字")],
                ["select", _("下拉选择")],
                ["date", _("日期")],
                ["number", _("整数")],
            ],
        ),
        _property("values", _("选项"), "lines", hint=_("每行一个：值=名称=英文名称")),
        _property("optional", _("可以不填"), "check"),
        _property("readonly", _("只读"), "check"),
    ]
    records = [
        *common,
        _property("required", _("必填"), "check"),
        _property("maxLength", _("最多字数"), "number"),
        _property("masked", _("只保存后四位"), "check"),
    ]
    return [
        _property("shixian.columns", _("列"), "rows", types=("table",), row=_("列"), cells=table),
        _property("shixian.columns", _("列"), "rows", types=("records",), row=_("列"), cells=records),
    ]


def _subforms() -> list[dict[str, Any]]:
    only = ("subforms",)
    return [
        _property("shixian.form", _("所用表单"), "form", types=only),
        _property("shixian.item", _("以哪一字段区分"), types=only, hint=_("所用表单中的字段名。")),
        _property("shixian.items", _("开始时列出"), types=only, hint=_("平台提供的清单名称。")),
        _property("shixian.newLabel", _("新增一项的名称"), types=only),
        _property("shixian.newLabel_en", _("新增一项的英文名称"), types=only),
    ]


def _conditions() -> list[dict[str, Any]]:
    return [
        _property(
            "shixian.visibleWhen",
            _("显示条件"),
            "expression",
            hint=_("例如 decision == 'refuse'；不填为始终显示。"),
        ),
        _property("shixian.requiredWhen", _("必填条件"), "expression", types=_ASKED),
    ]


def _values() -> list[dict[str, Any]]:
    return [
        _property(
            "shixian.fixed",
            _("由平台填入"),
            "expression",
            types=_ASKED,
            hint=_("办理人不能修改，例如 case['using_dept']。"),
        ),
        _property("shixian.initial", _("预填"), "expression", types=_ASKED, hint=_("办理人可以修改。")),
        _property(
            "shixian.computedBy",
            _("随哪一整数变化"),
            "field",
            types=("textfield", "datetime", "number"),
            hint=_("由平台填入的内容随所列字段变化时填写。"),
        ),
    ]


def _hints() -> list[dict[str, Any]]:
    return [
        _property(
            "hints",
            _("按条件显示的提示"),
            "rows",
            row=_("提示"),
            cells=[
                _property("when", _("条件"), "expression"),
                _property("text", _("提示"), "textarea"),
                _property("text_en", _("英文提示"), "textarea"),
            ],
        )
    ]


def sources() -> list[str]:
    """Return the names of where options may come from."""
    return ["entry.items", *sorted(SOURCE_NAMES)]


def words() -> dict[str, str]:
    """Return what the page's script says."""
    return {
        "whole": _("表单属性"),
        "untitled": _("（未命名）"),
        "required": _("必填"),
        "conditional": _("有条件"),
        "fixed": _("平台填入"),
        "problems": _("有{n}处问题"),
        "up": _("上移“{name}”"),
        "down": _("下移“{name}”"),
        "copy": _("复制“{name}”"),
        "remove": _("删去“{name}”"),
        "copy_short": _("复制"),
        "remove_short": _("删去"),
        "removed": _("已删去“{name}”，可以后退一步。"),
        "moved": _("“{name}”已移至第{n}位"),
        "added": _("已增加“{name}”"),
        "new_field": _("新字段"),
        "add_row": _("增加{row}"),
        "remove_row": _("删去第{n}项"),
        "row_up": _("上移第{n}项"),
        "nth": _("第{n}项"),
        "none": _("无"),
        "unknown": _("其他属性（原样保留）"),
        "bad_key": _("字段名应以字母开头，由字母、数字、下划线组成，不能为 case。"),
        "double_key": _("字段名“{key}”已经使用。"),
        "bad_number": _("应为整数。"),
        "bad_json": _("没有采用：{why}"),
        "applied": _("已采用。"),
        "preview_failed": _("表单暂时不能显示：{why}"),
        "not_read": _("文件不是有效的表单，只能以 JSON 修改。"),
        "rename_title": _("字段名由“{old}”改为“{new}”"),
        "rename_sure": _("下列各处可以一并改名："),
        "rename_unsure": _("下列各处可能引用该字段，须自行核对："),
        "line": _("第{n}行"),
    }


def _property(path: str, label: str, kind: str = "text", **more: Any) -> dict[str, Any]:
    return {"path": path, "label": label, "kind": kind, **more}
