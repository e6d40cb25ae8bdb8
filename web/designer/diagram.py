"""The diagram of a model: its page, and what the panel beside the canvas offers."""

from collections.abc import Iterator

from engine.handlers.services import SERVICES
from engine.model import PARTIES
from engine.people import CASE_ROLES, ROLES
from engine.process_files import PROCESS
from engine.profiles import Profile, party_name, profile_in, profiles
from engine.queries import versions as version_queries
from engine.queries.models import ModelView
from web.designer.base import bp, model_of, page
from web.engine import engine
from web.security import acting

Choice = tuple[str, str, str]  # value, Chinese, English


@bp.get("/models/<int:key>/diagram")
def diagram(key: int) -> str:
    """Draw the process of a model."""
    view = model_of(key)
    return page("diagram", "diagram", view, vocabulary=_vocabulary(view))


def _vocabulary(view: ModelView) -> dict[str, list[Choice]]:
    """Return what fields of the panel offer: roles, services, and the ids of the model's other files."""
    profile = profile_in(view.files.get(PROCESS, b""))
    procedures = engine().queries.search(version_queries.procedures, acting())
    return {
        "roles": list(_roles(profile)),
        "parties": [(party, str(name), name.en) for party in PARTIES if (name := party_name(profile, party))],
        "services": [(name, name, name) for name in sorted(SERVICES)],
        "processes": [(p.process_id, p.name, p.name) for p in procedures],
        "profiles": [(p.id, str(p.law), p.law.en) for p in profiles().values()],
        "forms": _ids(view, "forms/", ".json"),
        "decisions": _ids(view, "decisions/", ".dmn"),
        "documents": _ids(view, "documents/", ".html"),
    }


def _roles(profile: Profile) -> Iterator[Choice]:
    for party in PARTIES:
        for role in CASE_ROLES:
            name, whose = ROLES[role], party_name(profile, party)
            yield f"{party}.{role}", f"{whose} {name}", f"{whose.en}, {name.en}"


def _ids(view: ModelView, folder: str, ending: str) -> list[Choice]:
    found = sorted(p.removeprefix(folder).removesuffix(ending) for p in view.files if p.startswith(folder))
    return [(name, name, name) for name in found if not name.startswith("_")]
