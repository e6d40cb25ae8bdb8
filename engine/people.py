"""Who acts: a person with the roles they hold today, own or as deputy."""

from dataclasses import dataclass, field

from engine.errors import NotAllowed
from engine.speech import Bilingual

ROLES = {
    "handler": Bilingual("经办人", "case handler"),
    "head": Bilingual("负责人", "head"),
    "auditor": Bilingual("审计人员", "auditor"),
    "designer": Bilingual("流程设计人员", "process designer"),
    "admin": Bilingual("系统管理员", "system administrator"),
    "office": Bilingual("办公机构工作人员", "office staff"),
    "window": Bilingual("受理单位窗口人员", "window staff of the accepting unit"),
}
CASE_ROLES = ("handler", "head", "office", "window")
"""The roles whose holders do tasks of cases."""


@dataclass(frozen=True)
class Actor:
    """A signed-in person.

    Attributes:
        roles: (organisation key, role) pairs held today, those held as deputy included.
        deputy_of: Name of the principal for each pair held as deputy.
    """

    user_key: int
    username: str
    name: str
    org_key: int
    org_name: str
    roles: frozenset[tuple[int, str]]
    deputy_of: dict[tuple[int, str], str] = field(default_factory=dict, compare=False)

    def holds(self, role: str, org_key: int | None = None) -> bool:
        """Say whether the person has the role, in that department if one is named."""
        return any(r == role and (org_key is None or o == org_key) for o, r in self.roles)

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
