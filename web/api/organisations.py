"""Organisations: succession of a department that was merged or abolished."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from engine import commands as c
from engine.errors import InvalidInput
from web.api.body import body
from web.api.user_tasks import command_id
from web.engine import engine
from web.security import acting


def register(bp: Blueprint) -> None:
    """Put the routes on the API's blueprint."""
    bp.post("/organisations/<code>/succession")(succeed_organisation)


def succeed_organisation(code: str) -> ResponseReturnValue:
    """Let `successorCode` take the place of a department from `validFrom` on, by `documentNumber`; its cases follow."""
    data = body("successorCode", "validFrom", "documentNumber")
    values = {name: data.get(name) for name in ("successorCode", "validFrom", "documentNumber")}
    if not all(isinstance(value, str) and value.strip() for value in values.values()):
        raise InvalidInput(
            "请给出 successorCode、validFrom 和 documentNumber。",
            "Expected texts under successorCode, validFrom and documentNumber.",
        )
    answer = engine().handle(
        c.SucceedOrganisation(
            actor=acting(),
            code=code,
            successor_code=str(values["successorCode"]),
            valid_from=str(values["validFrom"]),
            doc_no=str(values["documentNumber"]).strip(),
            id=command_id(),
        )
    )
    return {"organisationKey": answer["organisation_key"], "successorKey": answer["successor_key"]}, 202
