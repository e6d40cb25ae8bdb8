"""What a timer's period needs beside its setting: found when a definition is deployed."""

import re
from collections.abc import Iterator

from engine.expression_checks import Told, expression_findings
from engine.model import Period, Process

_BOUND = re.compile("[1-9][0-9]{0,3}")


def period_findings(process: Process, period: Period) -> Iterator[Told]:
    """Yield what is wrong with a length that a document of the case sets, and with its extension."""
    setting = process.settings.get(period.setting or "")
    if period.length is not None and setting is not None:
        bounds = (setting.minimum, setting.maximum)
        if not all(map(_BOUND.fullmatch, bounds)) or int(bounds[0]) > int(bounds[1]):
            yield (
                "limit-setting",
                f"由文书确定的期限须在设置 {setting.key} 中写明 min 和 max",
                f"a length that a document sets needs min and max in the setting {setting.key}",
            )
    if period.length is not None and period.length_by is None:
        yield (
            "limit-setting",
            "由文书确定的期限须以 lengthBy 写明是哪一文书",
            "a length that a document sets needs that document in lengthBy",
        )
    if period.extension_most is not None and period.extension[0] is None:
        yield "limit-setting", "extensionMost 须与 extension 同用", "extensionMost belongs to extension"
    for text in filter(None, (period.length, period.length_by, period.extension_most)):
        yield from expression_findings(text, process.variables.keys())
