"""What a department is called in everyday writing: 省民政厅, 民政厅, 省人社厅 beside the full name."""

import re

_AREA = re.compile(r"^(?:[^省]{2,6}省)?(?:[^省市]{2,6}市)?(?:[^省市区县]{2,8}[区县])?")
"""What stands before the proper name of a department: 辽宁省, 沈阳市, 沈阳市和平区."""
_TAILS = ("委员会", "办公厅", "办公室", "中心", "总队", "厅", "局", "委", "办", "部", "院", "署")
_SPOKEN = {"委员会": ("委员会", "委"), "办公厅": ("办公厅", "办"), "办公室": ("办公室", "办")}
_LEVELS = "省市区县"


def names(text: str, name: str, besides: str = "") -> bool:
    """Say whether a text names a department, in full, without its area, or abbreviated.

    An abbreviation is two or more characters of the proper name in their order before its last word (厅, 局 …),
    beginning with the proper name's first character or standing after 省, 市, 区, 县 or a mark: 省人社厅, 人社厅.

    Args:
        name: The full name of the department.
        besides: The full name of another department, which may be named.
    """
    bare = "".join(text.split())
    if name and name in bare:
        return True
    left = bare.replace(besides, "；") if besides else bare
    proper = _AREA.sub("", name)
    if len(proper) < 2:
        return False
    if proper in left:
        return True
    tail = next((t for t in _TAILS if proper.endswith(t)), "")
    stem = proper.removesuffix(tail)
    return bool(tail and stem) and any(_abbreviated(left, stem, t) for t in _SPOKEN.get(tail, (tail,)))


def _abbreviated(text: str, stem: str, tail: str) -> bool:
    for found in re.finditer(tail, text):
        for start in range(max(0, found.start() - len(stem)), found.start() - 1):
            said = text[start : found.start()]
            begins = (
                said[0] == stem[0]
                or start == 0
                or text[start - 1] in _LEVELS
                or not text[start - 1].isalnum()
            )
            if begins and _in_order(said, stem):
                return True
    return False


def _in_order(said: str, stem: str) -> bool:
    rest = iter(stem)
    return all(c in rest for c in said)
