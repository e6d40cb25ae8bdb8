"""What a document's template may use, in words: the list beside the editor, to be inserted by a click."""

from collections.abc import Iterator, Mapping

from flask_babel import gettext as _

from engine.forms import Form
from engine.model import PARTIES
from engine.profiles import Profile, party_name
from engine.workbench.outline import Outline
from web.language import said

Piece = tuple[str, str]
"""What it is, and what is put into the template."""


def pieces(
    drawn: Outline, forms: Mapping[str, Form], templates: list[str], profile: Profile
) -> list[tuple[str, list[Piece]]]:
    """Return what may be inserted, group by group."""
    groups = [
        (_("文书"), _document()),
        (_("单位"), _parties(profile)),
        (_("法规"), [(_("法规名称"), "{{ law.name }}"), *_sentences(profile)]),
        (_("期限"), _limit()),
        (_("事项"), list(_case(drawn))),
        *((title, found) for title, found in _answers(drawn, forms)),
        (
            _("流程设置"),
            [(s.note or s.key, f'{{{{ setting["{s.key}"] }}}}') for s in drawn.settings.values()],
        ),
        (
            _("已印发文书的文号"),
            [(name, f'{{{{ issued["{name}"] }}}}') for name in templates if not name.startswith("_")],
        ),
        (_("写法"), _syntax()),
    ]
    return [(title, found) for title, found in groups if found]


def patterns() -> list[Piece]:
    """Return the patterns a new document may begin from: the file's name and what it is."""
    return [("letter", _("函")), ("notice", _("通知书（附表）")), ("blank", _("空白"))]


def _document() -> list[Piece]:
    return [
        (_("文号"), "{{ doc.number }}"),
        (_("标题"), "{{ doc.title }}"),
        (_("印发日期"), "{{ doc.issued_on | date_zh }}"),
        (_("发文单位"), "{{ issuer }}"),
        (_("主送单位"), "{{ addressee }}"),
        (_("签发人"), "{{ signer }}"),
        (_("联系人"), "{{ contact.name }}"),
        (_("联系电话"), "{{ contact.phone }}"),
    ]


def _parties(profile: Profile) -> list[Piece]:
    """Return the parties as the model's law calls them; three of them have short names."""
    short = ("use", "prov", "mgr")
    return [
        (said(party_name(profile, prefix)), f"{{{{ {'' if prefix in short else 'parties.'}{prefix}.name }}}}")
        for prefix in PARTIES
    ]


def _sentences(profile: Profile) -> list[Piece]:
    """Return what the law says in words of its own, each by its beginning."""
    return [
        (str(text)[:24], f"{{{{ law.{key} }}}}")
        for key, text in profile.sentences.items()
        if key.isidentifier()
    ]


def _limit() -> list[Piece]:
    return [
        (_("期限名称"), "{{ deadline.name }}"),
        (_("长度和单位"), "{{ deadline.length }}{{ deadline.unit }}"),
        (_("起算日"), "{{ deadline.event_on | date_zh }}"),
        (_("届满日"), "{{ deadline.due_on | date_zh }}"),
        (_("原届满日"), "{{ deadline.original_due_on | date_zh }}"),
    ]


def _case(drawn: Outline) -> Iterator[Piece]:
    yield _("事项编号"), "{{ case.business_id }}"
    yield _("发起时间"), "{{ case.started_at | instant_zh }}"
    filters = {"instant": " | instant_zh", "date": " | date_zh"}
    for name, (kind, label) in drawn.variables.items():
        if kind != "form" and name != "business_id":
            yield label or name, f"{{{{ case.{name}{filters.get(kind, '')} }}}}"


def _answers(drawn: Outline, forms: Mapping[str, Form]) -> Iterator[tuple[str, list[Piece]]]:
    """Yield the fields of each form under the variable that keeps it."""
    seen: set[tuple[str, str]] = set()
    for use in drawn.uses:
        if use.kind != "form" or not use.variable or use.of not in forms or (use.of, use.variable) in seen:
            continue
        seen.add((use.of, use.variable))
        form = forms[use.of]
        rows = (
            f"{{% for label, text in forms.{use.variable} %}}\n"
            "<tr><th>{{ label }}</th><td>{{ text }}</td></tr>\n{% endfor %}"
        )
        fields = [
            (
                str(c.label),
                f"{{{{ case.{use.variable}.{c.key}{' | date_zh' if c.type == 'datetime' else ''} }}}}",
            )
            for c in form.fields
            if c.type not in ("filepicker", "table", "records", "subforms", "checklist")
        ]
        title = _("%(title)s（%(variable)s）", title=form.title or form.id, variable=use.variable)
        yield title, [(_("所有已填字段（表格各行）"), rows), *fields]


def _syntax() -> list[Piece]:
    return [
        (_("条件"), "{% if case.business_id %}\n\n{% else %}\n\n{% endif %}"),
        (_("逐项列出"), "{% for item in [] %}\n{{ item }}\n{% endfor %}"),
        (_("段落"), "<p></p>"),
        (_("表格"), "<table>\n<tr><th></th><td></td></tr>\n</table>"),
        (_("作为一句结束"), " | full_stop"),
        (_("日期写法"), " | date_zh"),
        (_("时间写法"), " | instant_zh"),
        (_("附件清单"), '{% set annexes = [""] %}'),
    ]
