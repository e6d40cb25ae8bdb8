"""The case page: head, limits, tasks, papers, history."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from engine.definitions import Definition, load_definition, profile_in
from engine.events import ActDone, ElementReached, InstanceMigrated, TimerFired, UserTaskCompleted
from engine.handlers.access import must_see
from engine.handlers.versions import newer_version
from engine.history.chain import Recorded, parse
from engine.history.words import sentence
from engine.integrity.walk import break_of, raw_rows
from engine.model import PARTIES, UNLISTED, Process
from engine.people import ROLES, Actor, two_names
from engine.profiles import Profile, party_name, profile_of
from engine.queries import updates
from engine.queries.acts import followers, offered
from engine.queries.deadlines import deadlines
from engine.queries.flags import flags_beside
from engine.queries.incidents import of_case
from engine.queries.links import links
from engine.queries.reader import PLATFORM_NAME, Reader
from engine.queries.states import case_state
from engine.queries.views import (
    CaseView,
    DeadlineView,
    DocumentLine,
    FilledForm,
    Head,
    HistoryLine,
    TaskLine,
)
from engine.speech import Bilingual, english
from engine.storage.tables import document, event, user_task

_UNREADABLE = Bilingual("（该条记录已被改动，无法读取。）", "(This event was changed and cannot be read.)")
_VERSIONS = ("InstanceRebound", "VersionKept", "InstanceMigrated")


def case(reader: Reader, actor: Actor, key: int) -> CaseView:
    """Return everything on the page of a case.

    Raises:
        NotFound: no such case for this reader.
    """
    row = must_see(reader.conn, actor, key)
    definition = load_definition(reader.conn, row.definition_key)
    limits = deadlines(reader, key)
    speaks = profile_of(definition.process)
    lines = task_lines(reader, actor, key, speaks)
    rows = raw_rows(reader.conn, key)
    log = [(seq, body or b"", digest) for seq, _, body, digest in rows]
    history = history_lines(reader, log, speaks)
    return CaseView(
        head=head(reader, row, limits),
        deadlines=limits,
        tasks=lines,
        forms=filled_forms(reader, definition, key, row.variables),
        documents=documents(reader, key),
        history=history,
        tokens=tuple(dict.fromkeys(line.element_id for line in lines if line.state == "open")),
        passed=passed(definition, log),
        links=links(reader, actor, row),
        not_shared_basis=_not_shared_basis(row),
        acts=offered(reader, actor, definition, row),
        followers=followers(reader, actor, row),
        incidents=of_case(reader, actor, key) if row.incidents else (),
        flags=flags_beside(reader, actor, row),
        comparison=updates.comparison(row.variables, {}),
        broken=break_of(reader.conn, key, rows, reader.algorithm),
    )


def head(reader: Reader, row: Any, limits: tuple[DeadlineView, ...]) -> Head:
    """Return what stands at the top of every page about the case."""
    definition = load_definition(reader.conn, row.definition_key)
    process, speaks = definition.process, profile_of(definition.process)
    running = [d for d in limits if d.state in ("running", "overdue")]
    tones = [d.chip.tone for d in running]
    tone = "late" if "late" in tones else "soon" if {"soon", "today"} & set(tones) else None
    return Head(
        key=row.key,
        business_id=row.business_id,
        title=row.title,
        process_id=row.process_id,
        process_name=process.name,
        article=process.article,
        definition_key=row.definition_key,
        definition_version=definition.version,
        state=case_state(row.state, row.overdue, tone, any(d.extended_by for d in running)),
        result=row.result,
        parties=tuple(
            (_party_label(process, party), reader.org(_org(row, party)))
            for party in process.parties
            if PARTIES[party] not in UNLISTED or _org(row, party)
        ),
        managing_name=reader.org(row.managing_key),
        started_at=row.started_at,
        received_at=row.received_at,
        ended_at=row.ended_at,
        tone=tone or "",
        version_note=_version_note(reader, row),
        consenting=(party_name(speaks, "use"), party_name(speaks, "prov")),
    )


def _version_note(reader: Reader, row: Any) -> str:
    """Return what the change of the version means for the case (R-V1), empty where there was none."""
    query = (
        select(event.c.body)
        .where(event.c.stream == row.key, event.c.type.in_(_VERSIONS))
        .order_by(event.c.seq.desc())
    )
    newer = newer_version(reader.conn, row, reader.today)
    last = reader.conn.execute(query.limit(1)).scalar()
    if last is not None:
        return sentence(
            parse(last).event, reader.org, reader.person, profile_in(reader.conn, row.definition_key)
        )
    if newer is not None:
        version = load_definition(reader.conn, newer).version
        return Bilingual(
            f"申请尚未送达，流程第{version}版已施行；办理下一步时转为适用第{version}版。",
            f"The application is not delivered yet and version {version} of the process is in force; with the next step "
            f"the case moves to version {version}.",
        )
    return ""


def _party_label(process: Process, party: str) -> str:
    """Return the label of the model; where it says no more than the law's word, that one, which knows English."""
    own, general = process.labels[PARTIES[party]], party_name(profile_of(process), party)
    return own if own and own != general else general


def _org(row: Any, party: str) -> int | None:
    value = row.variables.get(PARTIES[party])
    return int(value) if value else None


def task_lines(reader: Reader, actor: Actor, key: int, speaks: Profile) -> tuple[TaskLine, ...]:
    """Return the user tasks of a case in the order they were opened."""
    rows = reader.conn.execute(
        select(user_task).where(user_task.c.instance_key == key).order_by(user_task.c.key)
    )
    return tuple(
        TaskLine(
            key=row.key,
            element_id=row.element_id,
            name=row.name,
            state=row.state,
            role_name=role_name(speaks, row.lane),
            org_name=reader.org(row.organisation_key),
            assignee_name=reader.acting(row.assignee, row.stands_for),
            created_at=row.created_at,
            ended_at=row.ended_at,
            ended_by=reader.acting(row.ended_by, row.stands_for),
            visible=actor.holds(row.role, row.organisation_key),
        )
        for row in rows
    )


def role_name(profile: Profile, lane: str) -> str:
    """Return the name of a lane's role: prov.handler → 提供部门经办人, Providing department: case handler."""
    party, _, role = lane.partition(".")
    who, what = party_name(profile, party), ROLES.get(role, role)
    return Bilingual(who + what, ": ".join(filter(None, (english(who), english(what)))))


def documents(reader: Reader, key: int) -> tuple[DocumentLine, ...]:
    """Return the issued documents of a case."""
    rows = reader.conn.execute(
        select(document).where(document.c.instance_key == key).order_by(document.c.key)
    )
    return tuple(DocumentLine(d.key, d.template, d.number, d.title, d.issued_at, d.sha256) for d in rows)


def filled_forms(
    reader: Reader, definition: Definition, key: int, variables: dict[str, Any]
) -> tuple[FilledForm, ...]:
    """Return what was handed in, newest last, as label and text."""
    from engine.forms import describe
    from engine.handlers.sources import from_variables

    rows = reader.conn.execute(
        select(event.c.body)
        .where(
            event.c.stream == key,
            event.c.type.in_(("UserTaskCompleted", "ActDone", "InstanceStarted", *_VERSIONS)),
        )
        .order_by(event.c.seq)
    )
    found: list[FilledForm] = []
    then = definition
    for (body,) in rows:
        recorded = readable(body)
        if recorded is None:
            continue
        completed: Any = recorded.event
        if not isinstance(completed, UserTaskCompleted | ActDone):
            # What was handed in under an earlier version is read by that version's form.
            then = load_definition(reader.conn, getattr(completed, "definition_key", then.key))
            continue
        node = then.process.nodes.get(completed.element_id)
        if node is None or node.form is None:
            continue
        form = then.forms[node.form]
        lines = tuple(
            describe(
                form,
                completed.values,
                from_variables(reader.conn, variables, definition.forms.get("F12-A")),
                then.forms,
            )
        )
        files = tuple(
            (f["key"], f["name"])
            for c in form.fields
            if c.type == "filepicker"
            for f in completed.values.get(c.key) or []
        )
        tables = tuple(
            (table["key"], table["name"])
            for c in form.fields
            if c.type == "records"
            and isinstance(table := completed.values.get(c.key), dict)
            and "key" in table
        )
        author = two_names(recorded.author.name, getattr(completed, "as_deputy_of", None))
        found.append(FilledForm(node.id, form.title, author, recorded.occurred_at, lines, files, tables))
    return tuple(found)


def passed(definition: Definition, log: Any) -> tuple[str, ...]:
    """Return the elements a token has left; an armed timer, an open or a skipped task is none."""
    tasks = {node.id for node in definition.process.nodes.values() if node.type in ("userTask", "manualTask")}
    found: dict[str, None] = {}
    for _, body, _ in log:
        recorded = readable(body)
        if recorded is None:
            continue
        event = recorded.event
        if isinstance(event, InstanceMigrated):
            found = {event.names.get(element_id, element_id): None for element_id in found}
        if isinstance(event, ElementReached) and event.element_id in tasks:
            continue  # it only says that a task was opened or skipped
        if isinstance(event, ElementReached | UserTaskCompleted | TimerFired):
            found[event.element_id] = None
    return tuple(found)


def _not_shared_basis(row: Any) -> str:
    if row.result != "not_applicable" and not row.variables.get("decided_at"):
        return ""
    return (row.variables.get("resource") or {}).get("sharing_conditions") or Bilingual(
        "目录载明不予共享", "listed as not shared"
    )


def history_lines(reader: Reader, log: Any, speaks: Profile) -> tuple[HistoryLine, ...]:
    """Return the events of a case in words; `log` has rows of sequence number, body and hash."""
    return tuple(_line(reader, seq, body, digest, speaks) for seq, body, digest in log)


def readable(body: bytes) -> Recorded | None:
    """Return what a body says, None where somebody has made it unreadable: its page must still say so."""
    try:
        return parse(body)
    except (ValueError, TypeError, KeyError):
        return None


def _line(reader: Reader, seq: int, body: bytes, digest: bytes, speaks: Profile) -> HistoryLine:
    recorded = readable(body)
    if recorded is None:
        unknown = datetime.min.replace(tzinfo=UTC)
        return HistoryLine(seq, "Unreadable", None, _UNREADABLE, "", unknown, unknown, digest.hex())
    author = recorded.author
    who = PLATFORM_NAME if author.key == 0 else f"{author.organisation} {author.name}".strip()
    return HistoryLine(
        seq=seq,
        type=type(recorded.event).__name__,
        element_id=getattr(recorded.event, "element_id", None),
        text=sentence(recorded.event, reader.org, reader.person, speaks),
        actor=who,
        occurred_at=recorded.occurred_at,
        recorded_at=recorded.recorded_at,
        hash=digest.hex(),
    )
