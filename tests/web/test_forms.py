"""From a posted form to values: every field is looked at once, however many tables and objects there are."""

from typing import Any

from werkzeug.datastructures import MultiDict

from web.forms import MAX_OBJECTS, values_from_request

ITEM = {"components": [{"key": "name", "type": "textfield"}, {"key": "rows", "type": "table"}]}
FORM = {
    "components": [
        {"key": "rows", "type": "table"},
        {"key": "entries", "type": "subforms", "subform": ITEM, "shixian": {"item": "entry"}},
    ]
}


class Counted(MultiDict[str, str]):
    looked = 0

    def items(self, *args: Any, **more: Any) -> Any:
        Counted.looked += 1
        return super().items(*args, **more)


def test_tables_of_the_form_and_of_its_objects_are_told_apart() -> None:
    posted = MultiDict(
        {
            "rows.1.a": "x",
            "rows.0.a": "y",
            "entries.0.name": "n",
            "entries.0.rows.2.b": "z",
            "entries.3.name": "m",
            "entries.4.name": "gone",
            "entries.4.remove": "true",
        }
    )

    assert values_from_request(FORM, posted) == {
        "rows": [{"a": "y"}, {"a": "x"}],
        "entries": [{"name": "n", "rows": [{"b": "z"}]}, {"name": "m", "rows": []}],
    }


def test_the_names_are_looked_through_once_and_objects_are_bounded() -> None:
    posted = Counted({f"entries.{n}.name": str(n) for n in range(900)})
    Counted.looked = 0

    found = values_from_request(FORM, posted)

    assert Counted.looked == 1
    assert len(found["entries"]) == MAX_OBJECTS
