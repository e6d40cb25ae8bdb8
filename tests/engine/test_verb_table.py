"""Every verb × every role × every state of the task, through the engine: what it records, or the refusal's code.

The expected table is `verb_table.txt`, one line for each state and role. After a decision that changes it, write it anew
with `python -m tests.engine.test_verb_table` and read the difference.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine import commands as c
from engine.app import HANDLERS, Engine, _author
from engine.errors import Refused
from engine.handlers.verbs.facts import case_facts, task_facts
from engine.people import Actor
from engine.queries import verbs as verb_queries
from engine.storage.store import store
from engine.storage.tables import process_instance, user_task
from engine.verbs import VERBS, refusal
from tests.conftest import _seed, open_engine
from tests.databases import Databases
from tests.engine.verb_office import ROLES, Office, open_office

TABLE = Path(__file__).with_name("verb_table.txt")
CODES = ("complete", *VERBS)
_WHY = "数据与实际不符，理由如上所述。"


def free(office: Office) -> str:
    office.fill("owner", "First")
    return "Work"


def owned(office: Office) -> str:
    free(office)
    office.do("claim", "owner")
    return "Work"


def delegated(office: Office) -> str:
    owned(office)
    office.do("delegate", "owner", person=office.name("helper"))
    return "Work"


def helped_and_consulted(office: Office) -> str:
    owned(office)
    office.do("assist", "owner", people=[office.name("helper")])
    office.do("consult", "owner", people=[office.name("head")], text="是否属实？")
    return "Work"


def waiting_for_a_signer(office: Office) -> str:
    owned(office)
    office.do("add_signer_before", "owner", people=[office.name("helper")])
    return "Work"


def to_be_signed_after(office: Office) -> str:
    owned(office)
    office.do("add_signer_after", "owner", people=[office.name("helper")])
    return "Work"


def handed_in_to_a_signer(office: Office) -> str:
    to_be_signed_after(office)
    office.fill("owner", "Work")
    return "Work"


def suspended(office: Office) -> str:
    owned(office)
    office.do("suspend", "owner", ground="不可抗力")
    return "Work"


def urged_by_its_department(office: Office) -> str:
    owned(office)
    office.do("urge", "head")
    return "Work"


def completed_and_next_untouched(office: Office) -> str:
    owned(office)
    office.fill("owner", "Work")
    return "Work"


def completed_and_next_acted(office: Office) -> str:
    completed_and_next_untouched(office)
    office.do("claim", "head", "Sign")
    return "Work"


def completed_and_legally_effective(office: Office) -> str:
    completed_and_next_acted(office)
    office.fill("head", "Sign")
    return "Sign"


def cancelled_by_a_return(office: Office) -> str:
    owned(office)
    office.do("return", "owner", step="First", reason=_WHY)
    return "Work"


def delivered_to_the_other_party(office: Office) -> str:
    completed_and_legally_effective(office)
    return "Answer"


def supervised_and_copied(office: Office) -> str:
    delivered_to_the_other_party(office)
    office.do("supervise", "managing", text="请按期答复。")
    office.do("copy", "owner", people=[office.name("member")])
    return "Answer"


def case_ended(office: Office) -> str:
    delivered_to_the_other_party(office)
    office.fill("other party", "Answer")
    return "Answer"


def case_void(office: Office) -> str:
    owned(office)
    office.do("void", "administrator", reason="重复登记的事项，予以作废。")
    return "Work"


STATES: tuple[Callable[[Office], str], ...] = (
    free,
    owned,
    delegated,
    helped_and_consulted,
    waiting_for_a_signer,
    to_be_signed_after,
    handed_in_to_a_signer,
    suspended,
    urged_by_its_department,
    completed_and_next_untouched,
    completed_and_next_acted,
    completed_and_legally_effective,
    cancelled_by_a_return,
    delivered_to_the_other_party,
    supervised_and_copied,
    case_ended,
    case_void,
)
_SHOWN = ("Task", "Case", "Copy", "Supervision", "InstanceVoided", "Deadline", "UserTask")


def fields(office: Office, code: str, element_id: str, role: str) -> dict[str, Any]:
    """Return what somebody would choose in the dialogue, so that only rights and states can refuse."""
    other = "member" if role != "member" else "head"
    at_provider = element_id == "Answer"
    colleague = "other colleague" if at_provider else other
    found: dict[str, dict[str, Any]] = {
        "assign": {"person": office.name("other colleague" if at_provider else "handler")},
        "delegate": {"person": office.name(colleague)},
        "remove_signer": {"person": office.name("helper")},
        "return": {"step": "First", "reason": _WHY},
        "jump": {"step": "First", "reason": _WHY},
        "suspend": {"ground": "不可抗力"},
        "consult": {
            "people": [office.name("handler" if role != "handler" else "owner")],
            "text": "是否属实？",
        },
        "copy": {"people": [office.name("handler" if role != "handler" else "owner")]},
        "disagree": {"reason": _WHY},
        "annul": {"reason": _WHY},
        "void": {"reason": _WHY},
        "answer": {"text": "属实。"},
        "supervise": {"text": "请按期办理。"},
        "draft": {"note": "草稿"},
    }
    if code in ("assist", "add_signer_before", "add_signer_after"):
        return {"people": [office.name(colleague)]}
    return found.get(code, {})


def command(office: Office, code: str, actor: Actor, task: Any, given: dict[str, Any]) -> c.Command:
    if code == "complete":
        return c.CompleteTask(actor=actor, task_key=task.key, values={"note": "同意"})
    if VERBS[code].on == "case":
        return c.verb_command(code, actor, instance_key=office.key, fields=given)
    return c.verb_command(code, actor, task_key=task.key, fields=given)


class _Undo(Exception):
    pass


def outcome(engine: Engine, asked: c.Command) -> str:
    """Return what a command would record, or !code; it is written and taken back."""
    try:
        with engine.database.writing() as conn:
            uow = engine._work(conn, _author(asked), engine.clock.now())
            HANDLERS[type(asked)](asked, uow)
            store(conn, uow)
            raise _Undo
    except Refused as refused:
        return f"!{refused.code}"
    except _Undo:
        pass
    types = [type(s.recorded.event).__name__ for s in uow.events]
    own = [t for t in types if t.startswith(_SHOWN)] or ["draft"]
    return next((t for t in own if t != "UserTaskAssigned"), own[0])


def lines(office: Office, build: Callable[[Office], str]) -> Iterator[str]:
    """Yield the state's part of the table, and hold the pure decision and the offers against the engine."""
    element_id = build(office)
    task = office.task(element_id)
    yield f"[{build.__name__}: {element_id}, {task.state}]"
    for role in ROLES:
        actor = office.person(role)
        decided, offers = _decided(office, actor, task)
        done: list[str] = []
        refused: dict[str, list[str]] = {}
        for code in CODES:
            found = outcome(
                office.engine, command(office, code, actor, task, fields(office, code, element_id, role))
            )
            if found.startswith("!"):
                refused.setdefault(found[1:], []).append(code)
                assert decided[code] == found[1:] or (decided[code] is None and code not in offers), (
                    role,
                    code,
                    found,
                )
            else:
                done.append(f"{code}={found}")
                assert decided[code] is None, (role, code, decided[code])
        assert offers <= {d.partition("=")[0] for d in done}, (build.__name__, role, offers)
        yield f"  {role}: {' '.join(done) or '-'}"
        yield from (f"    !{why}: {' '.join(codes)}" for why, codes in refused.items())


def _decided(office: Office, actor: Actor, task: Any) -> tuple[dict[str, str | None], set[str]]:
    engine = office.engine
    with engine.database.reading() as conn:
        case = conn.execute(select(process_instance).where(process_instance.c.key == office.key)).one()
        row = conn.execute(select(user_task).where(user_task.c.key == task.key)).one()
        of_task = task_facts(conn, actor, row, engine.clock.now())
        of_case = case_facts(conn, actor, case)
    decided = {
        code: refusal(code, of_case if code in VERBS and VERBS[code].on == "case" else of_task)
        for code in CODES
    }
    offers = {v.code for v in engine.queries.search(verb_queries.offered, actor, task.key)}
    offers |= {v.code for v in engine.queries.search(verb_queries.offered_on_case, actor, office.key)}
    return decided, offers


def written(where: Callable[[], Path], drop: Callable[[Path], None]) -> Iterator[str]:
    """Yield the whole table; each state is built on a copy of one database."""
    origin = where()
    engine = open_engine(origin)
    office = open_office(engine)
    engine.close()
    for build in STATES:
        copy = origin.with_name(f"{build.__name__}.db")
        shutil.copy(origin, copy)
        engine = open_engine(copy)
        try:
            yield from lines(replace(office, engine=engine), build)
        finally:
            engine.close()
            drop(copy)


@pytest.mark.only("sqlite")
def test_every_verb_for_every_role_in_every_state(databases: Databases) -> None:
    def where() -> Path:
        found = databases.new()
        assert isinstance(found, Path)
        return found

    found = "\n".join(written(where, databases.drop)) + "\n"

    assert found == TABLE.read_text(encoding="utf-8")


if __name__ == "__main__":
    folder = Path(tempfile.mkdtemp())
    _seed(folder / "verbs.db")
    TABLE.write_text("\n".join(written(lambda: folder / "verbs.db", Path.unlink)) + "\n", encoding="utf-8")
    shutil.rmtree(folder)
