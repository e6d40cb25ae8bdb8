"""Logs and case files with the names of persons: an auditor takes one for a reason, and that is on record."""

import re
from typing import Any

from engine import events as e
from engine.commands import IssueUnmaskedExport
from engine.errors import InvalidInput, NotAllowed
from engine.mining.writers import FORMATS
from engine.uow import UnitOfWork

EXPORT_STREAM = 9
CASE_FILE = "case_file"
KINDS = (*FORMATS, CASE_FILE)
"""What can leave the platform with the names of persons in it."""
SHORTEST, LONGEST = 10, 500
"""Characters of a reason."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


def issue_unmasked_export(cmd: IssueUnmaskedExport, uow: UnitOfWork) -> dict[str, Any]:
    """Keep who took what and why.

    Raises:
        NotAllowed: the person is no auditor.
        InvalidInput: the reason is too short or too long, or the file is none of ours.
    """
    if cmd.actor is None:
        raise NotAllowed("未脱敏导出由审计人员办理。", "Expected an auditor, found the platform itself.")
    cmd.actor.must_hold("auditor")
    reason = checked_reason(cmd.reason)
    if cmd.format not in KINDS or not _DIGEST.fullmatch(cmd.sha256) or cmd.cases < 0:
        raise InvalidInput(
            "请选择导出格式。",
            f"Expected one of {', '.join(KINDS)} and a SHA-256, found {cmd.format[:40]!r}.",
        )
    uow.record(
        EXPORT_STREAM, e.UnmaskedExportIssued(cmd.format, dict(cmd.filters), reason, cmd.cases, cmd.sha256)
    )
    return {"sha256": cmd.sha256}


def checked_reason(text: str) -> str:
    """Return the reason without blanks around it.

    Raises:
        InvalidInput: it is too short or too long.
    """
    reason = text.strip()
    if not SHORTEST <= len(reason) <= LONGEST:
        raise InvalidInput(
            f"导出未脱敏的文件须写明理由，{SHORTEST}至{LONGEST}个字。",
            f"Expected a reason of {SHORTEST} to {LONGEST} characters, found {len(reason)}.",
        )
    return reason
