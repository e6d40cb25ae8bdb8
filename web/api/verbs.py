"""Verbs on user tasks and cases: which are offered, and doing one."""

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine.commands import verb_command
from engine.errors import InvalidInput
from engine.queries import verbs as verb_queries
from engine.queries.verbs import OfferedVerb
from web.api.body import body
from web.api.user_tasks import command_id
from web.engine import engine
from web.security import acting

_TEXTS = ("person", "reason", "text", "step", "ground")


def register(bp: Blueprint) -> None:
    """Put the routes on the API's blueprint."""
    bp.get("/user-tasks/<int:key>/verbs")(task_verbs)
    bp.post("/user-tasks/<int:key>/verbs/<code>")(do_with_task)
    bp.get("/process-instances/<int:key>/verbs")(case_verbs)
    bp.post("/process-instances/<int:key>/verbs/<code>")(do_with_case)


def task_verbs(key: int) -> ResponseReturnValue:
    """Return the verbs that are allowed on a user task now, with what can be chosen."""
    found = engine().queries.search(verb_queries.offered, acting(), key)
    return {"items": [_shape(verb) for verb in found]}


def case_verbs(key: int) -> ResponseReturnValue:
    """Return the verbs that are allowed on a case now, with what can be chosen."""
    found = engine().queries.search(verb_queries.offered_on_case, acting(), key)
    return {"items": [_shape(verb) for verb in found]}


def do_with_task(key: int, code: str) -> ResponseReturnValue:
    """Do a verb: person, people (user names), reason, text, step (element id), ground; of a draft `variables`."""
    fields = _fields("variables")
    if code == "draft":
        fields = fields.get("variables") or {}
    command = verb_command(code, acting(), task_key=key, fields=fields, id=command_id())
    return _answer(engine().handle(command))


def do_with_case(key: int, code: str) -> ResponseReturnValue:
    """Do a verb: people (user names), reason, text."""
    command = verb_command(code, acting(), instance_key=key, fields=_fields(), id=command_id())
    return _answer(engine().handle(command))


def _fields(*more: str) -> dict[str, Any]:
    """Return the request's fields.

    Raises:
        InvalidInput: one of the wrong type.
    """
    given = body(*_TEXTS, "people", *more)
    for name in _TEXTS:
        if not isinstance(given.get(name, ""), str):
            raise InvalidInput(f"{name} 应为文字。", f"Expected {name} to be a text.")
    people = given.get("people", [])
    if not isinstance(people, list) or not all(isinstance(p, str) for p in people):
        raise InvalidInput("people 应为用户名的列表。", "Expected people to be a list of user names.")
    if not isinstance(given.get("variables", {}), dict):
        raise InvalidInput("variables 应为对象。", "Expected variables to be an object.")
    return given


def _answer(answer: dict[str, Any]) -> ResponseReturnValue:
    names = {"instance_key": "processInstanceKey", "user_task_key": "userTaskKey"}
    return {names[key]: value for key, value in answer.items() if key in names}


def _shape(verb: OfferedVerb) -> dict[str, Any]:
    return {
        "code": verb.code,
        "name": verb.name.en,
        "nameZh": verb.name.zh,
        "effect": verb.effect.en,
        "effectZh": verb.effect.zh,
        "needs": list(verb.needs),
        "people": [{"username": p.username, "name": p.name} for p in verb.people],
        "steps": [{"elementId": s.id, "name": s.name} for s in verb.steps],
        "grounds": list(verb.grounds),
        "danger": verb.danger,
    }
