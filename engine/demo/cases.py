"""Sixty cases in every state that Art. 12 reaches, made by driving the engine on its rehearsal clock."""

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from engine import commands as c
from engine.accounts import load_actor
from engine.app import Engine
from engine.demo.answers import application, reply
from engine.handlers.governments import GOVERNMENT
from engine.people import Actor
from engine.periods import BEIJING, beijing_day
from engine.storage.tables import (
    catalogue_deletion,
    catalogue_entry,
    organisation,
    process_instance,
    user_role,
    user_task,
)

BEGIN = datetime(2026, 4, 13, 9, 10, tzinfo=BEIJING)
END = datetime(2026, 6, 17, 15, 30, tzinfo=BEIJING)
Steps = Iterator[timedelta]
Opening = Generator[timedelta, None, int]
"""The beginning of a story; returns the key of its case."""
PROCESS = "ln_art12_application"


@dataclass(frozen=True)
class Upload:
    """A file that somebody hands in with a form."""

    name: str
    content: bytes


class Desk:
    """Does in the engine what people do at their desks."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def now(self) -> datetime:
        """The rehearsal's instant."""
        return self.engine.clock.now()

    def actor(self, org_key: int, role: str, other_than: int | None = None) -> Actor:
        """Return somebody with the role in the department."""
        with self.engine.database.reading() as conn:
            keys = conn.execute(
                select(user_role.c.user_key)
                .where(user_role.c.organisation_key == org_key, user_role.c.role == role)
                .order_by(user_role.c.user_key)
            ).scalars()
            key = next(key for key in keys if key != other_than)
            return load_actor(conn, int(key), self.engine.clock)

    def start(self, org_key: int, resource_key: int) -> int:
        """Open an application and return its key."""
        command = c.StartInstance(
            actor=self.actor(org_key, "handler"), process_id=PROCESS, resource_key=resource_key
        )
        return int(self.engine.handle(command)["instance_key"])

    def variables(self, instance: int) -> dict[str, Any]:
        """Return the case's variables."""
        with self.engine.database.reading() as conn:
            found: dict[str, Any] = conn.execute(
                select(process_instance.c.variables).where(process_instance.c.key == instance)
            ).scalar_one()
            return found

    def do(self, instance: int, element_id: str, values: dict[str, Any]) -> None:
        """Complete the open task of an element, as somebody who may."""
        with self.engine.database.reading() as conn:
            task = conn.execute(
                select(user_task).where(
                    user_task.c.instance_key == instance,
                    user_task.c.element_id == element_id,
                    user_task.c.state == "open",
                )
            ).one()
        actor = self.actor(task.organisation_key, task.role)
        given = {name: self._stored(actor, task.key, value) for name, value in values.items()}
        self.engine.handle(c.CompleteTask(actor=actor, task_key=task.key, values=given))

    def _stored(self, actor: Actor, task_key: int, value: Any) -> Any:
        """Return a form's value as it is handed in: files are stored first."""
        if not (isinstance(value, list) and value and isinstance(value[0], Upload)):
            return value
        files = tuple((file.name, file.content) for file in value)
        return self.engine.handle(c.StoreAttachments(actor=actor, task_key=task_key, files=files))[
            "attachments"
        ]

    def working_days(self, count: int) -> timedelta:
        """Return the pause until the same time of day so many working days from now."""
        today = beijing_day(self.now)
        return self.engine.calendar().add_working_days(today, count) - today

    def begun(self, instance: int, process_id: str) -> int | None:
        """Return the newest case of a process that this case has begun; the sweep carries its message first."""
        self.engine.sweep()
        query = (
            select(process_instance.c.key)
            .where(process_instance.c.process_id == process_id, process_instance.c.origin_key == instance)
            .order_by(process_instance.c.key.desc())
            .limit(1)
        )
        with self.engine.database.reading() as conn:
            return conn.execute(query).scalar()

    def follow(self, instance: int, process_id: str) -> Opening:
        """Wait for the case of a process that a message of this case starts, and return its key.

        Raises:
            LookupError: none began within ten days.
        """
        for _ in range(240):
            if (key := self.begun(instance, process_id)) is not None:
                return key
            yield timedelta(hours=1)
        raise LookupError(f"Expected a case of {process_id} begun by {instance}, found none in ten days.")

    def withdraw(self, instance: int, reason: str) -> None:
        """Take the application back."""
        org = int(self.variables(instance)["using_dept"])
        self.engine.handle(
            c.SendMessage(
                actor=self.actor(org, "handler"),
                instance_key=instance,
                element_id="ES12-W",
                values={"reason": reason},
            )
        )


def pair(desk: Desk, n: int, sharing_type: str) -> tuple[int, int]:
    """Choose a using department and an entry of another one."""
    with desk.engine.database.reading() as conn:
        entries = conn.execute(
            select(catalogue_entry.c.key, catalogue_entry.c.provider_key)
            .where(
                catalogue_entry.c.sharing_type == sharing_type,
                catalogue_entry.c.withdrawn_on.is_(None),
                catalogue_entry.c.key.not_in(select(catalogue_deletion.c.entry_key)),
            )
            .order_by(catalogue_entry.c.key)
        ).all()
        orgs = (
            conn.execute(
                select(organisation.c.key)
                .where(~organisation.c.managing, organisation.c.kind != GOVERNMENT)
                .order_by(organisation.c.key)
            )
            .scalars()
            .all()
        )
    entry = entries[(n * 7) % len(entries)]
    others = [org for org in orgs if org != entry.provider_key]
    return others[(n * 5 + n // len(entries)) % len(others)], entry.key


def begin(desk: Desk, n: int, sharing_type: str = "conditional") -> int:
    using, entry = pair(desk, n, sharing_type)
    return desk.start(using, entry)


def fill(desk: Desk, instance: int, n: int) -> None:
    resource = desk.variables(instance)["resource"]
    desk.do(instance, "T12-01", application(resource, beijing_day(desk.now), n))


def deliver(desk: Desk, n: int) -> Opening:
    instance = begin(desk, n)
    yield timedelta(hours=2)
    fill(desk, instance, n)
    yield timedelta(hours=3)
    desk.do(instance, "T12-02", {"decision": "agree"})
    return instance


def replied(desk: Desk, n: int, decision: str, wait: timedelta) -> Opening:
    instance = yield from deliver(desk, n)
    yield timedelta(days=1)
    desk.do(instance, "T12-04", {"check_result": "accept"})
    yield wait
    yield from _reply(desk, instance, decision)
    return instance


def _reply(desk: Desk, instance: int, decision: str) -> Steps:
    applied = desk.variables(instance)["application"]
    desk.do(instance, "T12-07", reply(applied, beijing_day(desk.now), decision))
    yield timedelta(hours=5)
    desk.do(instance, "T12-08", {"decision": "sign"})


def _finish(desk: Desk, instance: int, decision: str) -> Steps:
    yield timedelta(days=1)
    yield from _reply(desk, instance, decision)
    yield timedelta(days=4)
    provide(desk, instance)
    yield timedelta(days=1)
    desk.do(instance, "T12-10", {"ok": "usable"})


def _early(desk: Desk) -> bool:
    """Say whether the story began long enough ago to have come to its end."""
    return desk.now < END - timedelta(days=12)


def provide(desk: Desk, instance: int) -> None:
    items = desk.variables(instance)["reply"]["agreed_items"]
    values = {
        "access_info": "已在共享平台发布服务接口，按平台接入规范调用，接口名称见授权记录。",
        "items_provided": items,
    }
    desk.do(instance, "T12-09", values)


def draft(desk: Desk, n: int) -> Steps:
    """Begun, not sent."""
    begin(desk, n)
    yield timedelta(days=400)


def in_review(desk: Desk, n: int) -> Steps:
    """Waits for the head of the using department."""
    instance = begin(desk, n)
    yield timedelta(hours=1)
    fill(desk, instance, n)
    yield timedelta(days=400)


def silent(desk: Desk, n: int) -> Steps:
    """The provider does nothing: running, then due, then overdue (R12-14)."""
    if _early(desk):
        yield from granted_late(desk, n)
        return
    yield from deliver(desk, n)
    yield timedelta(days=400)


def accepted(desk: Desk, n: int) -> Steps:
    """Accepted, reply not drafted yet."""
    if _early(desk):
        yield from granted(desk, n)
        return
    instance = yield from deliver(desk, n)
    yield timedelta(days=1)
    desk.do(instance, "T12-04", {"check_result": "accept"})
    yield timedelta(days=400)


def granted(desk: Desk, n: int) -> Steps:
    """Agreed, provided, confirmed."""
    instance = yield from replied(desk, n, "agree", timedelta(days=2))
    yield timedelta(days=5)
    provide(desk, instance)
    yield timedelta(days=1)
    desk.do(instance, "T12-10", {"ok": "usable"})


def granted_late(desk: Desk, n: int) -> Steps:
    """The reply came after the limit; supervised, then done: closed late."""
    instance = yield from replied(desk, n, "agree", timedelta(days=9))
    yield timedelta(days=1)
    desk.do(instance, "T12-12", {"action": "justified", "reason": "经核实，提供部门系统升级，答复已送达。"})
    yield timedelta(days=3)
    provide(desk, instance)
    yield timedelta(days=1)
    desk.do(instance, "T12-10", {"ok": "usable"})


def refused(desk: Desk, n: int) -> Steps:
    """Refused with reasons, and accepted so."""
    instance = yield from replied(desk, n, "refuse", timedelta(days=1))
    yield timedelta(days=2)
    desk.do(instance, "T12-13", {"decision": "accept"})


def disputed(desk: Desk, n: int) -> Steps:
    """Refused with reasons, and disputed."""
    instance = yield from replied(desk, n, "refuse", timedelta(days=1))
    yield timedelta(days=2)
    reason = "所申请数据项均为法定核验事项所必需，提供部门所述情形与实际不符。"
    desk.do(instance, "T12-13", {"decision": "dispute", "reason": reason})


def partly(desk: Desk, n: int) -> Steps:
    """Partly agreed: one branch provides, the other stays open for a dispute."""
    instance = yield from replied(desk, n, "partly", timedelta(days=2))
    yield timedelta(days=4)
    provide(desk, instance)
    yield timedelta(days=400)


def supplemented(desk: Desk, n: int) -> Steps:
    """A supplement was demanded, made, and the limit began anew (R12-06)."""
    instance = yield from deliver(desk, n)
    yield timedelta(hours=20)
    demand = [{"field": "duty_basis", "demand": "请写明所依据法律法规的具体条款项。"}]
    desk.do(instance, "T12-04", {"check_result": "supplement", "supplement_list": demand})
    yield timedelta(days=2)
    if desk.variables(instance)["supplement_count"] and n % 2:
        mended = {"duty_basis": "《社会救助暂行办法》第四十五条第一款；本部门“三定”规定第二条第三项。"}
        desk.do(instance, "T12-05", mended)
        yield timedelta(days=1)
        desk.do(instance, "T12-04", {"check_result": "accept"})
        if _early(desk):
            yield from _finish(desk, instance, "agree")


def returned(desk: Desk, n: int) -> Steps:
    """Not the provider's data: back to the managing department (R12-08)."""
    instance = yield from deliver(desk, n)
    yield timedelta(hours=22)
    reason = "该数据由其他部门依职责采集管理，本部门不掌握。"
    desk.do(instance, "T12-04", {"check_result": "not_ours", "return_reason": reason})
    yield timedelta(days=1)
    if not _early(desk):
        return
    if n % 2:
        reason = "经向有关部门核实，该数据尚无政务部门采集掌握。"
        desk.do(instance, "T12-06", {"assign_result": "nobody", "reason": reason})
        return
    desk.do(
        instance, "T12-06", {"assign_result": "keep", "reason": "经核对三定规定，该数据属原提供部门职责。"}
    )
    yield timedelta(hours=4)
    desk.do(instance, "T12-04", {"check_result": "accept"})
    yield from _finish(desk, instance, "agree")


def withdrawn(desk: Desk, n: int) -> Steps:
    """Taken back before the reply (R12-09)."""
    instance = yield from deliver(desk, n)
    yield timedelta(days=1)
    desk.withdraw(instance, "业务流程调整，不再需要该数据。")


def direct(desk: Desk, n: int) -> Steps:
    """An unconditional resource: granted at once, no limit (R12-01)."""
    instance = begin(desk, n, "unconditional")
    yield timedelta(hours=1)
    fill(desk, instance, n)


def not_shared(desk: Desk, n: int) -> Steps:
    """The catalogue says not shared, and the department leaves it at that."""
    instance = begin(desk, n, "not_shared")
    yield timedelta(hours=1)
    fill(desk, instance, n)
    yield timedelta(days=1)
    desk.do(instance, "T12-14", {"decision": "accept"})


STORIES: tuple[Callable[[Desk, int], Steps], ...] = (
    granted,
    silent,
    accepted,
    refused,
    partly,
    granted_late,
    supplemented,
    in_review,
    disputed,
    direct,
    granted,
    returned,
    withdrawn,
    draft,
    accepted,
    supplemented,
    not_shared,
    silent,
    granted,
    partly,
)
