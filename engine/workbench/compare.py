"""What two definitions say differently."""

from collections.abc import Mapping

from engine.bpmn import read_process
from engine.errors import InvalidDefinition, Message
from engine.model import Setting


def law_changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> tuple[Message, ...]:
    """Return the statutory settings that differ, a sentence each; a second person publishes them."""
    old, new = _law(before), _law(after)
    return tuple(
        Message(f"法定设置 {key} 有改变", f"statutory setting {key} differs")
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    )


def _law(files: Mapping[str, bytes]) -> dict[str, Setting]:
    try:
        settings = read_process(files["process.bpmn"]).settings
    except (KeyError, InvalidDefinition):
        return {}
    return {key: setting for key, setting in settings.items() if setting.kind == "law"}
