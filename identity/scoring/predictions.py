"""Splink's predictions of a model as a view of a workspace; the SQL of the view is written once a process and model.

Splink parses every condition of the model again for each linker, a second of computing before the first pair is
scored; the SQL that comes of it depends on the model and on the columns of the units alone.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, cast

import duckdb
import pyarrow as pa

from identity.model.splink_session import linker_on, quiet_splink
from identity.model.trained_model import Parameters, TrainedModel, term_frequency_columns

if TYPE_CHECKING:
    from identity.model.splink_database import ViewingDuckDBAPI

_KEPT_MODELS = 8  # a resolution uses the model in force and a candidate; each takes some ten kilobytes


@dataclass(frozen=True)
class _Wanted:
    """What the SQL depends on; prior and parameters are those of the version."""

    version: str
    unit_columns: tuple[tuple[str, str], ...]
    prior: float = field(compare=False)
    parameters: Parameters = field(compare=False)


@dataclass(frozen=True)
class _Prepared:
    """The statements that create Splink's views, in order, and the name of the one that holds the predictions."""

    statements: tuple[str, ...]
    predicted: str


def create_predictions(work: duckdb.DuckDBPyConnection, model: TrainedModel, name: str) -> None:
    """Create a temporary view of this name: one row per pair of `pairs_to_predict` with Splink's values.

    Args:
        work: The workspace; needs `units` and the view `pairs_to_predict`.
        model: The trained model.
        name: The name of the view; what it reads from is named after the version of the model.
    """
    columns = work.execute("select column_name, column_type from (describe units)").fetchall()
    prepared = _prepared(_Wanted(model.version, tuple(columns), model.prior, model.parameters))
    for column in term_frequency_columns(model.parameters):
        work.register(_frequencies(model.version, column), model.term_frequencies[column])
    for statement in prepared.statements:
        work.execute(statement)
    work.execute(f"create temp view {name} as select * from {prepared.predicted}")


@lru_cache(maxsize=_KEPT_MODELS)
def _prepared(wanted: _Wanted) -> _Prepared:
    """Let Splink write its views in a database of their own, where the tables have these columns and no rows."""
    with duckdb.connect() as empty, quiet_splink():
        empty.execute(f"create table units ({', '.join(f'{name} {kind}' for name, kind in wanted.unit_columns)})")
        empty.execute("create table pairs_to_predict (join_key_l integer, join_key_r integer, match_key varchar)")
        linker = linker_on(empty, "units", wanted.prior, wanted.parameters)
        database = cast("ViewingDuckDBAPI", linker._db_api)
        for column in term_frequency_columns(wanted.parameters):
            no_values = pa.table({column: pa.array([], pa.string()), f"tf_{column}": pa.array([], pa.float64())})
            registered = database.register(no_values, table_name=_frequencies(wanted.version, column))
            linker.table_management.register_term_frequency_lookup(registered, column)
        linker.table_management.register_blocked_pairs_for_predict(database.register("pairs_to_predict"))
        predicted = linker.inference.predict(warning_mode="never").physical_name
        return _Prepared(tuple(database.view_statements), predicted)


def _frequencies(version: str, column: str) -> str:
    # By version, so that the views of two models in one workspace each read their own
    return f"__splink__frequencies_{version}_{column}"
