"""How a value of a model is shown to a reader: references by name, roles and settings in words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from engine.errors import Message
from engine.profiles import Profile, default_profile, profiles
from engine.speech import english
from engine.workbench.compare_paths import Aspect
from engine.workbench.compare_read import Thing, Written
from engine.workbench.compare_words import kind_words, party_words, role_words

NONE = Message("无", "none")
_APPROVALS = {
    "all": Message("会签", "all"),
    "first": Message("或签", "first"),
    "sequential": Message("依次", "one after another"),
    "votes": Message("票签", "votes"),
}
_MOST = 120


@dataclass(frozen=True)
class Side:
    """One of the two models with what is needed to name its parts."""

    written: Written
    forms: Mapping[str, str] = field(default_factory=dict)  # id → title

    @property
    def profile(self) -> Profile:
        """The law that the model names, the default one where it names none that is installed."""
        return profiles().get(self.written.process.get("@shixian:profile", ""), default_profile())

    def subject(self, thing: Thing) -> Message:
        """Return 用户任务“拟定答复意见”; a thing without a name by its ends or its id."""
        kind = kind_words(thing.kind)
        name = self.name(thing)
        return Message(f"{kind.zh}“{name.zh}”", f"{kind.en} “{name.en}”")

    def name(self, thing: Thing) -> Message:
        """Return what people call a thing."""
        if thing.name:
            return Message(thing.name, thing.name)
        if thing.family == "flow" and "@sourceRef" in thing.aspects:
            one = self.ref(thing.aspects.get("@sourceRef", ""))
            other = self.ref(thing.aspects.get("@targetRef", ""))
            return Message(f"{one.zh} → {other.zh}", f"{one.en} → {other.en}")
        return Message(thing.id, thing.id)

    def ref(self, identity: str) -> Message:
        """Return the name of the element of an id."""
        thing = self.written.things.get(identity)
        return self.name(thing) if thing is not None else Message(identity, identity)

    def is_law(self, setting: str) -> bool:
        """Say whether a setting is a statutory one."""
        return self.written.settings.get(setting, {}).get("kind") == "law"

    @cached_property
    def law_timers(self) -> tuple[Thing, ...]:
        """The timers that count a statutory limit."""
        things = self.written.things.values()
        return tuple(t for t in things if self.is_law(t.aspects.get("shixian:period/@setting", "")))

    def setting(self, key: str) -> Message:
        """Return a setting by its note, with the key beside."""
        note = self.written.settings.get(key, {}).get("note", "")
        return Message(f"{note}（{key}）", f"{note} ({key})") if note else Message(key, key)

    def variable(self, name: str) -> Message:
        """Return a variable by its label."""
        label = self.written.variables.get(name, {}).get("label", "") or name
        return Message(label, label)

    def key(self, key: str) -> Message:
        """Return what tells repeated things apart: a variable, an element, a word of its own."""
        return self.ref(key) if key in self.written.things else self.variable(key)

    def show(self, value: str | None, aspect: Aspect) -> Message:
        """Return a value in words, 无 for none."""
        if not value:
            return NONE
        shown: Message
        match aspect.shows:
            case "yes":
                shown = Message("是", "yes") if value == "true" else Message("否", "no")
            case "ref":
                shown = self.ref(value.rpartition(":")[2])
            case "refs":
                shown = _joined([self.ref(x) for x in value.split()])
            case "setting":
                shown = self.setting(value)
            case "variable":
                shown = self.variable(value)
            case "variables":
                shown = _joined([self.variable(x) for x in value.split()])
            case "role" | "roles":
                return role_words(value, self.profile)
            case "party":
                shown = party_words(value, self.profile)
            case "approval":
                return _APPROVALS.get(value, Message(value, value))
            case "profile":
                law = profiles()[value].law if value in profiles() else value
                return Message(str(law), english(law))
            case "form":
                title = self.forms.get(value, "")
                shown = (
                    Message(f"{title}（{value}）", f"{title} ({value})") if title else Message(value, value)
                )
            case _:
                shown = Message(short(value), short(value))
        if aspect.shows in ("code", "raw", "yes"):
            return shown
        return Message(f"“{shown.zh}”", f"“{shown.en}”")


def side_of(written: Written, files: Mapping[str, bytes]) -> Side:
    """Return a model with the titles of its forms."""
    titles: dict[str, str] = {}
    for path, content in files.items():
        if path.startswith("forms/"):
            form = read_json(content)
            if isinstance(form, dict):
                titles[str(form.get("id", ""))] = str(form.get("title", ""))
    return Side(written, titles)


def read_json(content: bytes) -> Any:
    """Return what a JSON file holds, None where it is none or lies too deep."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def short(text: str) -> str:
    """Return a long text cut, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _MOST else line[: _MOST - 1] + "…"


def _joined(said: list[Message]) -> Message:
    return Message("、".join(m.zh for m in said), ", ".join(m.en for m in said))
