"""What people filled in and the process registered, before and after each event, in words.

Numbers of persons were masked before anything was stored (Art. 18(3)); what is shown here was never more than that.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine import events as e
from engine.chinese_dates import zh, zh_at
from engine.clock import instant
from engine.definitions import Definition
from engine.english_dates import en, en_at
from engine.filters import day_of
from engine.forms import describe
from engine.handlers.sources import Options, from_variables
from engine.history.chain import Recorded
from engine.model import PARTIES
from engine.periods import beijing_day
from engine.queries.reader import Reader
from engine.queries.replay.views import Change
from engine.speech import Bilingual

_DEPARTMENTS = frozenset(PARTIES.values())
_LONGEST = 200
Texts = dict[tuple[str, int], str]  # by label, and its place among fields of the same label


class Values:
    """The values of a case while its events go by."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._variables: dict[str, Any] = {}
        self._shown: dict[str, Texts] = {}  # what a form was last given, by the variable that keeps it
        self._options: dict[tuple[str, str], Options] = {}

    def changes(self, recorded: Recorded, definition: Definition) -> tuple[Change, ...]:
        """Return what an event gave other values, and go on from there."""
        event: Any = recorded.event
        if isinstance(event, e.UserTaskCompleted | e.ActDone | e.TaskHandedIn):
            return tuple(self._filled(event, recorded, definition))
        if isinstance(event, e.IncidentVariablesCorrected):
            return tuple(self._registered(event.after, recorded, definition, event.before))
        if isinstance(event, e.VariablesSet):
            found = tuple(self._registered(event.values, recorded, definition, self._variables))
            self._variables |= event.values
            return found
        return ()

    def _filled(self, event: Any, recorded: Recorded, definition: Definition) -> Iterator[Change]:
        node = definition.process.nodes.get(event.element_id)
        if node is None or node.form is None:
            return
        form = definition.forms[node.form]
        after: Texts = {}
        for label, text in describe(
            form, event.values, self._sources(recorded, definition), definition.forms
        ):
            after[label, sum(1 for known, _ in after if known == label)] = text
        kept = node.form_variable or event.element_id
        before = self._shown.get(kept, {})
        self._shown[kept] = after
        for place in dict.fromkeys((*after, *before)):
            yield Change(form.title, place[0], before.get(place), after.get(place))

    def _registered(
        self, values: Mapping[str, Any], recorded: Recorded, definition: Definition, before: Mapping[str, Any]
    ) -> Iterator[Change]:
        kept = {node.form_variable for node in definition.process.nodes.values() if node.form}
        for name, value in values.items():
            if name in kept or before.get(name) == value:
                continue  # a form's values stand beside the act that handed it in
            texts = [self._text(name, v, recorded) for v in (before.get(name), value)]
            if texts[0] is not None or texts[1] is not None:
                yield Change("", definition.process.labels.get(name) or name, texts[0], texts[1])

    def _text(self, name: str, value: Any, recorded: Recorded) -> str | None:
        """Return a registered value in words; None where it has no more than a structure."""
        if isinstance(value, bool):
            return Bilingual("是", "Yes") if value else Bilingual("否", "No")
        if isinstance(value, int | float):
            return str(value)
        if not isinstance(value, str) or not value or len(value) > _LONGEST:
            return None
        if name in _DEPARTMENTS and value.isdecimal():
            return self._reader.org(int(value), beijing_day(recorded.occurred_at))
        if name.endswith("_at") and "T" in value:
            return Bilingual(zh_at(instant(value)), en_at(instant(value)))
        if (day := day_of(value)) is not None:
            return Bilingual(zh(day), en(day))
        return value

    def _sources(self, recorded: Recorded, definition: Definition) -> Callable[[str], Options]:
        find = from_variables(self._reader.conn, self._variables, definition.forms.get("F12-A"))
        day = beijing_day(recorded.occurred_at)

        def named_that_day(name: str) -> Options:
            known = (name, day.isoformat())
            if known not in self._options:
                options = find(name)
                if name != "departments":
                    return options  # it depends on the case's values
                self._options[known] = [(key, self._reader.org(int(key), day)) for key, _ in options]
            return self._options[known]

        return named_that_day
