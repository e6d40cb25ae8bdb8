"""Deployed process definitions: their files, checked and read once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, and_, bindparam, or_, select

from engine.decisions import Decision
from engine.definition_checks import definition_findings
from engine.definition_contents import read_contents
from engine.errors import InvalidDefinition, NotFound
from engine.findings import Finding
from engine.forms import Form
from engine.model import Process
from engine.profiles import Profile, profile_of
from engine.runner import Program
from engine.storage.tables import blob, process_definition
from engine.workbench.model_rules import model_findings

# A deployed version never changes, so what was read once holds for ever.
_READ: dict[tuple[int, str], "Definition"] = {}
_DIGEST = select(process_definition.c.sha256).where(process_definition.c.key == bindparam("of"))


@dataclass(frozen=True)
class Definition:
    """One version with everything it is made of."""

    key: int
    version: int
    program: Program
    forms: dict[str, Form]
    form_data: dict[str, dict[str, Any]]
    templates: dict[str, str]
    decisions: dict[str, Decision] = field(default_factory=dict)

    @property
    def process(self) -> Process:
        """The model."""
        return self.program.process


def content_hash(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 that names the content of a version."""
    whole = hashlib.sha256()
    for path, content in sorted(files.items()):
        whole.update(path.encode() + b"\0" + hashlib.sha256(content).digest())
    return whole.hexdigest()


def read_definition(key: int, version: int, files: Mapping[str, bytes], rules: bool = True) -> Definition:
    """Read and check the files of a definition.

    Args:
        files: Content by path: process.bpmn, forms/*.json, documents/*.html, decisions/*.dmn.
        rules: Not for what is published already: a rule that came later would stop its running cases.

    Raises:
        InvalidDefinition: with every finding of the checks that hinders publishing.
    """
    definition, findings = examine(key, version, files, rules)
    errors = [found for found in findings if found.severity == "error"]
    if definition is None or errors:
        raise InvalidDefinition(errors)
    return definition


def examine(
    key: int, version: int, files: Mapping[str, bytes], rules: bool = True
) -> tuple[Definition | None, list[Finding]]:
    """Return a definition as far as it can be run, and what its checks find; raises nothing.

    Args:
        rules: Also those of the law and of good drawing; without them only what hinders a case from running.
    """
    contents, findings = read_contents(files)
    if contents.process is not None:
        findings += definition_findings(contents, contents.process)
    if rules:
        told = {(found.rule, found.element) for found in findings}
        findings += (f for f in model_findings(files, contents) if (f.rule, f.element) not in told)
    if contents.program is None:
        return None, findings
    return Definition(
        key,
        version,
        contents.program,
        contents.forms,
        contents.form_data,
        contents.templates,
        contents.decisions,
    ), findings


def load_definition(conn: Connection, key: int, sha256: str | None = None) -> Definition:
    """Return a deployed definition; parsed once per process.

    Args:
        sha256: Its hash, where the caller has read it already.

    Raises:
        NotFound: no such key.
    """
    digest = sha256 or conn.execute(_DIGEST, {"of": key}).scalar()
    cached = _READ.get((key, digest)) if digest is not None else None
    if cached is None:
        row = conn.execute(select(process_definition).where(process_definition.c.key == key)).first()
        if row is None:
            raise NotFound("没有该流程定义。", f"Expected a process definition {key}, found none.")
        files = stored_files(conn, row.files)
        cached = _READ[key, row.sha256] = read_definition(key, row.version, files, rules=False)
    return cached


def forget(conn: Connection) -> None:
    """Let go of what was read of a database that will be thrown away."""
    for key, digest in conn.execute(select(process_definition.c.key, process_definition.c.sha256)):
        _READ.pop((key, digest), None)


def version_files(conn: Connection, key: int) -> dict[str, bytes]:
    """Return the files of a published version, by path.

    Raises:
        NotFound: no such key.
    """
    names = conn.execute(select(process_definition.c.files).where(process_definition.c.key == key)).scalar()
    if names is None:
        raise NotFound("没有该流程版本。", f"Expected a process definition {key}, found none.")
    return stored_files(conn, names)


def displaced_files(conn: Connection, process_id: str, on: date) -> list[dict[str, bytes]]:
    """Return the files of the versions whose place a new version takes from a day on.

    The newest, and the one that is in force then where that is another: a version that waits for its day must not
    hide what would change before it.
    """
    of = process_definition.c
    numbered = select(of.key).where(of.process_id == process_id).order_by(of.version.desc()).limit(1)
    keys = [conn.execute(query).scalar() for query in (numbered, numbered.where(in_force(on)))]
    return [version_files(conn, key) for key in dict.fromkeys(keys) if key is not None]


def stored_files(conn: Connection, names: Mapping[str, str]) -> dict[str, bytes]:
    """Return contents by path, where their SHA-256 is known by path."""
    query = select(blob.c.sha256, blob.c.content).where(blob.c.sha256.in_(set(names.values())))
    content = {row.sha256: bytes(row.content) for row in conn.execute(query)}
    return {path: content[digest] for path, digest in names.items()}


def profile_in(conn: Connection, key: int) -> Profile:
    """Return the law profile that a deployed version speaks.

    Raises:
        NotFound: no such key.
    """
    return profile_of(load_definition(conn, key).process)


def in_force(on: date | BindParameter[Any]) -> ColumnElement[bool]:
    """Return the condition on process_definition that a version may be used on a day; a retired one may not."""
    effective = process_definition.c.effective_from
    return and_(or_(effective.is_(None), effective <= on), process_definition.c.state != "retired")


def latest_key(conn: Connection, process_id: str, on: date) -> int:
    """Return the key of the newest version that is in force on a day (R-V1).

    Raises:
        NotFound: none is under this id.
    """
    key = conn.execute(
        select(process_definition.c.key)
        .where(process_definition.c.process_id == process_id, in_force(on))
        .order_by(process_definition.c.version.desc())
        .limit(1)
    ).scalar()
    if key is None:
        raise NotFound(
            f"没有已施行的流程“{process_id}”。",
            f"Expected a deployed process {process_id} in force on {on}, found none.",
        )
    return int(key)
