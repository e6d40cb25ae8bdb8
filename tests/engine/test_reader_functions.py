"""What a page may ask with the functions of expressions: all that hangs on no act."""

from sqlalchemy import select

from engine.definitions import load_definition
from engine.demo.cases import Desk, begin
from engine.expressions import FUNCTIONS
from engine.queries.functions import ONLY_IN_A_COMMAND, functions_for
from engine.queries.reader import Reader
from engine.storage.tables import process_instance


def test_a_page_offers_every_function_that_hangs_on_no_act(desk: Desk) -> None:
    key = begin(desk, 1)

    def offered(reader: Reader) -> set[str]:
        row = reader.conn.execute(select(process_instance).where(process_instance.c.key == key)).one()
        definition = load_definition(reader.conn, row.definition_key)
        return set(functions_for(reader, definition, key, row.variables))

    assert desk.engine.queries.search(offered) == FUNCTIONS - ONLY_IN_A_COMMAND
