"""Opening a database only to look: nothing is written, nothing is migrated, a running service goes on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pysqlite3
from sqlalchemy import Connection, Engine, create_engine, make_url, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from engine.history.algorithm import Algorithm, algorithm
from engine.storage.database import DatabaseUnusable
from engine.storage.tables import history_algorithm


@contextmanager
def read_only(where: Path | str) -> Iterator[tuple[Connection, Algorithm]]:
    """Yield a connection on one consistent snapshot of a SQLite file or a PostgreSQL URL, and its chain's hash.

    Raises:
        DatabaseUnusable: there is none, or it is not one of ours.
    """
    engine = _file(where) if isinstance(where, Path) else _server(where)
    try:
        with engine.connect() as conn:
            if isinstance(where, Path):
                conn.exec_driver_sql("BEGIN")
            yield conn, _algorithm(conn)
            conn.rollback()
    except DBAPIError as fault:
        raise DatabaseUnusable(
            f"无法读取该数据库。 / Expected a Shixian database that can be read, found: {str(fault.orig).strip()}"
        ) from fault
    finally:
        engine.dispose()


def _algorithm(conn: Connection) -> Algorithm:
    name = conn.execute(select(history_algorithm.c.name)).scalar()
    if name is None:
        raise DatabaseUnusable(
            "该数据库还没有办理记录。 / Expected a history in the database, found none begun."
        )
    return algorithm(name)


def _file(path: Path) -> Engine:
    if not path.is_file():
        raise DatabaseUnusable(
            f"没有数据库文件 {path.name}。 / Expected a database file, found no {path.name}."
        )
    address = f"file:{quote(str(path.resolve()))}?mode=ro"

    def connect() -> object:
        found = pysqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
        found.execute("PRAGMA query_only=ON")
        return found

    return create_engine("sqlite+pysqlite://", module=pysqlite3, creator=connect, poolclass=NullPool)


def _server(url: str) -> Engine:
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        isolation_level="REPEATABLE READ",
        poolclass=NullPool,
        connect_args={"client_encoding": "utf8", "options": "-c default_transaction_read_only=on"},
    )
