"""The keys of the desk, in one table: the page's dialogue lists it and its script obeys it."""

from flask_babel import lazy_gettext

# What is done, the keys, and what the dialogue says.
SHORTCUTS = (
    ("help", "?", lazy_gettext("显示快捷键")),
    ("search", "/", lazy_gettext("查找")),
    ("down", "j", lazy_gettext("下一件")),
    ("up", "k", lazy_gettext("上一件")),
    ("open", "o", lazy_gettext("打开（也可用回车键）")),
    ("work", "e", lazy_gettext("办理：到表单的第一项")),
    ("tick", "x", lazy_gettext("选中或者取消选中")),
    ("save", "s", lazy_gettext("暂存")),
    ("inbox", "g i", lazy_gettext("到待办事项")),
    ("cases", "g c", lazy_gettext("到办理事项")),
    ("back", "Escape", lazy_gettext("回到列表")),
)
FORM_KEYS = (
    ("Ctrl+Enter", lazy_gettext("提交")),
    ("Ctrl+Shift+Enter", lazy_gettext("提交并办下一件")),
)
