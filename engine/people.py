"""Who acts: a person with the roles they hold today, own or as deputy."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from engine.errors import NotAllowed
from engine.speech import Bilingual

ROLES = {
    "handler": Bilingual("经办人", "case handler"),
    "head": Bilingual("负责人", "head"),
    "sharing_unit_head": Bilingual("政务数据共享工作机构负责人", "head of the data-sharing unit"),
    "auditor": Bilingual("审计人员", "auditor"),
    "designer": Bilingual("流程设计人员", "process designer"),
    "admin": Bilingual("系统管理员", "system administrator"),
    "office": Bilingual("办公机构工作人员", "office staff"),
    "window": Bilingual("受理单位窗口人员", "window staff of the accepting unit"),
}
CASE_ROLES = ("handler", "head", "sharing_unit_head", "office", "window")
"""The roles whose holders do tasks of cases."""
STANDS_IN = {"sharing_unit_head": "head"}
"""A role that a department may leave unfilled, and whose holders then do its tasks."""


@dataclass(frozen=True)
class Matter:
    """What a rule of substitution may depend on in a case.

    Attributes:
        parties: The keys of the departments that are parties.
    """

    process_id: str
    parties: frozenset[int]
    resource_key: int | None


@dataclass(frozen=True)
class Mandate:
    """A rule of substitution (委托代理) that is in force: in whose place, in which role and for what.

    Attributes:
        processes: The process ids it holds for; none for all.
        resource_key: Only cases about this resource.
        other_key: Only cases with this department as another party.
    """

    key: int
    org_key: int
    role: str
    principal: int
    principal_name: str
    substitute: int
    valid_until: date
    processes: tuple[str, ...] = ()
    resource_key: int | None = None
    other_key: int | None = None

    @property
    def unconditional(self) -> bool:
        """Whether it holds for every case of the role."""
        return not self.processes and self.resource_key is None and self.other_key is None

    def covers(self, matter: Callable[[], Matter]) -> bool:
        """Say whether it holds for a case; the case is only looked at where there is a condition."""
        if self.unconditional:
            return True
        case = matter()
        return (
            (not self.processes or case.process_id in self.processes)
            and self.resource_key in (None, case.resource_key)
            and (self.other_key is None or self.other_key in case.parties)
        )


def two_names(name: str, principal: str | None) -> str:
    """Return the name of who acts, with that of whom they stand in for."""
    return f"{name}（代{principal}）" if principal else name


@dataclass(frozen=True)
class Actor:
    """A signed-in person.

    Attributes:
        roles: (organisation key, role) pairs held today, those held as deputy without condition included.
        deputy_of: Name of the principal for each pair held only as deputy.
        mandates: The rules under which the person stands in for somebody today; narrowed to those that cover a task
            by `engine.handlers.mandates.for_task`.
    """

    user_key: int
    username: str
    name: str
    org_key: int
    org_name: str
    roles: frozenset[tuple[int, str]]
    deputy_of: dict[tuple[int, str], str] = field(default_factory=dict, compare=False)
    mandates: tuple[Mandate, ...] = field(default=(), compare=False)

    def holds(self, role: str, org_key: int | None = None) -> bool:
        """Say whether the person has the role, in that department if one is named."""
        return any(r == role and (org_key is None or o == org_key) for o, r in self.roles)

    def holds_in_person(self, role: str, org_key: int) -> bool:
        """Say whether the person has the role in the department in their own right."""
        return (org_key, role) in self.roles and (org_key, role) not in self.deputy_of

    def stands_in_for(self, org_key: int, role: str) -> str:
        """Return the name of whom the person stands in for in a role they do not hold themselves, or nothing."""
        if self.holds_in_person(role, org_key):
            return ""
        return next((m.principal_name for m in self.mandates if (m.org_key, m.role) == (org_key, role)), "")

    @property
    def acting_orgs(self) -> frozenset[int]:
        """The departments in whose cases the person works."""
        return frozenset(o for o, r in self.roles if r in CASE_ROLES)

    def must_hold(self, role: str) -> None:
        """Refuse unless the person has the role.

        Raises:
            NotAllowed: they have not.
        """
        if not self.holds(role):
            raise NotAllowed(
                f"此操作需要“{ROLES.get(role, role)}”角色，{self.name}没有该角色。",
                f"Expected the role {role}, found {self.username} without it.",
            )
