"""Organisations, people and catalogue of the demonstration; every person is invented."""

from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from engine import commands as c
from engine.app import Engine
from engine.definitions import content_hash
from engine.process_files import definition_files, shipped
from engine.storage.tables import process_definition

DEMO_PASSWORD = "Shixian-2026"
DATA = Path(__file__).parent / "data"


def seed(engine: Engine) -> None:
    """Deploy the processes and enter the demonstration's people and catalogue; once per database."""
    deploy(engine)
    people = _read("people.yaml")
    codes = {org["id"]: org["code"] for org in people["organisations"]}
    keys: dict[str, str] = {}
    for area in people["areas"]:
        engine.handle(c.RegisterArea(actor=None, **area))
    for org in people["organisations"]:
        fields = {
            key: org[key] for key in ("code", "kind", "level", "area", "managing", "name", "valid_from")
        }
        registered = c.RegisterOrganisation(actor=None, mark=org.get("mark", ""), **fields)
        keys[org["id"]] = engine.handle(registered)["organisation_key"]
        if renamed := org.get("renamed"):
            engine.handle(c.RenameOrganisation(actor=None, code=org["code"], **renamed))
    for user in people["users"]:
        engine.handle(
            c.RegisterUser(
                actor=None,
                username=user["username"],
                name=user["name"],
                org_code=codes[user["org"]],
                roles=tuple(user["roles"]),
                password=DEMO_PASSWORD,
            )
        )
    for deputy in people["deputies"]:
        engine.handle(c.AuthoriseDeputy(actor=None, **deputy))
    for entry in _read("catalogue.yaml")["entries"]:
        provider = codes[entry.pop("provider")]
        entry["metadata"]["lead_dept"] = keys[entry.pop("lead")]
        engine.handle(c.PublishEntry(actor=None, provider_code=provider, **entry))


def deploy(engine: Engine) -> None:
    """Deploy every process in the folder, once: a start may not put it over what was published since."""
    for folder in shipped():
        files = definition_files(folder)
        with engine.database.reading() as conn:
            known = select(process_definition.c.key).where(process_definition.c.sha256 == content_hash(files))
            deployed = conn.execute(known.limit(1)).first() is not None
        if not deployed:
            engine.handle(c.DeployDefinition(actor=None, files=files))


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((DATA / name).read_text(encoding="utf-8"))
    return data
