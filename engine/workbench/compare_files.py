"""Everything of a definition but its model compared, file by file."""

from collections.abc import Callable, Iterator, Mapping

from engine.errors import Message
from engine.process_files import PROCESS
from engine.workbench.compare_decisions import read_tables, table_differences
from engine.workbench.compare_forms import form_differences, form_whole
from engine.workbench.compare_paths import plain_path
from engine.workbench.compare_read import Written
from engine.workbench.compare_texts import lines, text_words
from engine.workbench.compare_types import Difference, Line
from engine.workbench.compare_values import read_json

Files = Mapping[str, bytes]
_FOLDERS = {
    "forms": ("forms", Message("表单", "Form")),
    "decisions": ("decisions", Message("决策表", "Decision")),
    "documents": ("documents", Message("文书", "Document")),
    "scenarios": ("scenarios", Message("情景", "Scenario")),
}


def text_lines(before: Files, after: Files) -> dict[str, tuple[Line, ...]]:
    """Return the texts of documents, and of what cannot be read as what it is, side by side."""
    found = {}
    for path in sorted({*before, *after}):
        if before.get(path) != after.get(path) and (
            path.startswith("documents/") or _is_broken(path, before, after)
        ):
            found[path] = lines(_text(before.get(path, b"")), _text(after.get(path, b"")))
    return found


def file_differences(before: Files, after: Files, one: Written, other: Written) -> Iterator[Difference]:
    """Yield what differs in forms, decisions, documents, scenarios and files of other kinds."""
    for path in sorted({*before, *after} - {PROCESS}):
        if before.get(path) == after.get(path):
            continue
        folder = path.partition("/")[0]
        told = _READERS.get(folder, _as_text)(path, before.get(path), after.get(path), one, other)
        yield from told


def _forms(
    path: str, old: bytes | None, new: bytes | None, one: Written, other: Written
) -> Iterator[Difference]:
    before, after = (read_json(x) if x is not None else None for x in (old, new))
    number = path.removeprefix("forms/").removesuffix(".json")
    users = _users(other if new is not None else one, "shixian:form/@id", number)
    if isinstance(before, dict) and isinstance(after, dict):
        yield from form_differences(path, before, after, users)
    elif old is None and isinstance(after, dict):
        yield form_whole(path, after, "added", users)
    elif new is None and isinstance(before, dict):
        yield form_whole(path, before, "removed", users)
    else:
        yield from _as_text(path, old, new, one, other)


def _decisions(
    path: str, old: bytes | None, new: bytes | None, one: Written, other: Written
) -> Iterator[Difference]:
    before, after = (read_tables(x) if x is not None else {} for x in (old, new))
    if before is None or after is None:
        yield from _as_text(path, old, new, one, other)
        return
    users = {key: _users(other, "shixian:decision/@id", key) for key in {*before, *after}}
    yield from table_differences(path, before, after, users)


def _as_text(
    path: str, old: bytes | None, new: bytes | None, one: Written, other: Written
) -> Iterator[Difference]:
    folder, _, file = path.partition("/")
    group, word = _FOLDERS.get(folder, ("documents", Message("文件", "File")))
    stem = file.rpartition(".")[0] or path
    title = _title(path, stem, new if new is not None else old or b"", other if new is not None else one)
    called = f"“{title}”（{stem}）" if title else f"“{stem}”"
    in_english = f"“{title}” ({stem})" if title else f"“{stem}”"
    if old is None or new is None:
        kind, zh, en = ("added", "新增", "Added") if old is None else ("removed", "删除", "Removed")
        text = Message(f"{zh}{word.zh}{called}", f"{en} {word.en.lower()} {in_english}")
    else:
        kind, said = "changed", text_words(lines(_text(old), _text(new)))
        text = Message(f"{word.zh}{called}：{said.zh}", f"{word.en} {in_english}: {said.en}")
    users = _users(other, "shixian:document/@template", stem) if folder == "documents" else ()
    yield Difference(group, kind, text, stem, users, users, 44, path=path)


def _title(path: str, stem: str, content: bytes, written: Written) -> str:
    if path.startswith("scenarios/"):
        read = read_json(content)
        said = read.get("name") or read.get("title") if isinstance(read, dict) else None
        return said if isinstance(said, str) else ""
    for thing in written.things.values():
        for aspect, value in thing.aspects.items():
            if value == stem and plain_path(aspect) == "shixian:document/@template":
                return thing.aspects.get(aspect.replace("/@template", "/@title"), "")
    return ""


def _users(written: Written, aspect: str, value: str) -> tuple[str, ...]:
    """Return the elements that name a form, a table or a template."""
    return tuple(
        thing.id
        for thing in written.things.values()
        if any(said == value and plain_path(path) == aspect for path, said in thing.aspects.items())
    )


Reader = Callable[[str, bytes | None, bytes | None, Written, Written], Iterator[Difference]]
_READERS: dict[str, Reader] = {"forms": _forms, "decisions": _decisions}


def _is_broken(path: str, before: Files, after: Files) -> bool:
    for content in (before.get(path), after.get(path)):
        if content is None:
            continue
        if path.startswith("decisions/") and read_tables(content) is None:
            return True
        if path.startswith(("forms/", "scenarios/")) and not isinstance(read_json(content), dict):
            return True
    return False


def _text(content: bytes) -> str:
    return content.decode("utf-8", errors="replace")
