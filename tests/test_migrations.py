"""The revisions make the tables that the code expects."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from engine.demo.cases import Desk
from engine.storage.tables import metadata


def test_the_migrated_database_equals_the_tables_of_the_code(desk: Desk) -> None:
    with desk.engine.database.writing() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": False, "render_as_batch": True})
        assert compare_metadata(context, metadata) == []
