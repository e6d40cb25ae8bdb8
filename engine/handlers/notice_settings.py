"""How a person is told by mail: choices for each kind, and an address that answered. Neither is history."""

import hashlib
import hmac
import re
import secrets
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from engine.commands import ChooseNotices, ConfirmEmail, ProposeEmail, RemoveEmail
from engine.errors import InvalidInput, NotSignedIn, TooManyAttempts
from engine.letters import letter
from engine.notice_kinds import KINDS, MAIL
from engine.people import Actor
from engine.periods import beijing_day
from engine.storage.statements import put, remove
from engine.storage.tables import contact, contact_change, digest_mark, notice_preference, outbox
from engine.uow import UnitOfWork

EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[A-Za-z0-9.-]{1,180}")
CODE_LASTS = timedelta(minutes=30)
MAX_TRIES = 5
_PAUSE = timedelta(minutes=1)  # between two codes: nobody's mailbox is filled by ours


def choose_notices(cmd: ChooseNotices, uow: UnitOfWork) -> dict[str, Any]:
    """Keep how the actor is told by mail; in the product every notice stands whatever is chosen."""
    actor = _person(cmd.actor)
    for kind, choice in cmd.mail.items():
        if kind not in KINDS or choice not in MAIL:
            raise InvalidInput(
                "请为每类消息选择一种邮件提醒方式。",
                f"Expected one of {', '.join(MAIL)} for a known kind, found {choice!r} for {kind!r}.",
            )
        row = {"user_key": actor.user_key, "kind": kind, "mail": choice}
        uow.writes.append(partial(put, table=notice_preference, row=row))
    return {}


def propose_email(cmd: ProposeEmail, uow: UnitOfWork) -> dict[str, Any]:
    """Send a code to an address; nothing else goes there before the code came back."""
    actor = _person(cmd.actor)
    if not EMAIL.fullmatch(cmd.email) or len(cmd.email) > 254:
        raise InvalidInput(
            f"“{cmd.email[:60]}”不是电子邮箱地址。", f"Expected an e-mail address, found {cmd.email[:60]!r}."
        )
    asked = uow.conn.execute(
        select(contact_change.c.sent_at).where(contact_change.c.user_key == actor.user_key)
    ).scalar()
    if asked is not None and uow.now - asked < _PAUSE:
        raise TooManyAttempts(
            "验证码刚刚发出，请1分钟后再试。", "A code was just sent; try again in a minute."
        )
    _in_turn(uow, actor)
    code = f"{secrets.randbelow(10**8):08d}"
    row = {
        "user_key": actor.user_key,
        "email": cmd.email,
        "digest": _digest(actor, code),
        "sent_at": uow.now,
        "tries": 0,
    }
    key = uow.next_key()
    payload = {
        "subject": "时限平台邮箱验证码",
        "text": f"{actor.name}：您正在登记接收消息的电子邮箱，验证码为 {code}，30分钟内有效，只能使用一次。"
        "如非本人操作，请不必理会。",
    }
    sent = {"key": key, **letter("mail", cmd.email, f"email-{key}", payload, uow.now)}
    uow.writes.append(partial(put, table=contact_change, row=row))
    uow.writes.append(lambda conn: conn.execute(insert(outbox), sent))
    return {}


def confirm_email(cmd: ConfirmEmail, uow: UnitOfWork) -> dict[str, Any]:
    """Use the proposed address if the code is right; a wrong one counts, and the fifth ends the proposal."""
    actor = _person(cmd.actor)
    row = uow.conn.execute(select(contact_change).where(contact_change.c.user_key == actor.user_key)).first()
    if row is None or uow.now - row.sent_at > CODE_LASTS:
        raise InvalidInput(
            "验证码已失效，请重新获取。", "Expected a code that is still valid; ask for a new one."
        )
    _in_turn(uow, actor)
    if not hmac.compare_digest(row.digest, _digest(actor, cmd.code.strip())):
        tries = row.tries + 1
        uow.writes.append(partial(_count, user_key=actor.user_key, tries=tries))
        return {"confirmed": False, "left": max(MAX_TRIES - tries, 0)}
    mark = {"user_key": actor.user_key, "day": beijing_day(uow.now), "at": uow.now}
    uow.writes.append(partial(remove, table=contact_change, key=actor.user_key))
    uow.writes.append(partial(put, table=contact, row={"user_key": actor.user_key, "email": row.email}))
    uow.writes.append(partial(put, table=digest_mark, row=mark))  # the first digest is the next working day's
    return {"confirmed": True, "left": 0}


def remove_email(cmd: RemoveEmail, uow: UnitOfWork) -> dict[str, Any]:
    """Forget the actor's address and what waits to be confirmed."""
    actor = _person(cmd.actor)
    for table in (contact, contact_change):
        uow.writes.append(partial(remove, table=table, key=actor.user_key))
    return {}


def _count(conn: Connection, user_key: int, tries: int) -> None:
    if tries >= MAX_TRIES:
        conn.execute(delete(contact_change).where(contact_change.c.user_key == user_key))
    else:
        conn.execute(contact_change.update().where(contact_change.c.user_key == user_key).values(tries=tries))


def _in_turn(uow: UnitOfWork, actor: Actor) -> None:
    """Let one command at a time touch a person's proposal: guesses made at once are counted all."""
    name = f"email:{actor.user_key}"
    uow.set_guard(name, int(uow.guarded(name) or 0) + 1)


def _digest(actor: Actor, code: str) -> bytes:
    return hashlib.sha256(f"{actor.user_key}:{code}".encode()).digest()


def _person(actor: Actor | None) -> Actor:
    if actor is None:
        raise NotSignedIn("请先登录。", "Expected a signed-in user.")
    return actor
