"""Bringing a database to the newest revision, with Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from engine.storage.database import Database

_SCRIPTS = Path(__file__).parents[1] / "migrations"


def to_newest(database: Database) -> None:
    """Run the revisions that the database has not seen."""
    with database.writing() as conn:
        database.migration_lock(conn)
        command.upgrade(config(conn), "head")


def config(conn: Connection) -> Config:
    """Return Alembic's configuration for a connection whose transaction the caller holds."""
    made = Config()
    made.set_main_option("script_location", str(_SCRIPTS))
    made.attributes["connection"] = conn
    return made
