"""What a check of the database finds."""

from dataclasses import asdict, dataclass, field
from typing import Any

from engine.history.breaks import Broken

MOST = 200


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it was written.

    Attributes:
        kind: edited, deleted, reordered, truncated, forked, swapped or rewritten; head: not the published root;
            seal: a seal does not fit; projection: a table that is read does not follow from the history.
        stream: Whose event it is, None where it concerns no stream, or one of several.
        case: The case number, empty for other streams.
        seq: The first event it concerns.
        candidates: Where one of several streams was rewritten: each with the first and last event that may be it.
    """

    kind: str
    zh: str
    en: str
    stream: int | None = None
    case: str = ""
    seq: int | None = None
    expected: str = ""
    found: str = ""
    candidates: tuple[tuple[int | None, int, int], ...] = ()


@dataclass
class Checked:
    """A whole check.

    Attributes:
        findings: At most `MOST`; `more` counts the rest.
        remarks: (zh, en) of what is no break but worth knowing.
    """

    streams: int = 0
    events: int = 0
    cases: int = 0
    seals: int = 0
    sealed_day: str | None = None
    sealed_root: str | None = None
    published_day: str | None = None
    replayed: int | None = None
    findings: list[Finding] = field(default_factory=list)
    more: int = 0
    remarks: list[tuple[str, str]] = field(default_factory=list)
    broken: set[int] = field(default_factory=set)

    @property
    def whole(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def add(self, finding: Finding) -> None:
        """Keep a finding; of each stream the first one counts, the others follow from it."""
        if finding.stream is not None:
            if finding.stream in self.broken:
                return
            self.broken.add(finding.stream)
        if len(self.findings) < MOST:
            self.findings.append(finding)
        else:
            self.more += 1

    def add_break(self, broken: Broken, stream: int | None = None) -> None:
        """Keep what breaks a stream."""
        self.add(
            Finding(broken.kind, broken.zh, broken.en, stream, "", broken.seq, broken.expected, broken.found)
        )

    def data(self) -> dict[str, Any]:
        """Return the check as JSON values; keys are decimal strings."""
        found = {name: value for name, value in asdict(self).items() if name != "broken"}
        for one in found["findings"]:
            one["stream"] = None if one["stream"] is None else str(one["stream"])
            one["candidates"] = [[str(stream), first, last] for stream, first, last in one["candidates"]]
        return {"ok": self.whole, **found}
