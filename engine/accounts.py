"""Local accounts: Argon2 credentials, sessions, and a brake on guessing."""

import base64
import hashlib
import secrets
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, bindparam, delete, func, insert, select

from engine.clock import Clock
from engine.errors import NotSignedIn, TooManyAttempts
from engine.handlers.mandates import held_by
from engine.handlers.parties import organisation_named
from engine.people import Actor
from engine.periods import beijing_day
from engine.storage.database import Database, Writer
from engine.storage.statements import insert_new
from engine.storage.tables import credential, session, sign_in_failure, user, user_role

SESSION_LENGTH = timedelta(hours=12)
_WINDOW = timedelta(minutes=15)
_PER_ACCOUNT, _PER_ADDRESS = 5, 30

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)  # OWASP's minimum for Argon2id
_SESSION = select(session.c.user_key).where(
    session.c.digest == bindparam("digest"), session.c.expires_at > bindparam("now")
)
_PERSON = select(user).where(user.c.key == bindparam("of"))
_ROLES = select(user_role).where(user_role.c.user_key == bindparam("of"))
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password."""
    return _hasher.hash(password)


class Accounts:
    """Signing in and out, on the machine's clock even in a rehearsal."""

    def __init__(self, database: Database, writer: Writer, clock: Clock, today: Clock) -> None:
        self._database, self._writer, self._clock, self._today = database, writer, clock, today

    def sign_in(self, username: str, password: str, remote_addr: str) -> str:
        """Return a new session's token.

        Raises:
            NotSignedIn: unknown user or wrong password, one sentence for both.
            TooManyAttempts: five failures for the account or thirty from the address within 15 minutes.
        """
        key = self._check(username, password, remote_addr)
        now = self._clock.now()
        token = secrets.token_urlsafe(32)
        opened = {
            "digest": _digest(token),
            "user_key": key,
            "created_at": now,
            "expires_at": now + SESSION_LENGTH,
        }

        def write(conn: Connection) -> None:
            insert_new(conn, session, opened)
            conn.execute(delete(session).where(session.c.expires_at < now))
            conn.execute(delete(sign_in_failure).where(sign_in_failure.c.subject == _subject(username)))

        self._writer.write(write)
        return token

    def verify(self, username: str, password: str, remote_addr: str) -> Actor:
        """Return the person behind user name and password, without a session; raises as `sign_in` does."""
        key = self._check(username, password, remote_addr)
        with self._database.reading() as conn:
            return load_actor(conn, key, self._today)

    def _check(self, username: str, password: str, remote_addr: str) -> int:
        now = self._clock.now()
        subjects = (_subject(username), f"addr:{remote_addr}")
        with self._database.reading() as conn:
            counted = conn.execute(
                select(sign_in_failure.c.subject, func.count())
                .where(sign_in_failure.c.subject.in_(subjects), sign_in_failure.c.at > now - _WINDOW)
                .group_by(sign_in_failure.c.subject)
            )
            failures = {subject: count for subject, count in counted}
            row = conn.execute(
                select(user.c.key, credential.c.argon2)
                .join(credential, credential.c.user_key == user.c.key)
                .where(user.c.username == username, user.c.active)
            ).first()
        if failures.get(subjects[0], 0) >= _PER_ACCOUNT or failures.get(subjects[1], 0) >= _PER_ADDRESS:
            raise TooManyAttempts(
                "登录失败次数过多，请15分钟后再试。", "Too many failed sign-ins; try again in 15 minutes."
            )
        # An unknown user costs the same time as a wrong password, so that names cannot be guessed by it.
        if not _matches(row.argon2 if row else _NOBODY, password) or row is None:
            failed = [{"subject": subject, "at": now} for subject in subjects]
            self._writer.write(lambda conn: conn.execute(insert(sign_in_failure), failed))
            raise NotSignedIn("用户名或者密码不正确。", "Unknown user name or wrong password.")
        return int(row.key)

    def sign_out(self, token: str) -> None:
        """End a session."""
        digest = _digest(token)
        self._writer.write(
            lambda conn: conn.execute(delete(session).where(session.c.digest == digest)) and None
        )

    def actor(self, token: str) -> Actor | None:
        """Return who is behind a session's token, with the roles of today; None if it is over."""
        with self._database.reading() as conn:
            by = {"digest": _digest(token), "now": self._clock.now()}
            found = conn.execute(_SESSION, by).scalar()
            return None if found is None else load_actor(conn, int(found), self._today)

    def actor_named(self, username: str) -> Actor:
        """Return a person by user name, for the demo and for tests.

        Raises:
            NotSignedIn: no such user.
        """
        with self._database.reading() as conn:
            key = conn.execute(select(user.c.key).where(user.c.username == username)).scalar()
            if key is None:
                raise NotSignedIn(f"没有用户“{username}”。", f"Expected a user {username}, found none.")
            return load_actor(conn, int(key), self._today)


def load_actor(conn: Connection, user_key: int, clock: Clock) -> Actor:
    """Return a person with own and deputised roles of the clock's day."""
    on = beijing_day(clock.now())
    of = {"of": user_key, "on": on}
    row = conn.execute(_PERSON, of).one()
    roles = {(r.organisation_key, r.role) for r in conn.execute(_ROLES, of)}
    deputy_of: dict[tuple[int, str], str] = {}
    mandates = held_by(conn, user_key, on)
    for mandate in mandates:
        pair = (mandate.org_key, mandate.role)
        if mandate.unconditional and pair not in roles:
            deputy_of.setdefault(pair, mandate.principal_name)
    return Actor(
        user_key=row.key,
        username=row.username,
        name=row.name,
        org_key=row.organisation_key,
        org_name=organisation_named(conn, row.organisation_key, on),
        roles=frozenset(roles | deputy_of.keys()),
        deputy_of=deputy_of,
        mandates=mandates,
    )


def basic_credentials(value: str) -> tuple[str, str]:
    """Return (user name, password) of an HTTP Basic header's value; empty texts if it is none (RFC 7617)."""
    try:
        username, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (ValueError, UnicodeDecodeError):
        return "", ""
    return ("", "") if "\0" in username else (username, password)


def _subject(username: str) -> str:
    return f"user:{username[:60]}"


def _matches(argon2: str, password: str) -> bool:
    try:
        return _hasher.verify(argon2, password)
    except (VerificationError, InvalidHashError):
        return False


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
