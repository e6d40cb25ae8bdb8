"""What a comparison of two definitions consists of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.errors import Message
from engine.process_files import PROCESS

GROUPS = {
    "limits": Message("期限与设置", "Limits and settings"),
    "elements": Message("环节", "Elements"),
    "flows": Message("流向", "Flows"),
    "roles": Message("角色", "Roles"),
    "forms": Message("表单", "Forms"),
    "decisions": Message("决策", "Decisions"),
    "documents": Message("文书", "Documents"),
    "scenarios": Message("情景", "Scenarios"),
    "layout": Message("绘图", "Drawing"),
}
"""The parts of a comparison, in the order they are read."""
KINDS = ("added", "removed", "changed", "moved")


@dataclass(frozen=True)
class Difference:
    """One difference, as a sentence.

    Attributes:
        group: One of `GROUPS`.
        kind: added, removed, changed, or moved (in the drawing only).
        subject: What it is about: the id of an element or form, the key of a setting, the path of a file.
        before, after: Ids to show in the old and in the new diagram.
        weight: What matters most has the least.
        law: It changes what a statutory limit says.
        basis: The legal basis before and after, of a setting of kind `law`.
        path: The file it is in.
    """

    group: str
    kind: str
    text: Message
    subject: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    weight: int = 50
    law: bool = False
    basis: tuple[str, str] | None = None
    path: str = PROCESS


class Line(NamedTuple):
    """A line of a text on both sides; the pieces are (text, whether it differs).

    Attributes:
        kind: same, added, removed or changed.
        before, after: None where the side has no such line.
        before_no, after_no: Number of the line, 0 where there is none.
    """

    kind: str
    before: tuple[tuple[str, bool], ...] | None
    after: tuple[tuple[str, bool], ...] | None
    before_no: int = 0
    after_no: int = 0


@dataclass(frozen=True)
class Comparison:
    """Two definitions compared.

    Attributes:
        differences: In the order of the groups, the most important first in each.
        before, after: Marks for the two diagrams: element id → kind of difference.
        texts: The lines of every text file that differs, by path.
        faults: Files that could not be read and are compared as text.
    """

    differences: tuple[Difference, ...]
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, tuple[Line, ...]] = field(default_factory=dict)
    faults: tuple[Message, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any difference."""
        return bool(self.differences)

    def counts(self) -> dict[str, int]:
        """Return how many differences each group has that has any."""
        found = {group: sum(d.group == group for d in self.differences) for group in GROUPS}
        return {group: number for group, number in found.items() if number}
