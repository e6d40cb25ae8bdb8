"""A small procedure of two departments, with enough people for every verb: who is who, and what they do.

First (填报, use.handler) → Work (复核, use.handler, in a scope with a limit that a law lets stand still) →
Sign (审签, use.head) → delivery → Answer (答复, prov.handler) → end.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from engine import commands as c
from engine.accounts import load_actor
from engine.app import Engine
from engine.demo.cases import Desk, pair
from engine.history.replay import rebuild
from engine.inbox_rows import of_person
from engine.people import Actor
from engine.queries import verbs as verb_queries
from engine.storage.tables import draft, event, organisation, process_instance, task_inbox, user, user_task
from tests.test_replay import tables

PASSWORD = "Shixian-2026"
_FORM = {
    "id": "V",
    "title": "意见",
    "components": [
        {
            "key": "note",
            "type": "textfield",
            "label": "意见",
            "validate": {"required": True, "maxLength": 100},
        }
    ],
}
_LAW = "《试验办法》第一条"


def model(work: str = "", grounds: str = 'grounds="t.grounds"') -> bytes:
    """Return the procedure; `work` is more that its second step says."""
    variables = "".join(
        f'<shixian:variable name="{name}"/>'
        for name in "title using_dept providing_dept managing_dept resource first work sign answer".split()
    )
    settings = (
        f'<shixian:setting key="t.days" value="5" unit="working_day" kind="law" basis="{_LAW}" min="1" max="10"/>'
        f'<shixian:setting key="t.grounds" value="不可抗力" unit="list" kind="law" basis="{_LAW}"/>'
    )

    def lane(name: str, role: str, *tasks: str) -> str:
        refs = "".join(f"<flowNodeRef>{t}</flowNodeRef>" for t in tasks)
        return f'<lane id="{name}" shixian:role="{role}">{refs}</lane>'

    def task(name: str, title: str, variable: str, more: str = "") -> str:
        return (
            f'<userTask id="{name}" name="{title}" {more}><extensionElements>'
            f'<shixian:form id="V" variable="{variable}" resume="true"/></extensionElements></userTask>'
        )

    def flow(*pairs: str) -> str:
        ends = (p.split(">") for p in pairs)
        return "".join(f'<sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in ends)

    scope = (
        '<subProcess id="Scope" name="期限内办理"><startEvent id="In"/>'
        + task("First", "填报", "first", 'shixian:state="draft"')
        + task("Work", "复核", "work", f'shixian:returnTo="First" shixian:state="internal_review" {work}')
        + task("Sign", "审签", "sign", 'shixian:separateFrom="First"')
        + '<endEvent id="Out"/>'
        + flow("In>First", "First>Work", "Work>Sign", "Sign>Out")
        + "</subProcess>"
    )
    timer = (
        '<boundaryEvent id="Late" name="办理期限届满" attachedToRef="Scope" cancelActivity="false"><extensionElements>'
        f'<shixian:period setting="t.days" from="begun_at" {grounds} onExpiry="overdue" supervisor="mgr.handler"/>'
        "</extensionElements><timerEventDefinition><timeDate>d</timeDate></timerEventDefinition></boundaryEvent>"
    )
    start = (
        '<startEvent id="S"><extensionElements>'
        '<shixian:assign variable="begun_at" expression="now()"/></extensionElements></startEvent>'
    )
    send = (
        '<intermediateThrowEvent id="Deliver" name="送达"><extensionElements>'
        '<shixian:delivery from="use" to="prov"/><shixian:assign variable="received_at" expression="now()"/>'
        "</extensionElements></intermediateThrowEvent>"
    )
    body = (
        start
        + scope
        + timer
        + send
        + task("Answer", "答复", "answer")
        + '<endEvent id="E"/><endEvent id="L"/>'
    )
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:shixian="urn:shixian:bpmn:1"'
        ' id="D" targetNamespace="urn:shixian:test"><process id="verbs" name="小流程" isExecutable="true">'
        f'<extensionElements>{settings}{variables}<shixian:variable name="begun_at" type="instant"/>'
        '<shixian:variable name="received_at" type="instant"/></extensionElements>'
        '<laneSet id="Lanes">'
        + lane("L1", "use.handler", "S", "In", "First", "Work")
        + lane("L2", "use.head", "Sign")
        + lane("L3", "prov.handler", "Answer")
        + f"</laneSet>{body}{flow('S>Scope', 'Scope>Deliver', 'Deliver>Answer', 'Answer>E', 'Late>L')}"
        "</process></definitions>"
    ).encode()


@dataclass
class Office:
    """The engine with the procedure and its people, in one case."""

    engine: Engine
    using: int = 0
    providing: int = 0
    managing: int = 0
    key: int = 0
    names: dict[str, str] = field(default_factory=dict)

    def person(self, role: str) -> Actor:
        """Return somebody by what they are to the case, see `ROLES`."""
        return self.actor(self.names[role])

    def actor(self, username: str) -> Actor:
        with self.engine.database.reading() as conn:
            key = conn.execute(select(user.c.key).where(user.c.username == username)).scalar_one()
            return load_actor(conn, key, self.engine.clock)

    def task(self, element_id: str, state: str | None = None) -> Any:
        """Return the newest task of an element."""
        t = user_task.c
        query = select(user_task).where(t.instance_key == self.key, t.element_id == element_id)
        if state is not None:
            query = query.where(t.state == state)
        with self.engine.database.reading() as conn:
            return conn.execute(query.order_by(t.key.desc()).limit(1)).one()

    def case(self) -> Any:
        with self.engine.database.reading() as conn:
            return conn.execute(select(process_instance).where(process_instance.c.key == self.key)).one()

    def do(self, code: str, role: str, element_id: str = "Work", **fields: Any) -> dict[str, Any]:
        """Do a verb with a task, or with the case where it is one of those."""
        where: dict[str, Any]
        if code in ("annul", "void", "copy", "mark_read", "supervise", "end_supervision"):
            where = {"instance_key": self.key}
        else:
            where = {"task_key": self.task(element_id).key}
        return self.engine.handle(c.verb_command(code, self.person(role), fields=fields, **where))

    def fill(self, role: str, element_id: str, note: str = "同意") -> dict[str, Any]:
        """Hand in the open task of an element."""
        task = self.task(element_id, "open")
        command = c.CompleteTask(actor=self.person(role), task_key=task.key, values={"note": note})
        return self.engine.handle(command)

    def name(self, role: str) -> str:
        return self.names[role]

    def draft(self, element_id: str) -> Any:
        """Return what is typed into the newest task of an element."""
        key = self.task(element_id).key
        with self.engine.database.reading() as conn:
            return conn.execute(select(draft.c.form_values).where(draft.c.user_task_key == key)).scalar()

    def parts(self, role: str, element_id: str = "Work") -> Any:
        """Return the parts in a task as somebody reads them."""
        key = self.task(element_id).key
        return self.engine.queries.search(verb_queries.parts, self.person(role), key)

    def rows(self, table: Any) -> list[Any]:
        """Return the case's rows of a table, oldest first."""
        with self.engine.database.reading() as conn:
            return list(
                conn.execute(select(table).where(table.c.instance_key == self.key).order_by(table.c.key))
            )

    def history(self) -> bytes:
        """Return the case's events as they are hashed and exported."""
        query = select(event.c.body).where(event.c.stream == self.key).order_by(event.c.seq)
        with self.engine.database.reading() as conn:
            return b"\n".join(conn.execute(query).scalars())

    def sentences(self) -> list[str]:
        """Return the trail as people read it."""
        return [line.text for line in self.engine.queries.case(self.person("owner"), self.key).history]

    def inbox(self, role: str) -> list[tuple[int, str | None]]:
        """Return the tasks in a person's inbox, each with their part in it."""
        holder = of_person(self.person(role).user_key)
        with self.engine.database.reading() as conn:
            query = select(task_inbox.c.task_key, task_inbox.c.part).where(task_inbox.c.holder == holder)
            return [(row.task_key, row.part) for row in conn.execute(query)]


def replays(office: Office) -> bool:
    """Say whether the log alone yields the same rows; what the rows say is compared by pytest."""
    with office.engine.database.writing() as conn:
        before = tables(conn)
        rebuild(conn)
        assert tables(conn) == before
    return True


ROLES = (
    "owner",
    "handler",
    "member",
    "head",
    "helper",
    "deputy",
    "other party",
    "managing",
    "auditor",
    "designer",
    "administrator",
    "outsider",
)
"""owner, handler: case handlers of the lane, the first began the case; member: works at the department's window;
helper: another handler, who has the part where the state gives one; deputy: stands in for a handler."""


def open_office(engine: Engine, work: str = "", grounds: str = 'grounds="t.grounds"') -> Office:
    """Make the procedure and its people; no case yet."""
    desk = Desk(engine)
    using, entry = pair(desk, 1, "conditional")
    engine.handle(c.DeployDefinition(actor=None, files=files(model(work, grounds))))
    office = Office(engine, using)
    with engine.database.reading() as conn:
        codes = {row.key: row.code for row in conn.execute(select(organisation.c.key, organisation.c.code))}
    for role, kind in (
        ("owner", "handler"),
        ("handler", "handler"),
        ("helper", "handler"),
        ("member", "window"),
    ):
        _register(office, role, codes[using], kind)
    _register(office, "head", codes[using], "head")
    answer = engine.handle(
        c.StartInstance(actor=office.person("owner"), process_id="verbs", resource_key=entry)
    )
    office.key = int(answer["instance_key"])
    case = office.case()
    office.providing, office.managing = case.providing_key, case.managing_key
    others = [k for k in codes if k not in (using, office.providing, office.managing)]
    _register(office, "other party", codes[office.providing], "handler")
    _register(office, "other colleague", codes[office.providing], "handler")
    _register(office, "managing", codes[office.managing], "handler")
    for role, kind in (
        ("auditor", "auditor"),
        ("designer", "designer"),
        ("administrator", "admin"),
    ):
        _register(office, role, codes[office.managing], kind)
    _register(office, "outsider", codes[_ordinary(engine, others)], "handler")
    _register(office, "deputy", codes[using], "window")
    engine.handle(
        c.AuthoriseDeputy(
            actor=None,
            principal=office.names["handler"],
            deputy=office.names["deputy"],
            role="handler",
            valid_from="2026-06-01",
            valid_until="2026-12-31",
            doc_no="试验〔2026〕1号",
        )
    )
    return office


def files(process: bytes) -> dict[str, bytes]:
    """Return a definition's files."""
    return {"process.bpmn": process, "forms/V.json": json.dumps(_FORM).encode()}


def _register(office: Office, role: str, code: str, kind: str) -> None:
    username = f"v.{role.replace(' ', '.')}"
    office.names[role] = username
    office.engine.handle(
        c.RegisterUser(
            actor=None, username=username, name=f"试{role}", org_code=code, roles=(kind,), password=PASSWORD
        )
    )


def _ordinary(engine: Engine, among: list[int]) -> int:
    with engine.database.reading() as conn:
        return int(
            conn.execute(
                select(organisation.c.key)
                .where(
                    organisation.c.key.in_(among),
                    ~organisation.c.managing,
                    organisation.c.kind != "government",
                )
                .order_by(organisation.c.key.desc())
                .limit(1)
            ).scalar_one()
        )
