"""Saved views of the inbox: preferences, beside the truth like drafts, without a history."""

from typing import Any

from sqlalchemy import delete, func, or_, select

from engine.commands.views import ChooseStartView, RemoveView, SaveView
from engine.errors import InvalidInput, NotAllowed, NotFound
from engine.filters import Filters
from engine.people import Actor
from engine.storage.statements import put
from engine.storage.tables import saved_view, start_view
from engine.uow import UnitOfWork

MOST = 30
LONGEST = 20
_v = saved_view.c


def save_view(cmd: SaveView, uow: UnitOfWork) -> dict[str, Any]:
    """Keep a view; filters that are none are left out."""
    actor, name = _actor(cmd.actor), " ".join(cmd.name.split())
    if not 0 < len(name) <= LONGEST:
        raise InvalidInput(
            f"请填写视图名称，不超过{LONGEST}个字。",
            f"Give the view a name of 1 to {LONGEST} characters.",
        )
    org = actor.org_key if cmd.shared else None
    reach = _v.organisation_key == org if cmd.shared else _v.organisation_key.is_(None)
    same = select(_v.key).where(_v.owner_key == actor.user_key, _v.name == name, reach)
    key = uow.conn.execute(same).scalar()
    own = select(func.count()).select_from(saved_view).where(_v.owner_key == actor.user_key)
    if key is None and uow.conn.execute(own).scalar_one() >= MOST:
        raise InvalidInput(
            f"最多保存{MOST}个视图，请先删除不用的视图。",
            f"You can keep {MOST} views; remove one that you do not use first.",
        )
    row = {
        "key": key or uow.next_key(),
        "owner_key": actor.user_key,
        "organisation_key": org,
        "name": name,
        "box": cmd.box,
        "filters": Filters.of(cmd.filters).chosen(),
        "saved_at": uow.now,
    }
    uow.writes.append(lambda conn: put(conn, saved_view, row))
    return {"view_key": row["key"]}


def remove_view(cmd: RemoveView, uow: UnitOfWork) -> dict[str, Any]:
    """Take a view away, for all who began with it too."""
    actor = _actor(cmd.actor)
    view = _visible(uow, actor, cmd.view_key)
    if view.owner_key != actor.user_key and not actor.holds("head", view.organisation_key):
        raise NotAllowed(
            "共享视图由保存人或者本部门负责人删除。",
            "A shared view is removed by its author or a head of the department.",
        )
    key = view.key
    uow.writes.append(lambda conn: conn.execute(delete(start_view).where(start_view.c.saved_view_key == key)))
    uow.writes.append(lambda conn: conn.execute(delete(saved_view).where(_v.key == key)))
    return {}


def choose_start_view(cmd: ChooseStartView, uow: UnitOfWork) -> dict[str, Any]:
    """Keep with which view the actor's inbox begins."""
    actor = _actor(cmd.actor)
    if cmd.view_key is None:
        uow.writes.append(
            lambda conn: conn.execute(delete(start_view).where(start_view.c.user_key == actor.user_key))
        )
        return {}
    row = {"user_key": actor.user_key, "saved_view_key": _visible(uow, actor, cmd.view_key).key}
    uow.writes.append(lambda conn: put(conn, start_view, row))
    return {}


def _visible(uow: UnitOfWork, actor: Actor, key: int) -> Any:
    mine = or_(_v.owner_key == actor.user_key, _v.organisation_key == actor.org_key)
    found = uow.conn.execute(select(saved_view).where(_v.key == key, mine)).first()
    if found is None:
        raise NotFound(
            "没有该视图。", f"Expected a saved view {key} of the actor, found none.", logged="view"
        )
    return found


def _actor(actor: Actor | None) -> Actor:
    assert actor is not None  # the platform has no inbox
    return actor
