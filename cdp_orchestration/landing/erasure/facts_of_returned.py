"""Facts of erased people who came back under another id: they lose their person, also where they landed first.

A ticket may land before the row that says whose it is. That row is refused, as it names an erased person, and its id is
noted; from then on facts of the id land without their person, and those that are there already lose it here.
"""

from datetime import UTC, datetime

import duckdb

from cdp_orchestration.home.keyed_hashes import create_keyed_hash
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sql_text import quoted
from cdp_orchestration.home.warehouse import has_table, open_warehouse
from cdp_orchestration.landing.erasure.erased_batches import erase_from_landing
from cdp_orchestration.landing.erasure.erased_people import HASHED, mark_sought, suppression_key, unsought_ids
from cdp_orchestration.landing.erasure.erasure import Erasure
from cdp_orchestration.landing.erasure.named_people import named_people, personal_data_of
from cdp_orchestration.sources import Stream, declared_streams


def erase_facts_of_returned(settings: Settings) -> None:
    """Take erased people out of facts that landed before it was known whose they are.

    Done after a stream has landed; where a kill prevents it, the next stream that lands does it.

    Args:
        settings: the home; the caller holds the writer's lock.
    """
    hashes = unsought_ids(settings)
    if not hashes:
        return
    with open_warehouse(settings.warehouse) as connection:
        create_keyed_hash(connection, suppression_key(settings))
        facts = [stream for stream in declared_streams(settings) if not personal_data_of(stream).are_people]
        names = frozenset(name for stream in facts for name in _names(connection, stream, sorted(hashes)))
    if names:
        # What is built from the streams is built anew for each new mark
        mark = f"returned {datetime.now(UTC).isoformat()}"
        erase_from_landing(settings, Erasure(mark, names, frozenset()))
    mark_sought(settings, hashes)


def _names(connection: duckdb.DuckDBPyConnection, stream: Stream, hashes: list[str]) -> list[tuple[str, str]]:
    named = named_people(stream)
    if named is None or not has_table(connection, "landing", stream.table):
        return []
    return connection.execute(
        f"select distinct named.kind, named.value "
        f"from (select unnest({named}) as named from landing.{quoted(stream.table)}) "
        f"where list_contains($hashes, {HASHED})",
        {"hashes": hashes},
    ).fetchall()
