"""Checks one table by one gate; importing it imports Great Expectations."""

import logging
from datetime import datetime
from typing import Any

import duckdb
import great_expectations as gx
import great_expectations.expectations as gxe
from great_expectations.core.batch_definition import BatchDefinition
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)
from great_expectations.datasource.fluent.interfaces import Batch

from expectations.gates import COLUMNS_CHECK, Gate
from expectations.outcomes import outcome_of, without_tracebacks
from expectations.results import GateResult
from expectations.warehouse import WHOLE_TABLE, WarehouseAsset, connected


def check_table(
    connection: duckdb.DuckDBPyConnection, relation: str, gate: Gate, *, checked_at: datetime | None = None
) -> GateResult:
    """Return one outcome an expectation of ``gate`` for the rows of ``relation``.

    Args:
        connection: open on the warehouse, or on memory when the relation is a file.
        relation: whatever may follow ``from``: ``staging.person_records``, ``read_parquet('...')``.
        gate: what the table must be like.
        checked_at: the present time for "not in the future"; UTC, by default the clock.

    Returns:
        The outcomes. What cannot be evaluated (a missing table or column, an exception) has failed as critical.
    """
    batch = _batch(asset_of(gate, relation))
    with connected(connection, checked_at) as session:
        validation = batch.validate(suite_of(gate), result_format="SUMMARY")
    found = (outcome_of(result, session.causes) for result in validation.results)
    outcomes = {outcome.check_name: outcome for outcome in found}
    for result in validation.results:
        without_tracebacks(result, session.causes)
    # Great Expectations answers in the order of columns, the gate is read in its own.
    names = [each.description for each in suite_of(gate).expectations]
    return GateResult(
        gate.stage, gate.table, tuple(outcomes[name] for name in names if name), gate, relation, validation
    )


def suite_of(gate: Gate) -> gx.ExpectationSuite:
    """Return the gate's expectations as a new suite."""
    columns = gxe.ExpectTableColumnsToMatchSet(
        column_set=sorted(gate.columns), exact_match=False, severity="critical", description=COLUMNS_CHECK
    )
    expectations = ([columns] if gate.columns else []) + list(gate.expectations)
    # A suite keeps its expectations to itself: those of the gate must be free for the next one.
    return gx.ExpectationSuite(name=gate.name, expectations=[each.configuration for each in expectations])


def asset_of(gate: Gate, relation: str) -> WarehouseAsset:
    """Return the gate's rows in a place as an asset of the warehouse; its batch is all of them."""
    return WarehouseAsset(
        name=gate.name,
        relation=relation,
        query=gate.query,
        key=list(gate.key),
        key_of={column: list(key) for column, key in gate.key_of.items()},
        personal=list(gate.personal),
        batch_definitions=[BatchDefinition(name=WHOLE_TABLE)],
    )


def _batch(asset: WarehouseAsset) -> Batch:
    # A context writes itself at each change: what it has is named at once
    source: Any = _in_memory().data_sources.add_warehouse_duckdb("warehouse", assets=[asset])
    batch: Batch = source.get_asset(asset.name).get_batch_definition(WHOLE_TABLE).get_batch()
    return batch


def quiet_context(**where: Any) -> Any:
    """Return a context of Great Expectations without usage statistics, progress bars or log messages.

    Args:
        where: what ``gx.get_context`` takes.

    Returns:
        The context.
    """
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    return gx.get_context(**where)


def _in_memory() -> Any:
    stores = InMemoryStoreBackendDefaults()
    bars = ProgressBarsConfig(globally=False)
    config = DataContextConfig(store_backend_defaults=stores, analytics_enabled=False, progress_bars=bars)
    return quiet_context(mode="ephemeral", project_config=config)
