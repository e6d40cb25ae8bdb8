"""Checking a case file without the platform: the archive, the history in it, and everything that must follow from it."""

import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, BinaryIO

import orjson

from engine.events import (
    DefinitionDeployed,
    DocumentIssued,
    InstanceMigrated,
    InstanceRebound,
    InstanceStarted,
)
from engine.history import case_file as names
from engine.history.archive import is_archive, read_archive
from engine.history.breaks import Broken
from engine.history.chain import Recorded, parse
from engine.history.recount import Recount, known_notices
from engine.history.verify import Published, Report, verify
from engine.periods import beijing_day

__all__ = ["CaseFileReport", "is_archive", "verify_case_file"]
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PROVEN = re.compile(
    rf"{re.escape(names.HISTORY)}|evidence/.+|model/.+|documents/.+\.html|attachments/[0-9a-f]{{64}}|"
    rf"{re.escape(names.MANIFEST)}|{re.escape(names.LAYERS)}"
)
"""What a history proves, and what is used in the proof."""
_UNDER_WAY = timedelta(hours=1)
"""What was recorded this long before midnight was written when the day was sealed."""
_VERSIONS = (InstanceStarted, InstanceRebound, InstanceMigrated)


@dataclass
class CaseFileReport:
    """What a case file proves, and everything that does not fit.

    Attributes:
        history: Of the case's own history.
        findings: In the order they were found; the first is the gravest.
        limits: How many limits, and moves of limits, were counted again and came out the same.
        read_only: Names of what is there to be read and follows from no hash of a history: whoever edits it edits
            the manifest too, and nobody finds it.
    """

    history: Report
    findings: list[Broken] = field(default_factory=list)
    files: int = 0
    versions: int = 0
    documents: int = 0
    attachments: int = 0
    limits: int = 0
    notices: int = 0
    read_only: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def verify_case_file(file: BinaryIO, published: Published | None = None) -> CaseFileReport:
    """Check a case file.

    Raises:
        Broken: it is no archive of ours, or its history is broken; nothing else is worth looking at then.
    """
    files = read_archive(file)
    manifest = _manifest(files)
    findings = list(_hashes(files, manifest))
    if names.HISTORY not in files:
        raise findings[0] if findings else _missing(names.HISTORY)
    report = CaseFileReport(verify(io.BytesIO(files[names.HISTORY]), published), findings, len(files))
    report.read_only = sorted(name for name in files if not _PROVEN.fullmatch(name))
    events = _events(files[names.HISTORY])
    checks = (
        _agrees(manifest, report.history),
        _left_out(names.HISTORY, events, report.history, report.history),
        _models(files, events, report),
        _documents(files, events, report),
        _attachments(files, report),
        _limits(files, events, report),
    )
    for check in checks:
        try:
            report.findings += check
        except Broken as broken:
            report.findings.append(broken)
    return report


# The archive


def _manifest(files: Mapping[str, bytes]) -> dict[str, Any]:
    if names.MANIFEST not in files:
        raise _missing(names.MANIFEST)
    found = _json(files[names.MANIFEST], names.MANIFEST)
    if not isinstance(found, dict) or (found.get("format"), found.get("version")) != (
        names.FORMAT,
        names.VERSION,
    ):
        raise Broken(
            "format",
            f"这不是第{names.VERSION}版的时限案件流程档案。",
            f"Expected a {names.FORMAT} of version {names.VERSION}, found another manifest.",
        )
    listed = found.get("files")
    if not isinstance(listed, dict) or not all(isinstance(entry, dict) for entry in listed.values()):
        raise Broken("format", "清单没有列出文件。", "Expected the manifest to list the files, found none.")
    return found


def _hashes(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Iterator[Broken]:
    listed = manifest["files"]
    for name in sorted(listed.keys() - files.keys()):
        yield _missing(name)
    for name in sorted(files.keys() - listed.keys() - {names.MANIFEST}):
        yield Broken(
            "extra", f"清单没有列出{name}。", f"Expected only what the manifest lists, found {name}."
        )
    for name in sorted(files.keys() & listed.keys()):
        digest = hashlib.sha256(files[name]).hexdigest()
        if (listed[name].get("sha256"), listed[name].get("size")) != (digest, len(files[name])):
            yield Broken(
                "file",
                f"{name}与清单所载的散列值或者大小不符：文件被改动过。",
                f"{name} has another hash or size than the manifest says: it was edited.",
                None,
                str(listed[name].get("sha256")),
                digest,
            )


def _missing(name: str) -> Broken:
    return Broken(
        "missing", f"档案中缺少{name}。", f"Expected {name} in the archive, found none.", expected=name
    )


def _json(content: bytes, name: str) -> Any:
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        raise Broken("format", f"{name}不是 JSON 文本。", f"Expected JSON in {name}, found none.") from None


def _events(history: bytes) -> list[Recorded]:
    """Return the events of a history whose chain was found whole."""
    found = []
    for line in history.splitlines()[1:-1]:
        try:
            found.append(parse(line[line.index(b'"body":') + 7 : -1]))
        except (ValueError, TypeError, KeyError):
            seq = len(found) + 1
            raise Broken(
                "format",
                f"第{seq}条记录是本程序不认识的种类，请用较新的版本校验。",
                f"Event {seq} is of a kind this program does not know; check with a later version.",
                seq,
            ) from None
    return found


def _agrees(manifest: Mapping[str, Any], history: Report) -> Iterator[Broken]:
    told = {
        "case": history.case,
        "stream": history.stream,
        "algorithm": history.algorithm,
        "head": history.head,
        "events": history.events,
        "sealed_to": history.sealed_to,
        "sealed_day": history.sealed_day,
        "sealed_root": history.sealed_root,
    }
    for name, value in told.items():
        if manifest.get(name) != value:
            yield Broken(
                "manifest",
                f"清单所载的{name}与记录不符。",
                f"The manifest names another {name} than the history.",
                None,
                str(value),
                str(manifest.get(name)),
            )


# What follows from the history


def _evidence(
    files: Mapping[str, bytes], name: str, events: list[Recorded], history: Report
) -> list[Recorded]:
    """Return the events of another history in the file, once it is found whole and under the same seals.

    Args:
        events: Of the case's own history.
        history: What that history proves.
    """
    if name not in files:
        raise _missing(name)
    try:
        report = verify(io.BytesIO(files[name]), of_case=False)
    except Broken as broken:
        raise Broken(
            broken.kind,
            f"{name}：{broken.zh}",
            f"{name}: {broken.en}",
            broken.seq,
            broken.expected,
            broken.found,
        ) from None
    if history.sealed_root and report.sealed_root and report.sealed_root != history.sealed_root:
        raise Broken(
            "seal",
            f"{name}与办理记录不在同一封存之下。",
            f"{name} is not under the seal of the case's history.",
            None,
            str(history.sealed_root),
            str(report.sealed_root),
        )
    found = _events(files[name])
    unsealed = [
        *_left_out(name, found, report, history),
        *_left_out(names.HISTORY, events, history, report),
    ]
    if unsealed:
        raise unsealed[0]
    return found


def _left_out(name: str, events: list[Recorded], report: Report, other: Report) -> Iterator[Broken]:
    """Yield what no seal covers though it was recorded on a day that `other`, from the same file, shows as sealed.

    A seal covers all that was written when it was made, so who drops the proofs of a history he computed anew
    cannot keep those of the histories beside it.
    """
    if other.sealed_day is None:
        return
    open_ = next((recorded for recorded in events if recorded.seq > report.sealed_to), None)
    day = date.fromisoformat(other.sealed_day)
    if open_ is not None and beijing_day(open_.recorded_at + _UNDER_WAY) <= day:
        yield Broken(
            "seal",
            f"{name}第{open_.seq}条登记于封存日{day}届满之前，却不在该日的封存之内。",
            f"{name}, event {open_.seq} was recorded before the end of {day}, whose seal does not cover it.",
            open_.seq,
            f"<= {report.sealed_to}",
            str(open_.seq),
        )


def _models(files: Mapping[str, bytes], events: list[Recorded], report: CaseFileReport) -> Iterator[Broken]:
    for recorded in events:
        event = recorded.event
        if not isinstance(event, _VERSIONS):
            continue
        version = event.version if isinstance(event, InstanceStarted) else event.to_version
        evidence = _evidence(files, names.definition_history(event.definition_key), events, report.history)
        deployed = next((e.event for e in evidence if isinstance(e.event, DefinitionDeployed)), None)
        if deployed is None or (deployed.definition_key, deployed.version) != (event.definition_key, version):
            yield _model(
                recorded.seq, version, "其发布记录不是该版本的", "its record of publication is another's"
            )
            continue
        report.versions += 1
        held = {
            name.removeprefix(names.model_file(version, "")): hashlib.sha256(content).hexdigest()
            for name, content in files.items()
            if name.startswith(names.model_file(version, ""))
        }
        for path in sorted(held.keys() | deployed.files.keys()):
            if held.get(path) != deployed.files.get(path):
                yield _model(
                    recorded.seq,
                    version,
                    f"文件{path}与发布时的散列值不符",
                    f"{path} has not the hash it was published with",
                    deployed.files.get(path, ""),
                    held.get(path, ""),
                )


def _model(seq: int, version: int, zh: str, en: str, expected: str = "", found: str = "") -> Broken:
    return Broken(
        "model",
        f"第{seq}条所适用的第{version}版：{zh}。",
        f"Version {version} of event {seq}: {en}.",
        seq,
        expected,
        found,
    )


def _documents(
    files: Mapping[str, bytes], events: list[Recorded], report: CaseFileReport
) -> Iterator[Broken]:
    issued: set[str] = set()
    for recorded in events:
        event = recorded.event
        if not isinstance(event, DocumentIssued):
            continue
        name = names.document_file(event.document_key)
        issued |= {name, names.document_file(event.document_key, "pdf")}
        digest = hashlib.sha256(files[name]).hexdigest() if name in files else ""
        if digest != event.sha256:
            yield Broken(
                "document",
                f"第{recorded.seq}条印发的文书“{event.title}”{'与印发时的散列值不符' if digest else '不在档案中'}。",
                f"Event {recorded.seq}, document {event.number}: "
                + ("it has not the hash it was issued with." if digest else "it is not in the file."),
                recorded.seq,
                event.sha256,
                digest,
            )
        report.documents += 1
    for name in sorted(files):
        if name.startswith("documents/") and name not in issued:
            yield Broken("document", f"{name}不是本事项印发的文书。", f"{name} was not issued in this case.")


def _attachments(files: Mapping[str, bytes], report: CaseFileReport) -> Iterator[Broken]:
    history = files[names.HISTORY]
    for name, content in sorted(files.items()):
        if not name.startswith("attachments/") or name == "attachments/index.json":
            continue
        stated, digest = name.removeprefix("attachments/"), hashlib.sha256(content).hexdigest()
        report.attachments += 1
        if digest != stated or not _SHA256.fullmatch(stated) or stated.encode() not in history:
            yield Broken(
                "attachment",
                f"附件{stated[:16]}…的内容与记录所载的散列值不符。",
                f"Attachment {stated[:16]}… is none that the history names by this hash.",
                None,
                stated,
                digest,
            )


def _limits(files: Mapping[str, bytes], events: list[Recorded], report: CaseFileReport) -> Iterator[Broken]:
    known = known_notices(_evidence(files, names.CALENDAR, events, report.history))
    if names.LAYERS not in files:
        raise _missing(names.LAYERS)
    told = _json(files[names.LAYERS], names.LAYERS)
    try:
        layers = {int(key): tuple(str(scope) for scope in scopes) for key, scopes in told.items()}
    except (AttributeError, TypeError, ValueError):
        raise Broken(
            "format",
            f"{names.LAYERS}应为部门与层级的对照。",
            f"Expected scopes by department in {names.LAYERS}.",
        ) from None
    recount = Recount(known, layers)
    report.notices = len(known)
    try:
        yield from recount.check(events)
    except (ValueError, TypeError, KeyError) as fault:
        raise Broken(
            "limit", "有期限的计算条件不完整。", f"The terms of a limit are not complete: {str(fault)[:100]}"
        ) from fault
    report.limits = recount.counted
