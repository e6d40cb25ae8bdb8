"""Disputes of the demonstration, in every state: from refusals, from either side, to every end (domain D.2)."""

from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select

from engine import commands as c
from engine.demo.answers import reply
from engine.demo.cases import END, Desk, Opening, Steps, fill, replied
from engine.demo.cases import provide as provide_application
from engine.demo.spare import spare
from engine.periods import beijing_day
from engine.storage.tables import catalogue_entry, organisation

PROCESS = "ln_art12_dispute"
REASON = "所申请数据项均为法定核验事项所必需，提供部门所述情形与实际不符，且未说明可以共享的较小范围。"
CONTACT = {"contact_name": "联系人丙", "contact_phone": "024-86030200"}


def request(matter: str = "refusal", **changes: Any) -> dict[str, Any]:
    """Return a filled-in F-D1."""
    values = {
        "matter": matter,
        "facts": REASON,
        "claim": "请求协调提供部门按申请范围共享所列数据项。",
        **CONTACT,
    }
    return {**values, **changes}


def statement() -> dict[str, Any]:
    """Return a filled-in F-D4."""
    return {
        "statement": "申请用途未对应到具体业务环节，部分数据项与核验无直接关系；可以就核验结果提供比对服务。",
        **CONTACT,
    }


def coordination(desk: Desk, dispute: int, agreed: str, outcome: str, **changes: Any) -> dict[str, Any]:
    """Return a filled-in F-D5."""
    today = beijing_day(desk.now)
    values = {
        "meeting_on": today.isoformat(),
        "attendees": "申请方、相对方经办人和业务处室负责人",
        "record": "双方就申请用途、最小必要范围和安全保障条件逐项说明，管理部门核对了目录载明的共享条件。",
        "agreed": agreed,
        **opinion(desk, dispute, outcome),
    }
    return {**values, **changes}


def opinion(desk: Desk, dispute: int, outcome: str) -> dict[str, Any]:
    """Return the fields of an opinion: shared, kept, or something that the respondent has to do."""
    today = beijing_day(desk.now)
    if outcome == "share":
        known = desk.variables(dispute)
        applied = known.get("application") or {"data_items": known["resource"]["items"]}
        items = applied["data_items"]
        return {
            "outcome": "share",
            "opinion": "申请用途明确、于履职有据，所列数据项为核验所必需，应当在目录载明的共享条件下共享。",
            "agreed_items": items[:2],
            "use_conditions": "限于申请所述业务事项的核验环节使用，不得留存，不得提供给第三方。",
            "grant_from": (today + timedelta(days=14)).isoformat(),
            "grant_until": applied.get("use_until") or (today + timedelta(days=379)).isoformat(),
        }
    if outcome == "keep":
        return {
            "outcome": "keep",
            "opinion": "所申请的部分数据项超出履行职责最小必要范围，原答复理由成立，予以维持。",
            "obliged": "none",
        }
    return {
        "outcome": "other",
        "opinion": "相对方应当就核验结果提供比对服务，并在目录中补充载明该共享方式。",
        "obliged": "resp",
        "act_on": (today + timedelta(days=10)).isoformat(),
    }


def raise_from(desk: Desk, origin: int, org_key: int) -> int:
    """Begin a dispute about a case as one of its sides."""
    command = c.StartInstance(actor=desk.actor(org_key, "handler"), process_id=PROCESS, about=origin)
    return int(desk.engine.handle(command)["instance_key"])


def shortly_before_the_end(desk: Desk, days: int) -> Steps:
    """Wait until so many days before the curtain, so that the limits of what is running then still run."""
    yield max(END - timedelta(days=days) - desk.now, timedelta(0))


def raised(desk: Desk, n: int) -> Opening:
    """Refused under Art. 12, disputed within the window, not handed in yet."""
    application = yield from replied(desk, spare(desk, n), "refuse", timedelta(days=1))
    yield timedelta(days=2)
    desk.do(application, "T12-13", {"decision": "dispute", "reason": REASON})
    return (yield from desk.follow(application, PROCESS))


def submitted(desk: Desk, n: int) -> Opening:
    dispute = yield from raised(desk, n)
    yield timedelta(hours=3)
    desk.do(dispute, "TD-0", request())
    return dispute


def accepted(desk: Desk, n: int) -> Opening:
    dispute = yield from submitted(desk, n)
    yield timedelta(days=1)
    desk.do(dispute, "TD-2", {"decision": "accept"})
    return dispute


def heard(desk: Desk, n: int) -> Opening:
    dispute = yield from accepted(desk, n)
    yield timedelta(days=1)
    desk.do(dispute, "TD-3", statement())
    return dispute


# Stories


def being_written(desk: Desk, n: int) -> Steps:
    """Raised by the message of Art. 12, its application still being written."""
    yield from shortly_before_the_end(desk, 9)
    yield from raised(desk, n)


def waiting_for_acceptance(desk: Desk, n: int) -> Steps:
    """Handed in; the managing department has two working days."""
    yield from shortly_before_the_end(desk, 9)
    yield from submitted(desk, n)


def declined(desk: Desk, n: int) -> Steps:
    """Not taken up, with a reason."""
    dispute = yield from submitted(desk, n)
    yield timedelta(days=1)
    reason = "申请方请求事项实为变更目录共享类型，应当通过目录更新办理，不属于共享争议。"
    desk.do(dispute, "TD-2", {"decision": "decline", "ground": "not_dispute", "reason": reason})


def being_coordinated(desk: Desk, n: int) -> Steps:
    """Taken up; the respondent has stated its view."""
    yield from shortly_before_the_end(desk, 14)
    yield from heard(desk, n)


def silent_respondent(desk: Desk, n: int) -> Steps:
    """The respondent said nothing within three working days; the coordination goes on."""
    yield from shortly_before_the_end(desk, 14)
    yield from accepted(desk, n)
    yield timedelta(days=400)


def agreed(desk: Desk, n: int) -> Steps:
    """Agreed, signed by both heads, provided (RD-2)."""
    dispute = yield from heard(desk, n)
    yield timedelta(days=2)
    desk.do(dispute, "TD-4", coordination(desk, dispute, "yes", "share"))
    yield timedelta(days=1)
    desk.do(dispute, "TD-5A", {"decision": "sign"})
    yield timedelta(hours=4)
    desk.do(dispute, "TD-5R", {"decision": "sign"})
    yield timedelta(days=4)
    provide(desk, dispute)


def being_signed(desk: Desk, n: int) -> Steps:
    """Agreed; one head has signed, the other not yet."""
    yield from shortly_before_the_end(desk, 16)
    dispute = yield from heard(desk, n)
    yield timedelta(days=2)
    desk.do(dispute, "TD-4", coordination(desk, dispute, "yes", "share"))
    yield timedelta(hours=3)
    desk.do(dispute, "TD-5A", {"decision": "sign"})


def decided(desk: Desk, n: int) -> Steps:
    """Not agreed; the managing department's head decides, the respondent has to act and does."""
    dispute = yield from heard(desk, n)
    yield timedelta(days=3)
    desk.do(dispute, "TD-4", coordination(desk, dispute, "no", "other"))
    yield timedelta(days=1)
    desk.do(dispute, "TD-6", {"decision": "sign"})
    yield timedelta(days=6)
    done = "已上线比对服务并在目录中补充载明共享方式，服务说明已随目录发布。"
    desk.do(dispute, "TD-8R", {"done": done})


def not_carried_out(desk: Desk, n: int) -> Steps:
    """Decided; the day named in the opinion passes, and the matter goes to rectification."""
    dispute = yield from heard(desk, n)
    yield timedelta(days=2)
    desk.do(dispute, "TD-4", coordination(desk, dispute, "no", "other"))
    yield timedelta(days=1)
    desk.do(dispute, "TD-6", {"decision": "sign"})
    yield timedelta(days=400)


def kept(desk: Desk, n: int) -> Steps:
    """Not agreed; the refusal is kept."""
    dispute = yield from heard(desk, n)
    yield timedelta(days=2)
    desk.do(dispute, "TD-4", coordination(desk, dispute, "no", "keep"))
    yield timedelta(days=1)
    desk.do(dispute, "TD-6", {"decision": "sign"})


def withdrawn(desk: Desk, n: int) -> Steps:
    """Taken back by the applicant's side before the opinion was signed."""
    dispute = yield from accepted(desk, n)
    yield timedelta(days=2)
    withdraw(desk, dispute)


def by_government(desk: Desk, n: int) -> Steps:
    """The province's managing department is a side itself, and nobody is above it: the government decides (RD-3)."""
    application = yield from refused_to(desk, "辽宁省营商环境建设局", "辽宁省公安厅", n)
    dispute = yield from desk.follow(application, PROCESS)
    yield timedelta(hours=3)
    desk.do(dispute, "TD-0", request())
    yield timedelta(days=6)
    desk.do(dispute, "TD-7", {**opinion(desk, dispute, "other"), "signed_by": "省政府分管负责人"})


def before_government(desk: Desk, n: int) -> Steps:
    """The same, not decided yet."""
    yield from shortly_before_the_end(desk, 12)
    application = yield from refused_to(desk, "辽宁省营商环境建设局", "辽宁省人力资源和社会保障厅", n)
    dispute = yield from desk.follow(application, PROCESS)
    yield timedelta(hours=3)
    desk.do(dispute, "TD-0", request())


def by_the_provider(desk: Desk, n: int) -> Steps:
    """The provider disputes how its data are used, from the application's own case."""
    application = yield from replied(desk, spare(desk, n), "agree", timedelta(days=1))
    yield timedelta(days=2)
    provide_application(desk, application)
    yield from shortly_before_the_end(desk, 8)
    dispute = raise_from(desk, application, int(desk.variables(application)["providing_dept"]))
    facts = "平台调用记录显示，近一个月夜间批量调用明显超出答复意见载明的业务环节，使用部门未作说明。"
    claim = "请求协调使用部门说明用途，并按答复意见限定调用的业务环节和时段。"
    yield timedelta(hours=2)
    desk.do(dispute, "TD-0", request("beyond_scope", facts=facts, claim=claim))
    yield timedelta(days=1)
    desk.do(dispute, "TD-2", {"decision": "accept"})


def refused_to(desk: Desk, user: str, provider: str, n: int) -> Opening:
    """An application between two departments by name, refused and disputed."""
    with desk.engine.database.reading() as conn:
        named = select(organisation.c.key).where(organisation.c.name == bindparam("name"))
        using, providing = (int(conn.execute(named, {"name": x}).scalar_one()) for x in (user, provider))
        of = catalogue_entry.c
        entry = select(of.key).where(of.provider_key == providing, of.sharing_type == "conditional")
        key = int(conn.execute(entry.order_by(of.key)).scalars().first() or 0)
    application = desk.start(using, key)
    yield timedelta(hours=2)
    fill(desk, application, n)
    yield timedelta(hours=3)
    desk.do(application, "T12-02", {"decision": "agree"})
    yield timedelta(days=1)
    desk.do(application, "T12-04", {"check_result": "accept"})
    applied = desk.variables(application)["application"]
    desk.do(application, "T12-07", reply(applied, beijing_day(desk.now), "refuse"))
    yield timedelta(hours=5)
    desk.do(application, "T12-08", {"decision": "sign"})
    yield timedelta(days=2)
    desk.do(application, "T12-13", {"decision": "dispute", "reason": REASON})
    return application


def withdraw(desk: Desk, dispute: int) -> None:
    """Take a dispute back."""
    actor = desk.actor(int(desk.variables(dispute)["applicant_dept"]), "handler")
    desk.engine.handle(
        c.SendMessage(
            actor=actor,
            instance_key=dispute,
            element_id="ESD-W",
            values={"reason": "双方已经自行商定共享方式，无需继续协调。"},
        )
    )


def provide(desk: Desk, dispute: int) -> None:
    """Provide what the opinion says shall be shared."""
    items = desk.variables(dispute)["opinion"]["agreed_items"]
    access = "已在共享平台发布服务接口，按平台接入规范调用，接口名称见授权记录。"
    desk.do(dispute, "TD-9", {"access_info": access, "items_provided": items})


STORIES = (
    agreed,
    decided,
    being_written,
    waiting_for_acceptance,
    not_carried_out,
    being_coordinated,
    kept,
    being_signed,
    declined,
    silent_respondent,
    withdrawn,
    by_government,
    by_the_provider,
    before_government,
)
