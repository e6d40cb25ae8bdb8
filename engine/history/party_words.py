"""Events that name the parties of a case, in the words of the law that its definition speaks."""

from collections.abc import Callable
from datetime import date

from engine import events as e
from engine.chinese_dates import zh
from engine.english_dates import en
from engine.model import PARTIES
from engine.profiles import Profile, party_name
from engine.speech import Bilingual, english

Name = Callable[[int | None], str | None]


def party_sentence(event: e.Event, org: Name, profile: Profile) -> Bilingual | None:
    """Return one sentence for an event that names parties, None for any other."""
    if isinstance(event, e.PartiesSet):
        return _set(event, org, profile)
    if isinstance(event, e.PartySucceeded):
        return _succeeded(event, profile)
    if isinstance(event, e.GrantMoved):
        return _moved(event, org, profile)
    if isinstance(event, e.GrantGivenBack):
        return _given_back(event, profile)
    return None


def _set(event: e.PartiesSet, org: Name, profile: Profile) -> Bilingual:
    sides = (("use", event.using), ("prov", event.providing), ("mgr", event.managing))
    named = [(party_name(profile, party), org(key)) for party, key in sides]
    said = "; ".join(f"{english(name).lower()}: {whom or 'not set'}" for name, whom in named)
    return Bilingual(
        "；".join(f"{name}：{whom or '未定'}" for name, whom in named) + "。",
        said[0].upper() + said[1:] + ".",
    )


def _succeeded(event: e.PartySucceeded, profile: Profile) -> Bilingual:
    names = {variable: party_name(profile, party) for party, variable in PARTIES.items()}
    other = Bilingual("有关部门", "the department")
    parties = list(dict.fromkeys(names.get(variable, other) for variable in event.parties))
    return Bilingual(
        f"{'、'.join(parties)}{event.name_before}自{zh(date.fromisoformat(event.valid_from))}起由{event.name_after}承接"
        f"（{event.doc_no}），本事项由其继续办理，各项期限不变。",
        f"{event.name_after} succeeds {event.name_before} ({', '.join(map(english, parties))}) from "
        f"{en(date.fromisoformat(event.valid_from))} ({event.doc_no}) and goes on with this case; no time "
        "limit changes.",
    )


def _moved(event: e.GrantMoved, org: Name, profile: Profile) -> Bilingual:
    using, providing = party_name(profile, "use"), party_name(profile, "prov")
    zh_end = en_end = ""
    if event.ended_on:
        on = date.fromisoformat(event.ended_on)
        zh_end = f"；{using}与{providing}成为同一部门，授权自{zh(on)}起终止"
        en_end = f"; user and provider have become one department, so the grant ends on {en(on)}"
    return Bilingual(
        f"授权改由{org(event.using)}使用、{org(event.providing)}提供{zh_end}。",
        f"The grant now has {org(event.using)} as user and {org(event.providing)} as provider{en_end}.",
    )


def _given_back(event: e.GrantGivenBack, profile: Profile) -> Bilingual:
    using, on = party_name(profile, "use"), date.fromisoformat(event.ended_on)
    reason, disposal = event.reason.rstrip("。"), event.disposal.rstrip("。")
    return Bilingual(
        f"{using}交还授权，自{zh(on)}起终止。理由：{reason}。数据处置：{disposal}。",
        f"The {english(using).lower()} gave the grant back; it ends on {en(on)}. Reason: {reason}. What "
        f"happened to the data: {disposal}.",
    )
