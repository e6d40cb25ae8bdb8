"""Conformance: cases held against a version of their procedure, and one case with its deviations in the diagram."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as lazy

from engine.errors import InvalidInput, NotFound
from engine.keys import key_of
from engine.people import Actor
from engine.periods import beijing_day
from engine.queries import conformance as queries
from engine.queries.case_conformance import case_conformance
from engine.queries.conformance import CheckedCase, Chosen, ProcedureName
from web.audit.base import auditing, bp, page
from web.audit.replay_words import DEVIATIONS
from web.engine import engine
from web.seals import civil

KINDS = {
    "no_way": lazy("走向不符"),
    **{kind: DEVIATIONS[kind] for kind in ("jump", "skip", "migration", "return")},
    "recall": lazy("取回"),
    "voided": DEVIATIONS["voided"],
}
_YEAR = timedelta(days=365)
_FIRST, _LAST = date(2000, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True)
class Listed:
    """Which of the cases the page lists.

    Attributes:
        version: Key of the version that applies to them, 0 for any.
        kind: A kind of deviation, `any` of them, or `all` cases.
    """

    version: int
    kind: str

    def has(self, case: CheckedCase) -> bool:
        """Say whether a case is in the list."""
        if self.version and case.definition_key != self.version:
            return False
        return self.kind == "all" or (bool(case.kinds) if self.kind == "any" else self.kind in case.kinds)


@bp.app_template_filter("fitness")
def fitness(value: float) -> str:
    """Return a share in percent, cut off and not rounded: only what conforms wholly is 100%."""
    return f"{int(value * 1000 + 1e-9) / 10:.1f}%"


@bp.get("/conformance")
def conformance() -> ResponseReturnValue:
    """Show how far the cases of a procedure conform, by version, and list those that deviate."""
    actor = auditing()
    known = engine().queries.search(queries.procedures, actor)
    if not known:
        return page("conformance", "conformance", procedures=(), found=None)
    return _checked(actor, known)


def _checked(actor: Actor, known: list[ProcedureName]) -> str:
    procedure = next((p for p in known if p.process_id == request.args.get("process", "")), known[0])
    chosen, listed = _chosen(procedure), _listed()
    number = request.args.get("page", 1, type=int)
    found = engine().queries.search(queries.conformance, actor, chosen, number)
    return page(
        "conformance",
        "conformance",
        procedures=known,
        procedure=procedure,
        chosen=chosen,
        listed=listed,
        found=found,
        cases=[case for case in found.cases if listed.has(case)],
        kinds=KINDS,
        versions={version.key: version.version for version in procedure.versions},
        most=queries.PAGE,
        args={
            "process": procedure.process_id,
            "against": chosen.against or "",
            "since": chosen.since.isoformat(),
            "until": chosen.until.isoformat(),
        },
    )


def _chosen(procedure: ProcedureName) -> Chosen:
    today = beijing_day(engine().clock.now())
    until = _day("until", today)
    since = _day("since", until - _YEAR)
    if since > until:
        raise InvalidInput(
            "起始日期不应晚于截止日期。", f"Expected a first day before the last, found {since} and {until}."
        )
    versions = {version.key for version in procedure.versions}
    against = _key("against")
    # Another procedure was chosen while a version of the one before was: each against its own.
    return Chosen(procedure.process_id, against if against in versions else None, since, until)


def _day(name: str, otherwise: date) -> date:
    text = request.args.get(name, "")
    return min(max(civil(text), _FIRST), _LAST) if text else otherwise


def _key(name: str) -> int | None:
    text = request.args.get(name, "")
    if not text:
        return None
    key = key_of(text)
    if key is None:
        raise NotFound("没有该流程版本。", f"Expected the key of a version, found {text[:40]!r}.")
    return key


def _listed() -> Listed:
    kind = request.args.get("kind", "any")
    return Listed(_key("version") or 0, kind if kind in (*KINDS, "all") else "any")


@bp.get("/cases/<int:key>/conformance")
def case(key: int) -> ResponseReturnValue:
    """Show a case's deviations in the diagram of its own version, or of another one, and in words."""
    found = engine().queries.search(case_conformance, auditing(), key, _key("against"))
    marks = [
        {"number": line.number, "seq": line.seq, "elements": line.elements, "kind": line.kind}
        for line in found.deviations
    ]
    shown = {
        "marks": marks,
        "flows": found.flows,
        "passed": found.passed,
        "tokens": found.tokens,
        "missing": [count.element_id for count in found.counts if count.missing],
        "left": [count.element_id for count in found.counts if count.left],
    }
    return page("case_conformance", "conformance", found=found, kinds=KINDS, shown=shown)
