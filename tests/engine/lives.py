"""Scenarios that between them issue every command, each command built when the one before is done."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from engine import commands as c
from engine.demo import verifications
from engine.demo.answers import application
from engine.demo.cases import PROCESS, Desk, beijing_day, deliver
from engine.demo.cases import begin as begin_application
from engine.demo.seed import DEMO_PASSWORD
from engine.events import ClockAlarm
from engine.handlers.seals import next_day
from engine.history.chain import PLATFORM
from engine.process_files import COMMON, PROCESSES, definition_files
from engine.storage import tables as t
from engine.trace.access import Shown
from tests.conftest import at_once
from tests.engine.test_calendar_notices import CLOSED, closure, named
from tests.engine.test_preferences import code_sent
from tests.engine.test_stuck import broken_catcher
from tests.engine.verb_office import open_office
from tests.processes import test_migration as office
from tests.processes.office import administrators, case, incidents, task
from tests.processes.test_incidents import BAD, FAILURES, REASON, assign, begin, element, small
from tests.processes.test_messages import deploy, start, thrower
from tests.processes.test_starts import starting
from tests.processes.test_succession import DOC, code, third

_LAYOUT = {"documents/_layout.html": (COMMON / "documents/_layout.html").read_bytes()}
Life = Callable[[Desk], Iterator[c.Command]]


def commands(desk: Desk) -> Iterator[c.Command]:
    """Yield the commands of a case's life, each built when the one before is done."""
    with desk.engine.database.reading() as conn:
        entry = conn.execute(
            select(t.catalogue_entry)
            .where(t.catalogue_entry.c.sharing_type == "conditional")
            .order_by(t.catalogue_entry.c.key)
        ).first()
        assert entry is not None
        org = conn.execute(
            select(t.organisation.c.key)
            .where(~t.organisation.c.managing, t.organisation.c.key != entry.provider_key)
            .order_by(t.organisation.c.key)
        ).scalar()
        actor = desk.actor(int(org or 0), "handler")

    def task() -> Any:
        with desk.engine.database.reading() as conn:
            newest = select(t.user_task).where(t.user_task.c.state == "open")
            return conn.execute(newest.order_by(t.user_task.c.key.desc())).first()

    yield c.StartInstance(actor=actor, process_id=PROCESS, resource_key=entry.key)
    first = task()
    yield c.SaveDraft(actor=actor, task_key=first.key, values={"purpose": "核验"})
    yield c.UnclaimTask(actor=actor, task_key=first.key)
    yield c.ClaimTask(actor=actor, task_key=first.key)
    yield c.StoreAttachments(actor=actor, task_key=first.key, files=(("依据.pdf", b"%PDF-1.4 x"),))
    values = application(desk.variables(first.instance_key)["resource"], beijing_day(desk.now), 1)
    yield c.CompleteTask(actor=actor, task_key=first.key, values=values)
    for values in ({"decision": "agree"}, {"check_result": "accept"}):
        open_task = task()
        head = desk.actor(open_task.organisation_key, open_task.role)
        yield c.CompleteTask(actor=head, task_key=open_task.key, values=values)
    yield c.SendMessage(
        actor=actor,
        instance_key=first.instance_key,
        element_id="ES12-W",
        values={"reason": "不再需要该数据。"},
    )


def version_commands(desk: Desk) -> Iterator[c.Command]:
    """Yield the commands about versions: switches, and a migration on each of its ways."""
    first, key = office.publish(desk), office.start(desk)
    target = office.publish(desk, office.RENAMED, office.LONGER)
    actor = office.admin(desk)
    yield c.SuspendDefinition(actor=actor, definition_key=target, reason=office.REASON)
    yield c.ResumeDefinition(actor=actor, definition_key=target, reason=office.REASON)

    def proposed() -> c.ProposeMigration:
        names = {"Verify": "Check"}
        return c.ProposeMigration(
            actor=actor, instance_key=key, definition_key=target, reason=office.REASON, names=names
        )

    def about() -> dict[str, int]:
        with desk.engine.database.reading() as conn:
            newest = select(t.migration.c.key).order_by(t.migration.c.key.desc()).limit(1)
            return {"instance_key": key, "migration_key": conn.execute(newest).scalar_one()}

    using, providing = (office.head(desk, key, side) for side in ("using", "providing"))
    yield proposed()
    yield c.WithdrawMigration(actor=actor, reason=office.REASON, **about())
    yield proposed()
    yield c.ObjectToMigration(actor=using, reason=office.REASON, **about())
    yield proposed()
    yield c.ConsentToMigration(actor=using, **about())
    yield c.ConsentToMigration(actor=providing, **about())
    assert office.version(desk, key) == 2
    yield c.RetireDefinition(actor=actor, definition_key=first, reason=office.REASON)


def mending(desk: Desk) -> Iterator[c.Command]:
    """Yield the commands around incidents: one that raises it, tries, and what ends it."""
    first, second = administrators(desk)
    for end in (c.SkipIncident, c.CancelIncident):
        key = begin(desk, FAILURES["assign"][0])
        task = open_task(desk, key)
        handler = desk.actor(task.organisation_key, task.role)
        yield c.CompleteTask(actor=handler, task_key=task.key, values={})
        [held] = incidents(desk, key)
        yield c.ResolveIncident(actor=first, incident_key=held.key)
        yield end(actor=second, incident_key=held.key, reason=REASON)
    key = begin(desk, FAILURES["assign"][0])
    desk.do(key, "A", {})
    [held] = incidents(desk, key)
    yield c.ResolveIncident(actor=second, incident_key=held.key)
    yield c.ResolveIncident(actor=first, incident_key=held.key, corrections={"word": 1}, reason=REASON)
    deploy(desk.engine, broken_catcher())
    deploy(desk.engine, thrower())
    start(desk, "broken")
    desk.do(start(desk, "thrower"), "A", {})
    with desk.engine.database.reading() as conn:
        message = conn.execute(select(t.message.c.key)).scalar_one()
    yield c.NoteFailure(actor=None, cause="原因。", cause_en="A cause.", failed_message=message)


def open_task(desk: Desk, key: int) -> Any:
    with desk.engine.database.reading() as conn:
        query = select(t.user_task).where(t.user_task.c.instance_key == key, t.user_task.c.state == "open")
        return conn.execute(query).one()


def waiting(desk: Desk) -> Iterator[c.Command]:
    """Yield what the sweep does for cases: a retry, a message, a round; and a version that overtakes a draft."""
    retry = element("serviceTask", '<shixian:retry attempts="3" every="PT5M"/>' + assign(BAD))
    key = begin(desk, small(retry))
    desk.do(key, "A", {})
    [held] = incidents(desk, key)
    desk.engine.clock.set(desk.now + timedelta(minutes=5))  # type: ignore[attr-defined]
    yield c.RetryIncident(actor=None, incident_key=held.key)

    deploy(desk.engine, broken_catcher().replace(b"word + 1", b"word"))
    deploy(desk.engine, thrower())
    start(desk, "broken")
    desk.do(start(desk, "thrower"), "A", {})
    with desk.engine.database.reading() as conn:
        message = conn.execute(select(t.message.c.key)).scalar_one()
    yield c.CatchMessage(actor=None, message_key=message)

    soon = desk.now + timedelta(hours=1)
    deploy(desk.engine, starting(f"<timeDate>{soon.isoformat()}</timeDate>"))
    desk.engine.clock.set(soon)  # type: ignore[attr-defined]
    with desk.engine.database.reading() as conn:
        trigger = conn.execute(select(t.start_trigger)).one()
    yield c.StartRound(actor=None, trigger_key=trigger.key, planned_at=trigger.planned_at)

    draft = begin_application(desk, 1)
    with desk.engine.database.reading() as conn:
        row = conn.execute(
            select(t.process_definition).where(t.process_definition.c.process_id == PROCESS)
        ).one()
        kept = {b.sha256: b.content for b in conn.execute(select(t.blob))}
    files = {path: kept[digest] for path, digest in row.files.items()}
    files["process.bpmn"] += b"<!-- a later version -->"
    yield c.DeployDefinition(actor=None, files=files)
    with desk.engine.database.reading() as conn:
        newest = select(t.process_definition.c.key).where(t.process_definition.c.process_id == PROCESS)
        target = conn.execute(newest.order_by(t.process_definition.c.version.desc()).limit(1)).scalar_one()
    yield c.RebindInstance(actor=None, instance_key=draft, definition_key=target)

    timed = int(at_once(deliver(desk, 2)))
    with desk.engine.database.reading() as conn:
        of_case = select(t.timer).where(t.timer.c.instance_key == timed)
        rows = conn.execute(of_case.order_by(t.timer.c.fires_at, t.timer.c.key)).all()
    for row in rows[:3]:
        desk.engine.clock.set(row.fires_at)  # type: ignore[attr-defined]
        yield c.TriggerTimer(actor=None, timer_key=row.key)


def administration(desk: Desk) -> Iterator[c.Command]:
    """Yield what administrators enter: areas, departments, people, the catalogue, receivers; and a clock."""
    engine = desk.engine
    first, _ = administrators(desk)
    yield c.RegisterArea(actor=None, name="样例区", level="county", parent="辽宁省")
    yield c.RegisterOrganisation(
        actor=None,
        code="11210000AMPLE00001",
        kind="government",
        level="county",
        area="样例区",
        managing=False,
        name="样例局",
        valid_from="2026-06-08",
        mark="样例",
    )
    for name, day in (("样例管理局", "2026-06-09"), ("样例服务局", "2026-06-10")):
        yield c.RenameOrganisation(
            actor=None, code="11210000AMPLE00001", name=name, valid_from=day, doc_no=DOC
        )
    for username in ("sample.one", "sample.two", "sample.three"):
        yield c.RegisterUser(
            actor=None,
            username=username,
            name="甲示例",
            org_code="11210000AMPLE00001",
            roles=("handler",),
            password=DEMO_PASSWORD,
        )
    yield c.AuthoriseDeputy(
        actor=None,
        principal="sample.one",
        deputy="sample.two",
        role="handler",
        valid_from="2026-06-08",
        valid_until="2026-06-30",
        doc_no=DOC,
    )
    for abstract in ("样例。", "样例，第二版。"):
        yield c.PublishEntry(
            actor=None,
            code="11210000AMPLE00001/1",
            name="样例信息",
            provider_code="11210000AMPLE00001",
            sharing_type="not_shared",
            update_cycle="每年",
            abstract=abstract,
            metadata={"sharing_conditions": "某法第一条", "sharing_method": ["api"], "items": []},
        )
    yield c.WithdrawEntry(
        actor=None, code="11210000AMPLE00001/1", reason="系统下线，不再产生该数据。", doc_no=DOC
    )
    yield c.RegisterWebhook(
        actor=None, url="https://example.org/", secret="0123456789abcdef", types=("InstanceStarted",)
    )
    with engine.database.reading() as conn:
        receiver = conn.execute(select(t.webhook.c.key)).scalar_one()
    yield c.RemoveWebhook(actor=None, webhook_key=receiver)
    engine._log(PLATFORM, ClockAlarm("forward", 7200))
    yield c.ConfirmClock(actor=first)
    with engine.database.reading() as conn:
        day = next_day(conn, desk.now)
    if day is None:
        engine.clock.set(desk.now + timedelta(days=1))  # type: ignore[attr-defined]
        with engine.database.reading() as conn:
            day = next_day(conn, desk.now)
    assert day is not None
    yield c.SealDay(actor=None, day=day)
    yield c.IssueUnmaskedExport(
        actor=named(engine, "audit"),
        format="xes",
        filters={"process_id": PROCESS, "state": "ended"},
        reason="核对省级目录更新的办理时限。",
        cases=3,
        sha256="0" * 64,
    )


def calendar_and_succession(desk: Desk) -> Iterator[c.Command]:
    """Yield a document about working days up to the end of its recount, and a department that is merged."""
    engine = desk.engine
    first, second = administrators(desk)
    key = int(at_once(deliver(desk, 1)))
    open_one = task(desk, key, "T12-04")
    handler = desk.actor(open_one.organisation_key, open_one.role)
    colleague = handler.username
    yield c.AssignTask(actor=handler, task_key=open_one.key, assignee=colleague)

    provider = case(desk, key).providing_key

    def newest(table: Any) -> Any:
        with engine.database.reading() as conn:
            return conn.execute(select(table.c.key).order_by(table.c.key.desc()).limit(1)).scalar_one()

    yield c.EnterShippedNotices(actor=None, notices=(closure(provider, CLOSED, name="shipped"),))
    yield c.EnterCalendarNotice(actor=first, notice=closure(provider, CLOSED, name="rejected"))
    yield c.RejectCalendarNotice(
        actor=second, calendar_notice_key=newest(t.calendar_notice), reason="文件有误，不予采用。"
    )
    yield c.EnterCalendarNotice(actor=first, notice=closure(provider, CLOSED))
    yield c.ConfirmCalendarNotice(actor=second, calendar_notice_key=newest(t.calendar_notice))
    recount = newest(t.recount)
    yield c.HoldRecount(actor=first, recount_key=recount, held=True)
    yield c.RecountCase(actor=None, instance_key=key, recount_key=recount)
    yield c.NoteRecountFailure(actor=None, recount_key=recount, instance_key=key, error="原因。")
    yield c.FinishRecount(actor=None, recount_key=recount, moved=1, unchanged=0, failed=1)

    heir = third(desk, provider, case(desk, key).using_key)
    yield c.SucceedOrganisation(
        actor=None,
        code=code(desk, provider),
        successor_code=code(desk, heir),
        valid_from="2026-06-08",
        doc_no=DOC,
    )
    yield c.SucceedInCase(actor=None, organisation_key=provider, instance_key=key)
    yield c.FinishSuccession(actor=None, organisation_key=provider, cases=1, failed=0)


def reporting(desk: Desk) -> Iterator[c.Command]:
    """Yield the commands of a report with a table of records, up to its delivery, and of an extension."""
    using, entry = verifications.window_pair(desk, 1)
    actor = desk.actor(using, "handler")
    yield c.StartInstance(actor=actor, process_id=verifications.PROCESS, resource_key=entry, start="S13-a")
    with desk.engine.database.reading() as conn:
        newest = select(t.user_task).where(t.user_task.c.state == "open")
        first = conn.execute(newest.order_by(t.user_task.c.key.desc())).first()
    assert first is not None
    content = "记录标识,证件号码\n甲-1,210102199001011234\n".encode()
    yield c.StoreRecords(
        actor=actor, task_key=first.key, component="record_keys", name="清单.csv", content=content
    )
    with desk.engine.database.reading() as conn:
        table = conn.execute(select(t.attachment.c.key).order_by(t.attachment.c.key.desc())).scalar()
    resource = desk.variables(first.instance_key)["resource"]
    values = verifications.report(
        resource, beijing_day(desk.now), 1, record_keys={"key": str(table)}, business_pending=True
    )
    yield c.CompleteTask(actor=actor, task_key=first.key, values=values)
    opened = task(desk, first.instance_key, "T13-02")
    provider = desk.actor(opened.organisation_key, opened.role)
    yield c.CompleteTask(actor=provider, task_key=opened.key, values={"accept_result": "accept"})
    yield c.SendMessage(actor=provider, instance_key=first.instance_key, element_id="ES13-X", values={})


def substitutes_and_leaving(desk: Desk) -> Iterator[c.Command]:
    """Yield rules that are revoked, one that is over, and a person who leaves two cases behind."""
    rule: dict[str, Any] = {
        "actor": None,
        "principal": "gat.jb",
        "deputy": "gat.jb2",
        "role": "handler",
        "valid_from": "2026-06-08",
        "doc_no": DOC,
    }

    def newest(table: Any) -> Any:
        with desk.engine.database.reading() as conn:
            return conn.execute(select(table.c.key).order_by(table.c.key.desc()).limit(1)).scalar_one()

    for last in ("2026-06-30", "2026-07-31"):
        yield c.AuthoriseDeputy(valid_until=last, **rule)
        yield c.RevokeDeputy(actor=None, deputy_key=newest(t.deputy), reason=REASON)
    yield c.AuthoriseDeputy(valid_until="2026-06-08", **rule)
    desk.engine.clock.set(desk.now + timedelta(days=1))  # type: ignore[attr-defined]
    yield c.ExpireDeputy(actor=None, deputy_key=newest(t.deputy))

    keys = [begin_application(desk, n) for n in (1, 1)]
    first, second = (task(desk, key, "T12-01") for key in keys)
    starter = desk.actor(first.organisation_key, "handler")
    yield c.BeginLeaving(actor=None, username=starter.username, reason=REASON)
    about = {"leaving_key": newest(t.leaving)}
    yield c.HandOn(actor=None, kind="task", subject_key=first.key, **about)
    yield c.HandOn(actor=None, kind="task", subject_key=second.key, **about)
    for key in keys:
        yield c.NoteNotHandedOn(actor=None, kind="case", subject_key=key, cause="原因。", **about)
    yield c.FinishLeaving(actor=None, **about)


def verbs(desk: Desk) -> Iterator[c.Command]:
    """Yield what people do with a task and a case beside handing in."""
    office = open_office(desk.engine)
    office.fill("owner", "First")
    reason = "数据与实际不符，理由如上所述。"

    def verb(code: str, role: str, element_id: str = "Work", **fields: Any) -> c.Command:
        where = {"task_key": office.task(element_id).key} if element_id else {"instance_key": office.key}
        return c.verb_command(code, office.person(role), fields=fields, **where)

    def hand_in(role: str, element_id: str) -> c.Command:
        task = office.task(element_id, "open")
        return c.CompleteTask(actor=office.person(role), task_key=task.key, values={"note": "同意"})

    helper, member, head = (office.name(role) for role in ("helper", "member", "head"))
    yield verb("delegate", "owner", person=member)
    yield verb("take_back", "owner")
    yield verb("assist", "owner", people=[member])
    yield verb("give_back", "member", text="已办毕。")
    yield verb("consult", "owner", people=[head], text="是否属实？")
    yield verb("answer", "head", text="属实。")
    yield verb("add_signer_before", "owner", people=[helper])
    yield verb("agree", "helper")
    yield verb("add_signer_after", "owner", people=[helper])
    yield verb("remove_signer", "owner", person=helper)
    yield verb("suspend", "owner", ground="不可抗力")
    desk.engine.handle(c.SetClock(actor=None, at=desk.now + timedelta(days=1)))
    yield verb("resume", "owner")
    yield verb("return", "owner", step="First", reason=reason)
    yield hand_in("owner", "First")
    yield verb("jump", "administrator", step="First", reason=reason)
    yield hand_in("owner", "First")
    yield verb("add_signer_after", "owner", people=[helper])
    yield hand_in("owner", "Work")
    yield verb("disagree", "helper", reason=reason)
    yield verb("remove_signer", "owner", person=helper)
    yield hand_in("owner", "Work")
    yield verb("recall", "owner")
    yield verb("urge", "head")
    yield verb("copy", "owner", "", people=[member])
    yield verb("mark_read", "member", "")
    yield hand_in("owner", "Work")
    yield hand_in("head", "Sign")
    yield verb("supervise", "managing", "", text="请按期答复。")
    yield verb("end_supervision", "managing", "")
    yield verb("void", "administrator", "", reason=reason)
    entry = int(office.case().variables["resource"]["key"])
    again = c.StartInstance(actor=office.person("owner"), process_id="verbs", resource_key=entry)
    office.key = int(desk.engine.handle(again)["instance_key"])
    yield verb("annul", "owner", "", reason=reason)


def desk_and_letters(desk: Desk) -> Iterator[c.Command]:
    """Yield what is said, kept and sent beside the tasks: comments, views, mail and robots."""
    key = at_once(deliver(desk, 1))
    actor = desk.actor(task(desk, key, "T12-04").organisation_key, "handler")
    yield c.AddComment(actor=actor, instance_key=key, text="请核对范围。")
    yield c.SaveView(actor=actor, name="在办", box="mine", filters={})
    with desk.engine.database.reading() as conn:
        view = int(conn.execute(select(t.saved_view.c.key)).scalar_one())
    yield c.ChooseStartView(actor=actor, view_key=view)
    yield c.RemoveView(actor=actor, view_key=view)

    yield c.ChooseNotices(actor=actor, mail={"task": "digest"})
    yield c.ProposeEmail(actor=actor, email="jb@example.invalid")
    yield c.ConfirmEmail(actor=actor, code=code_sent(desk.engine))
    desk.engine.clock.set(desk.now + timedelta(days=1))  # type: ignore[attr-defined]
    yield c.SendDigest(actor=None, user_key=actor.user_key, day=beijing_day(desk.now))
    yield c.RetryLetters(actor=administrators(desk)[0], channel="mail")
    yield c.RemoveEmail(actor=actor)

    admin = administrators(desk)[0]
    with desk.engine.database.reading() as conn:
        org = conn.execute(
            select(t.organisation.c.code).where(t.organisation.c.key == actor.org_key)
        ).scalar_one()
    yield c.RegisterRobot(
        actor=admin,
        org_code=org,
        name="工作群",
        kind="feishu",
        url="https://robot.example.invalid/hook",
        secret="secret",
        kinds=("overdue",),
    )
    with desk.engine.database.reading() as conn:
        robot = int(conn.execute(select(t.robot.c.key)).scalar_one())
    yield c.TryRobot(actor=admin, robot_key=robot)
    yield c.RemoveRobot(actor=admin, robot_key=robot)


def designing(desk: Desk) -> Iterator[c.Command]:
    """Yield what designers do with a model until it is published, and with one that is not."""
    first, second = (desk.engine.accounts.actor_named(name) for name in ("designer", "designer2"))
    files = definition_files(PROCESSES / "ln_art08_deletion")

    def newest() -> int:
        with desk.engine.database.reading() as conn:
            return int(
                conn.execute(select(t.model.c.key).order_by(t.model.c.key.desc()).limit(1)).scalar_one()
            )

    yield c.CreateModel(actor=first, name="删除", files=files)
    key = newest()
    page = {"documents/E-99.html": b"{% extends '_layout.html' %}"}
    yield c.SaveModel(actor=first, model_key=key, base=1, files={**page}, note="文书")
    yield c.RestoreRevision(actor=first, model_key=key, revision=1)
    yield c.SaveModel(actor=first, model_key=key, base=3, files={**page, **_LAYOUT})
    asked: dict[str, Any] = {"model_key": key, "revision": 4, "effective_from": None, "notes": "增加文书。"}
    yield c.RequestPublication(actor=first, **asked)
    yield c.ReturnPublication(actor=second, model_key=key, reason=REASON)
    yield c.PublishModel(actor=first, **asked)
    yield c.CreateModel(actor=first, name="另一个", files=files)
    for n in range(2, 6):
        page = f"{{% extends '_layout.html' %}}{n}".encode()
        yield c.SaveModel(actor=second, model_key=newest(), base=n - 1, files={"documents/E-98.html": page})
    yield c.DiscardModel(actor=first, model_key=newest())


def administration_and_desk(desk: Desk) -> Iterator[c.Command]:
    """Yield what administrators do, then what people keep and send beside their tasks."""
    yield from administration(desk)
    yield from desk_and_letters(desk)


def auditing(desk: Desk) -> Iterator[c.Command]:
    """Yield what auditors do with checks and findings, and what runs for them at night."""
    engine = desk.engine
    auditor = engine.accounts.actor_named("audit")
    yield c.SaveCheck(actor=auditor, name="发起核对", criteria={"kinds": ["begin"]})
    key = int(at_once(deliver(desk, 1)))
    engine.access_log.note(auditor, [Shown(key, "records", "page")])
    today = beijing_day(desk.now)
    engine.clock.set(desk.now + timedelta(days=1))  # type: ignore[attr-defined]
    engine.acts.follow()
    yield c.SealAccess(actor=None, day=today, last=engine.database.settled(t.case_access.c.key))
    yield c.RunChecks(actor=None, day=today)
    with engine.database.reading() as conn:
        found = conn.execute(select(t.finding).where(t.finding.c.source == "act")).first()
        check = int(conn.execute(select(t.audit_check.c.key)).scalar_one())
    assert found is not None
    yield c.ExplainFinding(actor=auditor, finding_key=found.key, text="已向承办部门核实。")
    yield c.CloseFinding(actor=auditor, finding_key=found.key, reason="情况属实，手续完备。")
    yield c.ReopenFinding(actor=auditor, finding_key=found.key, reason="发现新的情况。")
    yield c.ExplainFinding(actor=auditor, finding_key=found.key, text="再次向承办部门核实。")
    yield c.CloseFinding(actor=auditor, finding_key=found.key, reason="复核后仍无不当。")
    yield c.RetireCheck(actor=auditor, check_key=check, reason="改用其他条件。")
    yield c.SaveCheck(actor=auditor, name="送达核对", criteria={"kinds": ["deliver"]}, note="逐件核对。")
    with engine.database.reading() as conn:
        check = int(
            conn.execute(select(t.audit_check.c.key).order_by(t.audit_check.c.key.desc())).scalar() or 0
        )
    yield c.RetireCheck(actor=auditor, check_key=check, reason="与其他检查重复。")
    yield c.ReopenFinding(actor=auditor, finding_key=found.key, reason="又有新的情况。")
    yield c.IssueUnmaskedExport(
        actor=auditor,
        format="case_file",
        filters={"case": case(desk, key).business_id},
        reason="核对再次出现的情况。",
        cases=1,
        sha256="0" * 64,
    )
    yield c.ExplainFinding(actor=auditor, finding_key=found.key, text="案卷已核对，见导出记录。")
    yield c.CloseFinding(actor=auditor, finding_key=found.key, reason="复核后仍无不当。")


LIVES: dict[str, Life] = {
    "auditing": auditing,
    "verbs": verbs,
    "a case": commands,
    "a report": reporting,
    "versions": version_commands,
    "incidents": mending,
    "waiting": waiting,
    "administration, desk and letters": administration_and_desk,
    "calendar and succession": calendar_and_succession,
    "substitutes and leaving": substitutes_and_leaving,
    "designing": designing,
}
