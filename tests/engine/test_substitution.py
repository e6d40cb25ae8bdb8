"""Rules of substitution (委托代理): who stands in for whom, for what, until when, and always with two names."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.accounts import load_actor
from engine.app import Engine
from engine.demo.answers import reply
from engine.demo.cases import Desk, deliver, fill, pair
from engine.demo.cases import begin as begin_application
from engine.errors import Conflict, InvalidInput, NotAllowed, Refused, WrongState
from engine.history.replay import rebuild
from engine.people import Actor
from engine.periods import beijing_day
from engine.queries.mandates import for_me, holders_for, waiting_for
from engine.storage.tables import deputy, event, organisation, user, user_role
from tests.conftest import at_once, beijing
from tests.processes.office import document_text, task
from tests.processes.test_approvals import definition, waiting
from tests.test_replay import tables

DOC = "试人〔2026〕示例1号"
LAST = "2026-06-12"


class Department:
    """The department that replies to the first demo application, with a second handler and an outsider's view."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.case = int(at_once(deliver(desk, 1)))
        desk.do(self.case, "T12-04", {"check_result": "accept"})
        self.org = task(desk, self.case, "T12-07").organisation_key
        with desk.engine.database.reading() as conn:
            code = conn.execute(
                select(organisation.c.code).where(organisation.c.key == self.org)
            ).scalar_one()
            self.author, self.head = (
                conn.execute(
                    select(user.c.username)
                    .join(user_role, user_role.c.user_key == user.c.key)
                    .where(user_role.c.organisation_key == self.org, user_role.c.role == role)
                    .order_by(user.c.key)
                )
                .scalars()
                .first()
                for role in ("handler", "head")
            )
        for name in ("sub.one", "sub.two"):
            desk.engine.handle(
                c.RegisterUser(
                    actor=None,
                    username=name,
                    name=f"代办{name[-3:]}",
                    org_code=code,
                    roles=("handler",),
                    password="Shixian-2026",
                )
            )

    def actor(self, username: str | None) -> Actor:
        return self.desk.engine.accounts.actor_named(username or "")

    def name(self, username: str | None) -> str:
        return self.actor(username).name

    def rule(self, principal: str | None = None, substitute: str = "sub.one", **fields: Any) -> int:
        """Enter a rule, by the principal unless another is named, for the head's role unless told otherwise."""
        who = principal or self.head or ""
        given: dict[str, Any] = {
            "role": "head",
            "valid_from": "2026-06-08",
            "valid_until": LAST,
            "doc_no": DOC,
            **fields,
        }
        given.setdefault("actor", self.actor(who))
        answer = self.desk.engine.handle(c.AuthoriseDeputy(principal=who, deputy=substitute, **given))
        return int(answer["deputy_key"])

    def drafted(self) -> int:
        """Have the reply drafted and return the task of signing it."""
        applied = self.desk.variables(self.case)["application"]
        self.desk.do(self.case, "T12-07", reply(applied, beijing_day(self.desk.now), "agree"))
        return int(task(self.desk, self.case, "T12-08").key)

    def sign(self, username: str | None, task_key: int) -> None:
        command = c.CompleteTask(actor=self.actor(username), task_key=task_key, values={"decision": "sign"})
        self.desk.engine.handle(command)

    def history(self) -> list[str]:
        view = self.desk.engine.queries.case(self.actor(self.head), self.case)
        return [line.text for line in view.history]


@pytest.fixture
def office(desk: Desk) -> Department:
    return Department(desk)


def wait(desk: Desk, at: datetime) -> None:
    desk.engine.clock.set(at)  # type: ignore[attr-defined]


# The period


@pytest.mark.parametrize(
    ("at", "may"),
    [
        pytest.param("2026-06-09T23:59:59", False, id="the last second before the first day"),
        pytest.param("2026-06-10T00:00:00", True, id="midnight in Shanghai"),
        pytest.param("2026-06-12T23:59:59", True, id="the last second of the last day"),
        pytest.param("2026-06-13T00:00:00", False, id="midnight after the last day"),
    ],
)
def test_a_rule_holds_from_the_first_day_to_the_last(office: Department, at: str, may: bool) -> None:
    signing = office.drafted()
    office.rule(valid_from="2026-06-10")
    wait(office.desk, beijing(at))

    claim = c.ClaimTask(actor=office.actor("sub.one"), task_key=signing)

    if may:
        office.desk.engine.handle(claim)
    else:
        with pytest.raises(NotAllowed):
            office.desk.engine.handle(claim)


def test_at_the_end_open_tasks_come_back_once_and_the_history_says_so(office: Department) -> None:
    signing, engine = office.drafted(), office.desk.engine
    key = office.rule()
    engine.handle(c.ClaimTask(actor=office.actor("sub.one"), task_key=signing))
    wait(office.desk, beijing("2026-06-13T08:30"))

    engine.sweep()
    engine.sweep()

    row = task(office.desk, office.case, "T12-08")
    assert (row.assignee, row.stands_for, row.deputy_key) == (None, None, None)
    assert [t for t in office.history() if "委托期满" in t] == [
        "对代办one的委托期满，“答复审签”退回部门待办。"
    ]
    with engine.database.reading() as conn:
        ends = select(event.c.body).where(event.c.type == "DeputyEnded")
        assert len(conn.execute(ends).all()) == 1
        rule = conn.execute(select(deputy).where(deputy.c.key == key)).one()
    assert (rule.end, rule.ended_at) == ("expired", beijing("2026-06-13T00:00"))


def test_what_the_principal_had_claimed_comes_back_to_the_principal(office: Department) -> None:
    signing, engine = office.drafted(), office.desk.engine
    head = office.actor(office.head)
    engine.handle(c.ClaimTask(actor=head, task_key=signing))
    key = office.rule()
    engine.handle(c.ClaimTask(actor=office.actor("sub.one"), task_key=signing))
    assert task(office.desk, office.case, "T12-08").stands_for == head.user_key

    engine.handle(c.RevokeDeputy(actor=head, deputy_key=key, reason="提前返岗。"))

    assert task(office.desk, office.case, "T12-08").assignee == head.user_key
    assert office.history()[-1] == f"对代办one的委托撤销，“答复审签”由{head.name}承办。"
    with pytest.raises(NotAllowed):
        office.sign("sub.one", signing)
    with pytest.raises(WrongState):
        engine.handle(c.RevokeDeputy(actor=head, deputy_key=key))


def test_what_was_taken_under_a_rule_cannot_be_done_after_its_end_even_before_the_sweep(
    office: Department,
) -> None:
    """A handler stands in for a colleague of the same role, and could do the task in their own right."""
    key = office.rule(office.author, role="handler", doc_no="")
    drafting = task(office.desk, office.case, "T12-07").key
    engine = office.desk.engine
    engine.handle(c.ClaimTask(actor=office.actor(office.author), task_key=drafting))
    engine.handle(c.ClaimTask(actor=office.actor("sub.one"), task_key=drafting))
    wait(office.desk, beijing("2026-06-13T00:00"))

    with pytest.raises(WrongState, match="委托已经终止"):
        engine.handle(c.CompleteTask(actor=office.actor("sub.one"), task_key=drafting, values={}))

    engine.sweep()
    assert task(office.desk, office.case, "T12-07").assignee == office.actor(office.author).user_key
    assert key


def test_the_principal_keeps_the_right(office: Department) -> None:
    signing = office.drafted()
    office.rule()
    office.desk.engine.handle(c.ClaimTask(actor=office.actor("sub.one"), task_key=signing))

    office.sign(office.head, signing)

    done = task(office.desk, office.case, "T12-08")
    assert (done.ended_by, done.stands_for) == (office.actor(office.head).user_key, None)


# What it covers


def test_a_rule_for_procedures_covers_no_other(office: Department) -> None:
    signing = office.drafted()
    office.rule(processes=("ln_art13_verification",))

    with pytest.raises(NotAllowed):
        office.desk.engine.handle(c.ClaimTask(actor=office.actor("sub.one"), task_key=signing))
    office.rule(processes=("ln_art12_application",), substitute="sub.two")
    office.sign("sub.two", signing)


@pytest.mark.parametrize("condition", ["resource_code", "other_code"])
def test_a_condition_covers_only_what_it_names(office: Department, condition: str) -> None:
    signing = office.drafted()
    variables = office.desk.variables(office.case)
    with office.desk.engine.database.reading() as conn:
        of = organisation.c
        using = conn.execute(select(of.code).where(of.key == int(variables["using_dept"]))).scalar_one()
        third = conn.execute(
            select(of.code)
            .where(of.key.not_in((int(variables["using_dept"]), office.org)), ~of.managing)
            .limit(1)
        ).scalar_one()
    codes = {
        "resource_code": (variables["resource"]["code"], _another_resource(office)),
        "other_code": (using, third),
    }
    right, wrong = codes[condition]
    office.rule(**{condition: wrong})
    with pytest.raises(NotAllowed):
        office.desk.engine.handle(c.ClaimTask(actor=office.actor("sub.one"), task_key=signing))

    office.rule(substitute="sub.two", **{condition: right})

    office.sign("sub.two", signing)


def _another_resource(office: Department) -> str:
    _, entry = pair(office.desk, 2, "conditional")
    page = office.desk.engine.queries.entry(office.actor(office.head), entry)
    return str(page.row.code)


def test_the_inbox_is_told_which_lanes_to_read(office: Department) -> None:
    signing = office.drafted()
    office.rule(processes=("ln_art12_application",))
    me, head = office.actor("sub.one"), office.actor(office.head)
    ask = office.desk.engine.queries.search

    covers = ask(holders_for, me)

    assert [(x.holder, x.role, x.mandate.processes) for x in covers] == [
        (f"g:{office.org}:head", "head", ("ln_art12_application",)),
        (f"u:{head.user_key}", "head", ("ln_art12_application",)),
    ]
    assert [row.task_key for row in ask(waiting_for, me)] == [signing]
    assert [rule.substitute for rule in ask(for_me, me)] == [me.name]


# Always two names


def test_two_names_in_history_form_document_and_task(office: Department) -> None:
    signing = office.drafted()
    office.rule()
    engine, head = office.desk.engine, office.name(office.head)
    both = f"代办one（代{head}）"
    engine.handle(c.ClaimTask(actor=office.actor("sub.one"), task_key=signing))
    me = office.actor("sub.one")
    assert engine.queries.task(me, signing).assignee_name == both
    [row] = [r for r in engine.queries.inbox(me, "mine").rows if r.task_key == signing]
    assert row.assignee_name == both
    assert office.history()[-1] == f"“答复审签”由{both}承办。"

    office.sign("sub.one", signing)

    view = engine.queries.case(office.actor(office.head), office.case)
    assert [f.by for f in view.forms if f.element_id == "T12-08"] == [both]
    assert f"办理完成“答复审签”（代{head}）。" in [line.text for line in view.history]
    assert [t.ended_by for t in view.tasks if t.element_id == "T12-08"] == [both]
    assert f"签发人：{both}" in document_text(office.desk, office.case, "E-3")


def test_who_stands_in_and_whose_tasks_came_back_are_told(office: Department) -> None:
    signing, engine = office.drafted(), office.desk.engine
    key, head = office.rule(), office.actor(office.head)
    engine.handle(c.ClaimTask(actor=office.actor("sub.one"), task_key=signing))

    engine.handle(c.RevokeDeputy(actor=head, deputy_key=key))

    def told(username: str | None) -> list[str]:
        return [line.text for line in engine.queries.notices(office.actor(username)).rows]

    over = f"{head.name}对代办one的委托代理（负责人）已经撤销，代办的1项任务已退回。"
    begun = f"{head.name}委托您自2026年6月8日至2026年6月12日代理负责人，"
    assert told("sub.one")[0] == over
    assert told("sub.one")[1].startswith(begun)
    assert over in told(office.head)


# Separation of duties (C.6)


def test_c6_a_substitute_does_not_judge_what_they_drafted(office: Department) -> None:
    office.rule(substitute=office.author or "")
    signing = office.drafted()

    [listed] = office.desk.engine.queries.search(waiting_for, office.actor(office.author))
    assert "同一人" in listed.barred
    for act in (c.ClaimTask, c.CompleteTask):
        more = {"values": {"decision": "sign"}} if act is c.CompleteTask else {}
        with pytest.raises(NotAllowed, match="同一人"):
            office.desk.engine.handle(act(actor=office.actor(office.author), task_key=signing, **more))


def test_c6_nobody_judges_for_a_principal_who_did_the_step(desk: Desk) -> None:
    office = Department(desk)
    engine, head = desk.engine, office.actor(office.head)
    office.rule(office.author, role="handler", doc_no="")
    drafting = task(desk, office.case, "T12-07").key
    engine.handle(c.ClaimTask(actor=office.actor(office.author), task_key=drafting))
    applied = desk.variables(office.case)["application"]
    values = reply(applied, beijing_day(desk.now), "agree")
    engine.handle(c.CompleteTask(actor=office.actor("sub.one"), task_key=drafting, values=values))
    signing = task(desk, office.case, "T12-08").key
    both = {office.actor("sub.one").user_key, office.actor(office.author).user_key}

    for username in ("sub.one", office.author):
        actor = office.actor(username)
        as_head = Actor(**{**vars(actor), "roles": actor.roles | {(office.org, "head")}})
        with pytest.raises(NotAllowed, match="同一人"):
            engine.handle(c.ClaimTask(actor=as_head, task_key=signing))
    assert len(both) == 2
    engine.handle(c.ClaimTask(actor=head, task_key=signing))


def test_c6_whoever_began_the_application_does_not_approve_it_for_the_head(desk: Desk) -> None:
    key = begin_application(desk, 1)
    org = task(desk, key, "T12-01").organisation_key
    starter = desk.actor(org, "handler")
    with desk.engine.database.reading() as conn:
        head = load_actor(conn, desk.actor(org, "head").user_key, desk.engine.clock)
        code = conn.execute(select(organisation.c.code).where(organisation.c.key == org)).scalar_one()
    new = c.RegisterUser(
        actor=None,
        username="co.author",
        name="合办",
        org_code=code,
        roles=("handler",),
        password="Shixian-2026",
    )
    desk.engine.handle(new)
    first = task(desk, key, "T12-01").key
    desk.engine.handle(c.AssignTask(actor=starter, task_key=first, assignee="co.author"))
    author = desk.engine.accounts.actor_named("co.author")
    wanted = desk.actor
    desk.actor = lambda org_key, role, other_than=None: (  # type: ignore[method-assign]
        author if (org_key, role) == (org, "handler") else wanted(org_key, role, other_than)
    )
    fill(desk, key, 1)
    desk.engine.handle(
        c.AuthoriseDeputy(
            actor=head,
            principal=head.username,
            deputy=starter.username,
            role="head",
            valid_from="2026-06-08",
            valid_until=LAST,
            doc_no=DOC,
        )
    )

    with pytest.raises(NotAllowed, match="发起本事项") as refused:
        desk.engine.handle(
            c.ClaimTask(
                actor=desk.engine.accounts.actor_named(starter.username),
                task_key=task(desk, key, "T12-02").key,
            )
        )
    assert refused.value.facts["code"] == "substitute_is_party"


# One person, one vote


def test_a_substitute_has_one_vote_in_a_round(office: Department) -> None:
    """sub.one is asked in person and stands in for sub.two: their own vote only; the second is refused by a code."""
    desk, engine = office.desk, office.desk.engine
    key, tasks = _round(office)
    office.rule("sub.two", "sub.one", role="handler", doc_no="")

    for act, more in ((c.ClaimTask, {}), (c.CompleteTask, {"values": {"vote": "yes"}})):
        with pytest.raises(NotAllowed) as refused:
            engine.handle(act(actor=office.actor("sub.one"), task_key=tasks["sub.two"], **more))
        assert refused.value.facts["code"] == "second_vote"
    engine.handle(
        c.CompleteTask(actor=office.actor("sub.one"), task_key=tasks["sub.one"], values={"vote": "yes"})
    )
    engine.handle(
        c.CompleteTask(actor=office.actor("sub.two"), task_key=tasks["sub.two"], values={"vote": "yes"})
    )
    assert desk.variables(key)["round"]["passed"] is True


def test_a_substitute_who_is_not_asked_votes_for_the_principal_with_both_names(office: Department) -> None:
    key, tasks = _round(office)
    office.rule("sub.two", office.author or "", role="handler", doc_no="")

    office.desk.engine.handle(
        c.CompleteTask(actor=office.actor(office.author), task_key=tasks["sub.two"], values={"vote": "yes"})
    )

    [item] = office.desk.variables(key)["round"]["items"]
    assert item["name"] == f"{office.name(office.author)}（代{office.name('sub.two')}）"


def _round(office: Department) -> tuple[int, dict[str, int]]:
    desk, engine = office.desk, office.desk.engine
    files = definition('kind="all"')
    files["process.bpmn"] = files["process.bpmn"].replace(
        b"['p1', 'p2', 'p3', 'nobody']", b"['sub.one', 'sub.two']"
    )
    engine.handle(c.DeployDefinition(actor=None, files=files))
    _, entry = pair(desk, 1, "conditional")
    entries = engine.queries.catalogue(office.actor(office.author)).rows
    entry = next(row.key for row in entries if row.provider_name != office.actor(office.author).org_name)
    answer = engine.handle(
        c.StartInstance(actor=office.actor(office.author), process_id="small", resource_key=entry)
    )
    engine.handle(
        c.CompleteTask(actor=office.actor(office.author), task_key=int(answer["user_task_key"]), values={})
    )
    key = int(answer["instance_key"])
    return key, waiting(desk, key)


# What is refused


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        pytest.param({"doc_no": ""}, "doc_no", id="a head without a document"),
        pytest.param({"role": "office"}, "role", id="a role the principal does not hold"),
        pytest.param({"role": "admin"}, "role", id="no role for cases"),
        pytest.param({"valid_until": "2026-06-07"}, "period", id="the last day before the first"),
        pytest.param({"valid_from": "2026-06-05"}, "period", id="begun before today"),
        pytest.param({"valid_from": "10/06"}, "period", id="no date"),
        pytest.param({"processes": ("nothing",)}, "process", id="an unknown procedure"),
        pytest.param({"resource_code": "nothing"}, "resource", id="an unknown resource"),
        pytest.param({"other_code": "nothing"}, "department", id="an unknown department"),
    ],
)
def test_a_rule_must_be_whole(office: Department, fields: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        office.rule(**fields)

    assert refused.value.facts["code"] == code


def test_the_substitute_is_a_colleague_who_does_tasks(office: Department) -> None:
    elsewhere = "audit" if office.actor("audit").org_key != office.org else "designer"
    with pytest.raises(InvalidInput, match="本部门"):
        office.rule(substitute=elsewhere)
    with pytest.raises(InvalidInput, match="另一人"):
        office.rule(substitute=office.head or "")


@pytest.mark.parametrize(
    ("second", "code"),
    [
        pytest.param({"substitute": "sub.two"}, "overlap", id="two substitutes of one role"),
        pytest.param({"substitute": "sub.two", "valid_from": LAST}, "overlap", id="one day in common"),
        pytest.param(
            {"principal": "sub.one", "substitute": "sub.two", "role": "handler"}, "chain", id="chain"
        ),
    ],
)
def test_rules_neither_overlap_nor_chain(office: Department, second: dict[str, Any], code: str) -> None:
    office.rule()

    with pytest.raises(Conflict) as refused:
        office.rule(**second)

    assert refused.value.facts["code"] == code


def test_rules_make_no_circle(office: Department) -> None:
    office.rule(office.author, "sub.one", role="handler")

    with pytest.raises(Conflict) as refused:
        office.rule("sub.one", office.author or "", role="handler")

    assert refused.value.facts["code"] == "circle"


def test_rules_side_by_side_and_after_each_other(office: Department) -> None:
    office.rule(processes=("ln_art12_application",))
    office.rule(substitute="sub.two", processes=("ln_art13_verification",))
    office.rule(substitute="sub.two", valid_from="2026-06-13", valid_until="2026-06-20")


def test_who_may_enter_and_revoke_a_rule(office: Department) -> None:
    """The principal, the head for their people, an administrator; nobody else."""
    with pytest.raises(NotAllowed):
        office.rule(actor=office.actor("sub.two"))
    for username in (office.head, "admin"):
        key = office.rule("sub.two", "sub.one", role="handler", actor=office.actor(username))
        with pytest.raises(NotAllowed):
            office.desk.engine.handle(c.RevokeDeputy(actor=office.actor("sub.one"), deputy_key=key))
        office.desk.engine.handle(c.RevokeDeputy(actor=office.actor("sub.two"), deputy_key=key))


def test_replay_rebuilds_rules_and_tasks(office: Department, engine: Engine) -> None:
    signing = office.drafted()
    key = office.rule(processes=("ln_art12_application",))
    engine.handle(c.ClaimTask(actor=office.actor("sub.one"), task_key=signing))
    office.rule("sub.two", office.author or "", role="handler", doc_no="")
    with pytest.raises(Refused):
        office.rule(substitute="sub.two")
    engine.handle(c.RevokeDeputy(actor=office.actor(office.head), deputy_key=key))

    with engine.database.writing() as conn:
        before = tables(conn)
        rebuild(conn)
        assert tables(conn) == before
