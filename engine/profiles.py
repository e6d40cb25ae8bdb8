"""Law profiles (法规口径): what a law calls the parties and things, and its defaults for settings, as data."""

from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from engine.bpmn.reader import SHIXIAN
from engine.bpmn.xml import processes_in
from engine.model import Process, Setting
from engine.process_files import PROCESSES
from engine.speech import Bilingual

PROFILES = PROCESSES / "profiles"


class ProfileUnknown(LookupError):
    """A definition names a law profile that is not installed."""


@dataclass(frozen=True)
class Term:
    """A word of a law.

    Attributes:
        whole: It is a word only where it is all of a text: 文件 on its own is 文件下载, in 文件格式 it is not.
    """

    text: Bilingual
    whole: bool = False


@dataclass(frozen=True)
class Default:
    """What a law says a setting should be.

    Attributes:
        options: The only values it may have, parted by spaces; empty for any.
        article: The article that it rests on, verbatim; empty where it is only named.
    """

    setting: Setting
    options: str = ""
    article: str = ""


@dataclass(frozen=True)
class Profile:
    """One law as the product speaks it.

    Attributes:
        parties: Names by what a lane's role begins with.
        terms: Further words by a key that profiles share; both sides of a replacement.
        sentences: What pages quote of the law, by key.
        in_force_from: The day the law took effect.
    """

    id: str
    law: Bilingual
    in_force_from: date
    parties: dict[str, Bilingual]
    terms: dict[str, Term]
    sentences: dict[str, Bilingual]
    defaults: dict[str, Default] = field(repr=False)

    @property
    def words(self) -> dict[str, Term]:
        """All words, the parties' names among them, by the key that profiles share."""
        return {**{f"party.{p}": Term(name) for p, name in self.parties.items()}, **self.terms}


def party_name(profile: Profile, prefix: str) -> Bilingual:
    """Return what the law calls a party, by what a lane's role begins with; nothing for none."""
    return profile.parties.get(prefix, Bilingual("", ""))


@cache
def profiles() -> dict[str, Profile]:
    """Return the installed profiles by id, the installation's default first."""
    read = [_read(path) for path in sorted(PROFILES.glob("*.yaml"))]
    return {profile.id: profile for _, profile in sorted(read, key=lambda pair: not pair[0])}


def default_profile() -> Profile:
    """Return the profile of definitions that name none, and of texts that are about no case."""
    return next(iter(profiles().values()))


def profile_named(profile_id: str) -> Profile:
    """Return a profile by id; the default one for an empty id.

    Raises:
        ProfileUnknown: it is not installed.
    """
    if not profile_id:
        return default_profile()
    if profile_id not in profiles():
        raise ProfileUnknown(f"Expected one of {', '.join(profiles())}, found {profile_id}.")
    return profiles()[profile_id]


def profile_of(process: Process) -> Profile:
    """Return the profile that a definition speaks."""
    return profile_named(process.profile)


def profile_in(xml: bytes) -> Profile:
    """Return the profile that a BPMN file names, finished or not; the default one where it names none it knows."""
    named = next(filter(None, (one.get(f"{{{SHIXIAN}}}profile") for one in processes_in(xml))), "")
    return profiles().get(named, default_profile())


def _read(path: Path) -> tuple[bool, Profile]:
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    articles: dict[str, str] = data.get("articles", {})
    profile = Profile(
        id=data["id"],
        law=Bilingual(data["law"], data["law_en"]),
        in_force_from=data["in_force_from"],
        parties={prefix: Bilingual(*names) for prefix, names in data["parties"].items()},
        terms={key: _term(*said) for key, said in data.get("words", {}).items()},
        sentences={key: Bilingual(*said) for key, said in data.get("sentences", {}).items()},
        defaults={key: _default(key, said, articles) for key, said in data.get("settings", {}).items()},
    )
    return bool(data.get("default")), profile


def _term(zh: str, en: str, how: str = "") -> Term:
    return Term(Bilingual(zh, en), whole=how == "whole")


def _default(key: str, said: dict[str, str], articles: dict[str, str]) -> Default:
    setting = Setting(
        key, *(said.get(name, "") for name in ("value", "unit", "kind", "basis", "note", "min", "max"))
    )
    return Default(setting, said.get("options", ""), articles.get(said.get("article", ""), ""))
