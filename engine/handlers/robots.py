"""Robots of departments' groups: an administrator says which, and which kinds of notices they tell."""

from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from engine import events as e
from engine.commands import RegisterRobot, RemoveRobot, RetryLetters, TryRobot
from engine.errors import InvalidInput, NotFound
from engine.handlers.administration import organisation_key
from engine.handlers.webhooks import SECURITY_STREAM, administrator, checked_address
from engine.letters import letter
from engine.notice_kinds import KINDS
from engine.robots import ROBOTS
from engine.storage.tables import outbox, robot
from engine.uow import UnitOfWork

CHANNELS = ("mail", "robot", "webhook")


def register_robot(cmd: RegisterRobot, uow: UnitOfWork) -> dict[str, Any]:
    """Tell a department's group of notices from now on; the history names the host only, the address is a key."""
    administrator(cmd.actor)
    host = checked_address(cmd.url)
    if cmd.kind not in ROBOTS or not cmd.name.strip() or len(cmd.name) > 60:
        raise InvalidInput(
            "请选择机器人的类型并填写名称（60字以内）。",
            f"Expected a name and one of {', '.join(ROBOTS)}, found {cmd.kind!r}.",
        )
    if len(cmd.secret) > 200 or (cmd.secret and cmd.kind == "wecom"):
        raise InvalidInput(
            "签名密钥不超过200个字符；企业微信机器人不设密钥。",
            "Expected a secret of at most 200 characters, and none for WeCom.",
        )
    if not cmd.kinds or any(kind not in KINDS for kind in cmd.kinds):
        raise InvalidInput("请至少选择一类消息。", f"Expected some of {', '.join(KINDS)}.")
    if uow.guarded(f"robot:{cmd.url}"):
        raise InvalidInput("该机器人地址已经登记。", "Expected an address that is not registered.")
    org = organisation_key(uow, cmd.org_code)
    uow.set_guard(f"robot:{cmd.url}", True)
    key, name, kinds = uow.next_key(), cmd.name.strip(), list(dict.fromkeys(cmd.kinds))
    row = {
        "key": key,
        "organisation_key": org,
        "name": name,
        "kind": cmd.kind,
        "url": cmd.url,
        "secret": cmd.secret,
        "kinds": kinds,
    }
    uow.record(SECURITY_STREAM, e.RobotRegistered(key, org, name, cmd.kind, host, kinds))
    uow.writes.append(lambda conn: conn.execute(insert(robot), row))
    return {"robot_key": str(key)}


def remove_robot(cmd: RemoveRobot, uow: UnitOfWork) -> dict[str, Any]:
    """Tell a group nothing more, and drop what waits for it."""
    administrator(cmd.actor)
    row = _row(uow, cmd.robot_key)
    uow.set_guard(f"robot:{row.url}", False)
    uow.record(SECURITY_STREAM, e.RobotRemoved(row.key, row.organisation_key, row.name))
    uow.writes.append(lambda conn: conn.execute(delete(robot).where(robot.c.key == row.key)))
    uow.writes.append(
        lambda conn: conn.execute(
            delete(outbox).where(
                outbox.c.channel == "robot", outbox.c.target == str(row.key), outbox.c.sent_at.is_(None)
            )
        )
    )
    return {}


def try_robot(cmd: TryRobot, uow: UnitOfWork) -> dict[str, Any]:
    """Have a robot say one sentence by the way all others take."""
    administrator(cmd.actor)
    row, key = _row(uow, cmd.robot_key), uow.next_key()
    payload = {"text": "【时限】这是一条测试消息，收到即表示机器人已经接通。"}
    sent = {"key": key, **letter("robot", str(row.key), f"robot-{key}", payload, uow.now)}
    uow.writes.append(lambda conn: conn.execute(insert(outbox), sent))
    return {}


def retry_letters(cmd: RetryLetters, uow: UnitOfWork) -> dict[str, Any]:
    """Let what waits, and what was given up, be tried at once."""
    administrator(cmd.actor)
    if cmd.channel not in CHANNELS:
        raise InvalidInput("没有该发送渠道。", f"Expected one of {', '.join(CHANNELS)}.")
    uow.writes.append(partial(_again, channel=cmd.channel, target=cmd.target, uow=uow))
    return {}


def _again(conn: Connection, channel: str, target: str, uow: UnitOfWork) -> None:
    waiting = [outbox.c.channel == channel, outbox.c.sent_at.is_(None)]
    if target:
        waiting.append(outbox.c.target == target)
    conn.execute(update(outbox).where(*waiting).values(not_before=uow.now, attempts=0))


def _row(uow: UnitOfWork, key: int) -> Row[Any]:
    row = uow.conn.execute(select(robot).where(robot.c.key == key)).first()
    if row is None:
        raise NotFound("没有该机器人。", f"Expected a robot {key}, found none.")
    return row
