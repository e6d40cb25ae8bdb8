"""Which hash this database's chain was begun with."""

from sqlalchemy import insert, select

from engine.history.algorithm import SHA256, Algorithm, AlgorithmChanged, algorithm
from engine.storage.database import Database
from engine.storage.tables import history_algorithm


def agree(database: Database, wanted: str | None) -> Algorithm:
    """Return the algorithm of the database; a new one is begun with the wanted one, SHA-256 if none is named.

    Raises:
        AlgorithmChanged: the database was begun with another one than is wanted.
        AlgorithmUnavailable: this machine cannot compute it.
    """
    chosen = algorithm(wanted) if wanted else None
    with database.reading() as conn:
        kept = conn.execute(select(history_algorithm.c.name)).scalar()
    if kept is None:
        chosen = chosen or SHA256
        with database.writing() as conn:
            conn.execute(insert(history_algorithm), {"id": 1, "name": chosen.name})
        return chosen
    if chosen is not None and chosen.name != kept:
        raise AlgorithmChanged(
            f"该数据库的办理记录以 {kept} 链接，不能改用 {chosen.name}；请把 SHIXIAN_HASH 改回 {kept}，或者使用新的数据库。 / "
            f"Expected {kept}, with which this history was begun, found {chosen.name} in SHIXIAN_HASH; "
            "set it back or begin a new database."
        )
    return algorithm(kept)
