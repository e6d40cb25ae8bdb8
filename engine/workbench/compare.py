"""Compare two definitions by their files, in the words of those who publish them.

Either may be a draft that does not compile or a file of another editor: the comparison reads XML, JSON and text
and never refuses.
"""

from collections.abc import Iterator, Mapping

from engine.errors import Message
from engine.process_files import PROCESS
from engine.workbench.compare_elements import element_differences
from engine.workbench.compare_files import file_differences, text_lines
from engine.workbench.compare_layout import layout_differences
from engine.workbench.compare_match import Pairing, paired
from engine.workbench.compare_read import read_written
from engine.workbench.compare_settings import process_differences, setting_differences, variable_differences
from engine.workbench.compare_types import GROUPS, KINDS, Comparison, Difference
from engine.workbench.compare_values import side_of

Files = Mapping[str, bytes]


def compare(before: Files, after: Files) -> Comparison:
    """Return every difference between the files of two definitions.

    Args:
        before, after: Content by path, as `engine.definitions.read_definition` takes it.
    """
    pairing = _pairing(before, after)
    found = [*_drawn(pairing), *file_differences(before, after, pairing.one.written, pairing.other.written)]
    told = {each for d in found if d.path == PROCESS for each in d.after}
    found += layout_differences(pairing, told)
    order = list(GROUPS)
    found.sort(key=lambda d: (order.index(d.group), not d.law, d.weight))
    return Comparison(
        tuple(found),
        before=_marks((d.kind, d.before) for d in found if d.path == PROCESS),
        after=_marks((d.kind, d.after) for d in found if d.path == PROCESS),
        texts=text_lines(before, after),
        faults=tuple(
            side.written.fault for side in (pairing.one, pairing.other) if side.written.fault is not None
        ),
    )


def headline(comparison: Comparison, most: int = 5) -> tuple[Message, ...]:
    """Return the most important sentences, the statutory ones first."""
    first = sorted(comparison.differences, key=lambda d: (not d.law, d.weight))
    return tuple(d.text for d in first[:most])


def summary(comparison: Comparison) -> Message:
    """Return how many differences there are, in all and of each group."""
    total = len(comparison.differences)
    if not total:
        return Message("两者内容相同。", "No differences.")
    parts = comparison.counts().items()
    zh = "、".join(f"{GROUPS[group].zh} {number} 处" for group, number in parts)
    en = ", ".join(f"{GROUPS[group].en.lower()}: {number}" for group, number in parts)
    return Message(f"共 {total} 处差别：{zh}。", f"{total} difference{'s'[: total > 1]} ({en}).")


def kept_bases(comparison: Comparison) -> tuple[Message, ...]:
    """Return the changes of statutory settings that still name the old basis, which has to be looked at."""
    return tuple(
        d.text
        for d in comparison.differences
        if d.law
        and d.kind == "changed"
        and d.weight == 0
        and d.basis is not None
        and d.basis[0] == d.basis[1]
    )


def law_changes(before: Files, after: Files) -> tuple[Message, ...]:
    """Return what changes the statutory limits: publishing such a change takes a second person.

    A setting of kind `law` that is new, gone, or says anything else; one that becomes a choice; a timer that is
    new or gone, or counts such a setting otherwise; an act that extends or holds such a limit; what sets the
    variable it counts from; what skips the activity under it.

    Args:
        before: The files of the version in force, empty for a procedure that has none: then every statutory
            setting is new.
    """
    return tuple(d.text for d in _drawn(_pairing(before, after)) if d.law)


def _pairing(before: Files, after: Files) -> Pairing:
    one = side_of(read_written(before.get(PROCESS)), before)
    other = side_of(read_written(after.get(PROCESS)), after)
    return paired(one, other)


def _drawn(pairing: Pairing) -> Iterator[Difference]:
    one, other = pairing.one, pairing.other
    if fault := one.written.fault or other.written.fault:
        if one.written != other.written:
            zh, en = (
                f"流程图无法读取，未能比较：{fault.zh}",
                f"The diagram cannot be read, nothing compared: {fault.en}",
            )
            yield Difference("elements", "changed", Message(zh, en), weight=1, law=True)
        return
    yield from setting_differences(one.written, other.written)
    yield from process_differences(one, other)
    yield from variable_differences(one.written, other.written)
    yield from element_differences(pairing)


def _marks(found: Iterator[tuple[str, tuple[str, ...]]]) -> dict[str, str]:
    marks: dict[str, str] = {}
    for kind, ids in found:
        for each in ids:
            known = marks.get(each)
            if known is None or KINDS.index(kind) < KINDS.index(known):
                marks[each] = kind
    return marks
