"""Names that only the people of a request bore are no statistics: they leave the model of identity.

A term that no one else bears decides about no other pair of records, so that the weights of all others stay.
"""

from dataclasses import replace

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import has_table, open_warehouse
from cdp_orchestration.identity_stage.models import model_in_force, put_in_force
from cdp_orchestration.identity_stage.stored_models import remove_other_models
from cdp_orchestration.privacy.requests import Pending

_TEXTS = ("given_name", "family_name", "given_joined", "family_joined", "date_of_birth")
_LISTS = ("given_tokens", "family_tokens")


def erase_from_models(settings: Settings, pending: Pending) -> int:
    """Take the terms out of the model in force, and remove all other models; the caller holds the writer's lock.

    Args:
        settings: the home.
        pending: the people.

    Returns:
        How many terms are gone. The model has another version then, by which the next sync decides on all records.
    """
    model = model_in_force(settings)
    if model is None:
        return 0
    with open_warehouse(settings.warehouse) as connection:
        if not has_table(connection, "identity", "resolution_units"):
            return 0
        terms = pa.array(sorted(_own_terms(connection, pending)), pa.string())
    frequencies = {
        name: table.filter(pc.invert(pc.is_in(pc.cast(table.column(0), pa.string()), value_set=terms)))
        for name, table in model.term_frequencies.items()
    }
    roles = model.word_roles.filter(pc.invert(pc.is_in(model.word_roles["word"], value_set=terms)))
    gone = model.word_roles.num_rows - roles.num_rows
    gone += sum(model.term_frequencies[name].num_rows - table.num_rows for name, table in frequencies.items())
    if gone:
        model = replace(model, term_frequencies=frequencies, word_roles=roles)
        put_in_force(settings, model)
    remove_other_models(settings, model.version)
    return int(gone)


def _own_terms(connection: duckdb.DuckDBPyConnection, pending: Pending) -> set[str]:
    """Return the terms of the units of which no record is anyone else's, and that no other unit has."""
    texts = ", ".join(f"[{name}::varchar]" for name in _TEXTS)
    found = connection.execute(
        f"""
        with owned as (
            select unit_key, bool_and(list_contains(?, person_record_id)) as is_own
            from identity.resolution_records
            group by unit_key
        ),

        terms as (
            select is_own, unnest(flatten([{texts}, {", ".join(_LISTS)}])) as term
            from identity.resolution_units
            inner join owned using (unit_key)
        )

        select term from terms where term is not null group by term having bool_and(is_own)
        """,
        [list(pending.records)],
    ).fetchall()
    return {term for (term,) in found}
