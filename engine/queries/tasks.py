"""The task page: the form, what is known already, what the reader may do."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import select

from engine.deadlines import OWED
from engine.definitions import Definition, load_definition
from engine.errors import NotFound
from engine.expressions import ExpressionRefused, compile_expression
from engine.forms import shown
from engine.forms.model import PLACEHOLDER, Component
from engine.handlers import mandates
from engine.handlers.access import must_see
from engine.handlers.acts import start_of
from engine.handlers.case import PARTY_VARIABLES
from engine.handlers.parties import members
from engine.handlers.sources import from_variables
from engine.handlers.subform_items import begin
from engine.handlers.user_tasks import fields_named
from engine.handlers.verbs.facts import task_facts
from engine.model import Node, Process
from engine.people import Actor
from engine.profiles import profile_of
from engine.queries import updates
from engine.queries.acts import offered
from engine.queries.cases import documents, filled_forms, head, role_name
from engine.queries.deadlines import deadlines
from engine.queries.flags import flags_beside
from engine.queries.functions import functions_for
from engine.queries.papers import attachments
from engine.queries.reader import Reader
from engine.queries.views import ActView, Colleague, Draft, FilledForm, TaskView
from engine.speech import Bilingual, english
from engine.storage.tables import catalogue_entry, draft, process_instance, user, user_task
from engine.verbs import refusal

_MOST_COMPUTED = 60
_BY_PLATFORM = Bilingual("提交时由共享平台登记", "Registered by the sharing platform on submission")


def task(reader: Reader, actor: Actor, key: int) -> TaskView:
    """Return a user task for its page.

    Raises:
        NotFound: no such task for this reader.
    """
    row = reader.conn.execute(select(user_task).where(user_task.c.key == key)).first()
    if row is None:
        raise NotFound("没有该任务。", f"Expected a user task {key}, found none.")
    instance = must_see(reader.conn, actor, row.instance_key)
    definition = load_definition(reader.conn, instance.definition_key)
    node = definition.process.nodes[row.element_id]
    blank: dict[str, Any] = {"id": "", "title": row.name, "components": []}
    form = _worded(reader, definition, node.form, instance.variables) if node.form else blank
    kept = reader.conn.execute(select(draft).where(draft.c.user_task_key == key)).first()
    actor = mandates.for_task(reader.conn, actor, row)
    facts = task_facts(reader.conn, actor, row, reader.now, "complete")
    limits = deadlines(reader, row.instance_key)
    labels = {c["key"]: c.get("label", "") for c in form.get("components", [])}
    begun = (kept.form_values if kept else None) or known_values(reader, definition, node, instance.variables)
    values = _opened(reader, form, begun, instance.variables)
    forms = _shown_forms(reader, definition, node, instance)
    return TaskView(
        key=row.key,
        element_id=row.element_id,
        name=row.name,
        state=row.state,
        form=form,
        values=values,
        closed_options=_closed_options(reader, definition, node.form, instance.variables),
        sources=_sources(reader, definition, form, instance.variables, values),
        fixed=fixed_values(reader, definition, node.form, instance.variables),
        role_name=role_name(profile_of(definition.process), row.lane),
        org_name=reader.org(row.organisation_key),
        assignee_name=reader.acting(row.assignee, row.stands_for),
        mine=row.assignee == actor.user_key,
        may_claim=refusal("claim", facts) is None,
        may_complete=refusal("complete", facts) is None,
        may_assign=refusal("assign", facts) is None,
        colleagues=_colleagues(reader, row, actor),
        head=head(reader, instance, limits),
        deadlines=tuple(
            d
            for d in limits
            if d.state in OWED
            and (not node.apart or d.element_id in {n.id for n in definition.process.attached(node.id)})
        ),
        forms=forms,
        attachments=attachments(reader, actor, row.instance_key, forms),
        draft=Draft(kept.version, kept.saved_at, reader.person(kept.saved_by) or "") if kept else None,
        defects=tuple(_remarks(definition.process, node, instance.variables, labels)),
        open_fields=_open_fields(reader, definition, node, instance.variables),
        differences=updates.differences(reader, form, values),
        comparison=updates.comparison(instance.variables, form),
        documents=() if node.apart else documents(reader, row.instance_key),
        ended_by=reader.acting(row.ended_by, row.stands_for),
        computed=_computed(reader, definition, node.form, instance.variables),
        apart=node.apart,
        flags=() if node.apart else flags_beside(reader, actor, instance),
    )


def task_case(reader: Reader, actor: Actor, key: int) -> int:
    """Return the case of a user task.

    Raises:
        NotFound: no such task for this reader.
    """
    case = reader.conn.execute(select(user_task.c.instance_key).where(user_task.c.key == key)).scalar()
    if case is None:
        raise NotFound("没有该任务。", f"Expected a user task {key}, found none.")
    must_see(reader.conn, actor, case)
    return int(case)


def act(reader: Reader, actor: Actor, key: int, element_id: str) -> ActView:
    """Return an act on a case for its page.

    Raises:
        NotFound: no such case for this reader, or the act is not offered now.
    """
    instance = must_see(reader.conn, actor, key)
    definition = load_definition(reader.conn, instance.definition_key)
    found = next(
        (a for a in offered(reader, actor, definition, instance) if a.element_id == element_id), None
    )
    node = start_of(definition.process, element_id)
    if found is None or node is None:
        raise NotFound("目前没有该操作。", f"Expected an act that is offered now, found {element_id}.")
    variables = instance.variables
    blank: dict[str, Any] = {"id": "", "title": found.name, "components": []}
    form = _worded(reader, definition, node.form, variables) if node.form else blank
    limits = deadlines(reader, key)
    return ActView(
        act=found,
        form=form,
        values=known_values(reader, definition, node, variables),
        closed_options=_closed_options(reader, definition, node.form, variables),
        sources=_sources(reader, definition, form, variables, {}),
        fixed=fixed_values(reader, definition, node.form, variables),
        head=head(reader, instance, limits),
        deadlines=tuple(d for d in limits if d.ended_at is None),
    )


def act_form(reader: Reader, actor: Actor, key: int, element_id: str) -> tuple[dict[str, Any], str]:
    """Return the form and the name of an act, whether or not it is offered any more: a repeated post is answered.

    Raises:
        NotFound: no such case for this reader, or no such act.
    """
    instance = must_see(reader.conn, actor, key)
    definition = load_definition(reader.conn, instance.definition_key)
    node = start_of(definition.process, element_id)
    if node is None:
        raise NotFound("流程没有该操作。", f"Expected an act, found {element_id}.")
    blank: dict[str, Any] = {"components": []}
    form = _worded(reader, definition, node.form, instance.variables) if node.form else blank
    return form, node.name


def known_values(
    reader: Reader, definition: Definition, node: Node, variables: dict[str, Any]
) -> dict[str, Any]:
    """Return what the form starts with: what is to be mended, else what the case knows and the form proposes.

    A decision never starts with an earlier one, which may have been another person's or department's.
    """
    before = variables.get(node.form_variable or "") if node.form_resumes else None
    if isinstance(before, dict) and before:
        return dict(before)
    if node.form is None:
        return {}
    resource = variables.get("resource") or {}
    known = {"title": variables.get("title"), "resource_id": resource.get("key")}
    fields = list(definition.forms[node.form].fields)
    found = {c.key: known[c.key] for c in fields if known.get(c.key)}
    functions = _functions(reader, definition, variables)
    for c in fields:
        value = _evaluated(c.initial, variables, functions) if c.initial else None
        if value is not None:
            found[c.key] = value
    return found


def _opened(
    reader: Reader, form: dict[str, Any], values: dict[str, Any], variables: dict[str, Any]
) -> dict[str, Any]:
    """Return the values with what the objects of sub-forms begin with."""
    lists = {
        c["key"]: begin(reader.conn, variables, c, values.get(c["key"]))
        for c in form.get("components", [])
        if c.get("type") == "subforms"
    }
    return {**values, **lists}


def fixed_values(
    reader: Reader, definition: Definition, form_id: str | None, variables: dict[str, Any]
) -> dict[str, str]:
    """Return the text shown for fields that the server fills."""
    resource = variables.get("resource") or {}
    texts = {
        **{name: reader.org(_key(variables.get(name))) for name in PARTY_VARIABLES},
        "resource_id": f"{resource.get('name', '')}（{resource.get('code', '')}）",
        "provided_at": _BY_PLATFORM,
        "done_at": _BY_PLATFORM,
        "record_count": Bilingual("提交时由共享平台统计", "Counted by the sharing platform on submission"),
    }
    functions = _functions(reader, definition, variables)
    found: dict[str, str] = {}
    for c in definition.forms[form_id].fields if form_id else ():
        if c.form is not None:
            nested = fixed_values(reader, definition, c.form, variables)
            found |= {f"{c.key}.{key}": text for key, text in nested.items()}
        if c.fixed is None:
            continue
        if c.key in texts:
            found[c.key] = texts[c.key]
            continue
        value = _evaluated(c.fixed, variables, functions)
        named = reader.org(_key(value)) if c.kind == "org" else None
        found[c.key] = named or ("" if value is None else shown(c, value, dict(c.values)))
    return found


def _shown_forms(reader: Reader, definition: Definition, node: Node, instance: Any) -> tuple[FilledForm, ...]:
    """Return what was handed in; where a task stands apart, only by its own side (R13-14)."""
    found = filled_forms(reader, definition, instance.key, instance.variables)
    nodes, side = definition.process.nodes, (node.role or "").partition(".")[0]
    if not node.apart:
        return found
    return tuple(
        f
        for f in found
        if f.element_id == node.id
        or (nodes[f.element_id].state == "draft" and (nodes[f.element_id].role or "").startswith(f"{side}."))
    )


def _computed(
    reader: Reader, definition: Definition, form_id: str | None, variables: dict[str, Any]
) -> dict[str, dict[str, str]]:
    """Return what a fixed field shows for every number that may be typed into another: the server counts, no script."""
    functions = _functions(reader, definition, variables)
    fields = {c.key: c for c in definition.forms[form_id].fields} if form_id else {}
    found: dict[str, dict[str, str]] = {}
    for c in fields.values():
        source = fields.get(c.computed_by or "")
        if source is None or source.most is None or c.fixed is None:
            continue
        most = _evaluated(source.most, variables, functions)
        for n in range(1, min(most, _MOST_COMPUTED) + 1) if isinstance(most, int) else ():
            value = compile_expression(c.fixed).evaluate({"case": variables, source.key: n}, functions)
            if value is not None:
                found.setdefault(c.key, {})[str(n)] = shown(c, value, dict(c.values))
    return found


def _evaluated(
    expression: str, variables: dict[str, Any], functions: Mapping[str, Callable[..., object]]
) -> Any:
    """Return what an expression over the case says, None where it hangs on what is typed."""
    try:
        return compile_expression(expression).evaluate({"case": variables}, functions)
    except ExpressionRefused:
        return None


def _worded(
    reader: Reader, definition: Definition, form_id: str, variables: dict[str, Any]
) -> dict[str, Any]:
    """Return a form as stored, its descriptions with the settings' values and the hints that hold now."""
    functions = _functions(reader, definition, variables)
    entry = select(catalogue_entry.c.withdrawn_on).where(
        catalogue_entry.c.key == _key((variables.get("resource") or {}).get("key"))
    )
    withdrawn = reader.conn.execute(entry).scalar()
    resource = variables.get("resource") or {}
    # The frozen resource does not know what became of its entry since.
    known = {**variables, "resource": {**resource, "withdrawn_on": withdrawn and withdrawn.isoformat()}}
    values = {key: str(s.typed) for key, s in definition.process.settings.items()}

    def holds(expression: str) -> bool:
        try:
            return bool(compile_expression(expression).evaluate({"case": known}, functions))
        except ExpressionRefused:
            return False  # a hint decides nothing

    fields = {c.key: c for c in definition.forms[form_id].components}
    form = dict(definition.form_data[form_id])

    def worded(data: dict[str, Any], known: dict[str, Component]) -> dict[str, Any]:
        field = known.get(data.get("key", ""))
        if field is None:
            return data
        data = {**data, "description": _description(field, values, holds)}
        if field.form is None:
            return data
        inner = {c.key: c for c in definition.forms[field.form].components}
        nested = definition.form_data[field.form]
        return {**data, "subform": {**nested, "components": [worded(c, inner) for c in nested["components"]]}}

    form["components"] = [
        worded(data, fields)
        for data in form["components"]
        if data.get("key") not in fields or _asked(fields[data["key"]], holds)
    ]
    return form


def _asked(component: Component, holds: Callable[[str], bool]) -> bool:
    """Say whether a field is asked for at all: one that hangs on the case alone is left out where it is not."""
    text = component.visible_when
    return text is None or compile_expression(text).names != {"case"} or holds(text)


def _description(component: Component, values: dict[str, str], holds: Callable[[str], bool]) -> str:
    said = [component.description, *(text for when, text in component.hints if holds(when))]

    def filled(text: str) -> str:
        return PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)

    return Bilingual(filled("".join(said)), filled(" ".join(map(english, filter(None, said)))))


def _sources(
    reader: Reader,
    definition: Definition,
    form: dict[str, Any],
    variables: dict[str, Any],
    values: dict[str, Any],
) -> dict[str, Any]:
    """Return options by field; those of sub-forms by `entries.field`, or `entries.field:about`."""
    find = from_variables(reader.conn, variables, definition.forms.get("F12-A"), reader.today)
    found: dict[str, Any] = {}
    for c in form.get("components", []):
        source = (c.get("shixian") or {}).get("source")
        if source and c.get("key"):
            found[c["key"]] = tuple(find(source))
        for inner in (c.get("subform") or {}).get("components", []):
            own = inner.get("shixian") or {}
            name = f"{c['key']}.{inner.get('key')}"
            if own.get("source") and own.get("sourceOf"):
                for about in {
                    str(value.get(c["shixian"]["item"]) or "") for value in values.get(c["key"]) or []
                }:
                    found[f"{name}:{about}"] = tuple(find(f"{own['source']}:{about}"))
            elif own.get("source"):
                found[name] = tuple(find(own["source"]))
    return found


def _functions(
    reader: Reader, definition: Definition, variables: dict[str, Any]
) -> dict[str, Callable[..., object]]:
    return functions_for(reader, definition, _instance(reader, definition, variables), variables)


def _instance(reader: Reader, definition: Definition, variables: dict[str, Any]) -> int | None:
    of = process_instance.c
    query = select(of.key).where(
        of.business_id == variables.get("business_id"), of.process_id == definition.process.id
    )
    return reader.conn.execute(query).scalar()


def _closed_options(
    reader: Reader, definition: Definition, form_id: str | None, variables: dict[str, Any]
) -> dict[str, frozenset[str]]:
    """Return the options that may no longer be chosen, by field (R12-05, R12-08)."""
    functions = _functions(reader, definition, variables)

    def offered(expression: str) -> bool:
        try:
            return bool(compile_expression(expression).evaluate({"case": variables}, functions))
        except ExpressionRefused:
            return True  # it hangs on what is typed; the server says so when the form is handed in

    fields = definition.forms[form_id].fields if form_id else ()
    return {
        c.key: frozenset(value for value, when in c.options_when.items() if not offered(when))
        for c in fields
        if c.options_when
    }


def _colleagues(reader: Reader, row: Any, actor: Actor) -> tuple[Colleague, ...]:
    if row.state != "open":
        return ()
    matter = mandates.matter_of(reader.conn, row.instance_key)
    lane = members(reader.conn, row.organisation_key, row.role, reader.today, matter)
    keys = [k for k in lane if k != actor.user_key]
    rows = reader.conn.execute(
        select(user.c.username, user.c.name).where(user.c.key.in_(keys)).order_by(user.c.key)
    )
    return tuple(Colleague(r.username, r.name) for r in rows)


def _remarks(
    process: Process, node: Node, variables: dict[str, Any], fields: dict[str, str]
) -> Iterator[str]:
    """Yield why the task came back to this desk: what checks found, what a return or a supplement says.

    Args:
        fields: The labels of the form's fields.
    """
    for name in node.form_remarks:
        said = variables.get(name) or {}
        yield from said.get("defects") or ()
        sent_back = (
            said.get("decision") == "return" or said.get("accept") == "no" or said.get("result") == "fail"
        )
        if sent_back and said.get("comment"):
            yield f"{process.labels.get(name) or '意见'}：{said['comment']}"
        for row in said.get("supplement_list") or ():
            yield f"{fields.get(str(row.get('field')), row.get('field'))}：{row.get('demand')}"


def _open_fields(
    reader: Reader, definition: Definition, node: Node, variables: dict[str, Any]
) -> frozenset[str] | None:
    if node.form_open is None:
        return None
    functions = _functions(reader, definition, variables)
    try:
        return fields_named(compile_expression(node.form_open).evaluate(variables, functions))
    except ExpressionRefused:
        return None


def _first(variables: dict[str, Any], names: tuple[str, ...]) -> int | None:
    return next((int(variables[name]) for name in names if variables.get(name)), None)


def _key(value: Any) -> int | None:
    return int(value) if value else None
