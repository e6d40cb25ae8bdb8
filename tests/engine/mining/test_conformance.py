"""Conformance: cases held against their own version and another one; each deviation said with who, why and where."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from engine import commands as c
from engine.demo.cases import PROCESS, Desk, deliver
from engine.errors import NotFound
from engine.queries import conformance as queries
from engine.queries.case_conformance import CaseConformance, case_conformance
from engine.queries.conformance import Chosen, Conformance
from tests.conftest import at_once
from tests.engine.lives import LIVES
from tests.processes import test_migration as office
from tests.processes.test_incidents import BAD, REASON, assign, begin, element, incidents, skip, small

SINCE, UNTIL = date(2026, 1, 1), date(2026, 12, 31)


@dataclass
class Audit:
    """An auditor's questions."""

    desk: Desk

    @property
    def actor(self) -> Any:
        return self.desk.engine.accounts.actor_named("audit")

    def cases(self, process_id: str, against: int | None = None, page: int = 1) -> Conformance:
        chosen = Chosen(process_id, against, SINCE, UNTIL)
        found: Conformance = self.desk.engine.queries.search(queries.conformance, self.actor, chosen, page)
        return found

    def case(self, key: int, against: int | None = None) -> CaseConformance:
        found: CaseConformance = self.desk.engine.queries.search(case_conformance, self.actor, key, against)
        return found


@pytest.fixture
def audit(desk: Desk) -> Audit:
    return Audit(desk)


def live(desk: Desk, name: str, after: Callable[[c.Command], None] = lambda command: None) -> None:
    for command in LIVES[name](desk):
        desk.engine.handle(command)
        after(command)


def test_a_jump_names_who_put_the_token_where_and_why(desk: Desk, audit: Audit) -> None:
    live(desk, "verbs")
    [case] = [case for case in audit.cases("verbs").cases if "jump" in case.kinds]
    found = audit.case(case.key)
    jump = next(line for line in found.deviations if line.kind == "jump")

    assert jump.who == "辽宁省营商环境建设局 试administrator"
    assert jump.happened.startswith("系统管理员将事项由“复核”跳转至“填报”")
    assert jump.reason == "数据与实际不符，理由如上所述。"
    assert (jump.missing, jump.left) == (("填报",), ("复核",))
    assert jump.elements == ("Work", "First")
    assert [line.number for line in found.deviations] == [*range(1, len(found.deviations) + 1)]
    assert {line.kind for line in found.deviations} == {"return", "jump", "recall", "voided"}
    assert found.fitness < 1


def test_a_migration_costs_nothing_and_is_marked_with_the_reason_of_its_proposal(
    desk: Desk, audit: Audit
) -> None:
    live(desk, "versions")
    [case] = audit.cases(_process(desk)).cases
    found = audit.case(case.key)

    assert case.kinds == ("migration",)
    assert found.deviations[0].reason == office.REASON
    assert (found.own.version, found.fitness) == (2, 1.0)


def _process(desk: Desk) -> str:
    names = desk.engine.queries.search(queries.procedures, Audit(desk).actor)
    return str(next(p.process_id for p in names if len(p.versions) > 1))


def test_what_an_operator_skipped_is_marked_with_the_reason(desk: Desk, audit: Audit) -> None:
    key = begin(desk, small(element("serviceTask", assign(BAD))))
    desk.do(key, "A", {})
    assert incidents(desk, key)
    skip(desk, key)
    [line] = audit.case(key).deviations

    assert (line.kind, line.reason, line.missing, line.left) == ("skip", REASON, (), ())
    assert audit.case(key).fitness == 1.0


def test_a_case_that_goes_as_drawn_has_no_deviation(desk: Desk, audit: Audit) -> None:
    key = int(at_once(deliver(desk, 1)))
    found = audit.case(key)

    assert (found.fitness, found.deviations, found.counts) == (1.0, (), ())
    assert found.tokens == ("T12-04",)
    assert audit.cases(PROCESS).rows[0].deviating == 0


def test_against_another_version_the_steps_it_has_not_are_missing(desk: Desk, audit: Audit) -> None:
    first, key = office.publish(desk), office.start(desk)
    other = office.publish(desk, office.RENAMED)
    found = audit.case(key, other)

    assert (found.drawn.version, found.own.version, found.against) == (2, 1, other)
    assert [line.kind for line in found.deviations] == ["no_way"]
    assert [(count.element_id, count.missing) for count in found.counts] == [("Verify", 1)]
    assert found.fitness < audit.case(key, first).fitness == 1.0


def test_a_version_of_another_procedure_is_not_found(desk: Desk, audit: Audit) -> None:
    key = int(at_once(deliver(desk, 1)))
    foreign = office.publish(desk)

    with pytest.raises(NotFound):
        audit.case(key, foreign)
    with pytest.raises(NotFound):
        audit.cases(PROCESS, foreign)


def test_versions_are_summed_up_and_then_all_of_them(
    desk: Desk, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.publish(desk)
    process = audit.case(office.start(desk)).procedure.process_id
    office.publish(desk, office.LONGER)
    office.start(desk)
    found = audit.cases(process)

    assert [(row.version, row.cases, row.fitness) for row in found.rows] == [
        (2, 1, 1.0),
        (1, 1, 1.0),
        (0, 2, 1.0),
    ]

    monkeypatch.setattr(queries, "PAGE", 1)
    pages = [audit.cases(process, page=n) for n in (1, 2, 3)]
    assert [(p.page, p.pages, p.total, len(p.cases)) for p in pages] == [
        (1, 2, 2, 1),
        (2, 2, 2, 1),
        (2, 2, 2, 1),
    ]


def test_what_was_played_once_is_played_again_when_its_history_grew(desk: Desk, audit: Audit) -> None:
    live(desk, "verbs", lambda command: audit.cases("verbs") and None)

    assert any("voided" in case.kinds for case in audit.cases("verbs").cases)


def test_who_may_not_see_a_case_learns_nothing_of_it(desk: Desk) -> None:
    key = int(at_once(deliver(desk, 1)))
    stranger = desk.engine.accounts.actor_named("scj.jb")

    with pytest.raises(NotFound):
        desk.engine.queries.search(case_conformance, stranger, key, None)
    chosen = Chosen(PROCESS, None, SINCE, UNTIL)
    assert desk.engine.queries.search(queries.conformance, stranger, chosen).total == 0
