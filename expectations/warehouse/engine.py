"""The execution engine: one query a suite, errors without values."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb
from great_expectations.core.batch import BatchData, BatchMarkers
from great_expectations.core.batch_spec import BatchSpec
from great_expectations.exceptions import ExecutionEngineError
from great_expectations.execution_engine import ExecutionEngine
from great_expectations.expectations.row_conditions import Operator, deserialize_row_condition

from expectations.warehouse.connection import current_session
from expectations.warehouse.sql_text import literal, literals, quoted

Domain = Mapping[str, Any]
"""What a metric is about: the batch, its column or columns, the rows that count."""


class WarehouseBatch(BatchData):
    """The rows of one relation as one suite sees them.

    Attributes:
        relation: the table under check: whatever may follow ``from``.
        query: the rows that are evaluated.
    """

    def __init__(self, execution_engine: "WarehouseEngine", spec: Mapping[str, Any]) -> None:
        super().__init__(execution_engine)
        self.relation: str = spec["relation"]
        self.query: str = spec["query"].replace("{table}", self.relation)
        self._personal = frozenset(spec["personal"])
        self._key: tuple[str, ...] = tuple(spec["key"])
        self._key_of: Mapping[str, Sequence[str]] = spec["key_of"]

    def is_personal(self, column: str) -> bool:
        """Return whether no value of a column may leave the warehouse."""
        return column in self._personal or "*" in self._personal

    def key_of(self, domain: Domain) -> tuple[str, ...]:
        """Return the columns that name a failing row of a rule."""
        return tuple(self._key_of.get(domain.get("column") or "", self._key))


class WarehouseEngine(ExecutionEngine):
    """Answers all metrics of a suite by one DuckDB query, and never with a value of a row."""

    def get_batch_data_and_markers(self, batch_spec: BatchSpec) -> tuple[WarehouseBatch, BatchMarkers]:
        """Return the batch; nothing is read until a metric is asked for."""
        return WarehouseBatch(self, batch_spec), BatchMarkers({"ge_load_time": datetime.now(UTC).isoformat()})

    def batch_of(self, domain: Domain) -> WarehouseBatch:
        """Return the batch that a metric is about."""
        batch: WarehouseBatch = self.batch_manager.batch_data_cache[domain["batch_id"]]
        return batch

    def fetch(self, batch: WarehouseBatch, select: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query over ``batch``.

        Args:
            batch: whose rows the query names ``batch``; ``clock`` is a row with ``checked_at``, the time of the check.
            select: the query.

        Returns:
            The rows. Where DuckDB cannot answer, the error that is raised says the cause, and quotes no value.
        """
        session = current_session()
        clock = f"select timestamp '{session.checked_at:%Y-%m-%d %H:%M:%S}' as checked_at"
        sql = f"with clock as ({clock}),\nbatch as not materialized ({batch.query})\n{select}"
        try:
            return session.connection.execute(sql).fetchall()
        except duckdb.Error as error:
            raise session.error(_cause(error)) from None

    def resolve_metric_bundle(self, metric_fn_bundle: Iterable[Any]) -> dict[tuple[str, str, str], Any]:
        """Compute these metrics in one query a batch.

        Where it fails, Great Expectations asks for each alone, several times over, and says the last error of all;
        so the cause of each is kept, and it is not tried again.

        Args:
            metric_fn_bundle: the metrics, each with its SQL.

        Returns:
            The values by the ids of the metrics.

        Raises:
            ExecutionEngineError: if one of them cannot be computed.
        """
        found: dict[tuple[str, str, str], Any] = {}
        causes = current_session().causes
        for batch_id, group in itertools.groupby(sorted(metric_fn_bundle, key=_batch_id), _batch_id):
            bundle, batch = list(group), self.batch_of({"batch_id": batch_id})
            ids = [each.metric_configuration.id for each in bundle]
            if len(bundle) == 1 and str(ids[0]) in causes:
                raise ExecutionEngineError(causes[str(ids[0])])
            # The count makes one row of it also where every other column is a subquery.
            columns = ", ".join(["count(*)", *(each.metric_fn for each in bundle)])
            try:
                (row,) = self.fetch(batch, f"select {columns}\nfrom batch")
            except ExecutionEngineError as error:
                if len(bundle) == 1:
                    causes[str(ids[0])] = str(error)
                raise
            found |= dict(zip(ids, row[1:], strict=True))
        return found

    def rows_that_count(self, domain: Domain) -> str:
        """Return the ``row_condition`` of a rule as SQL."""
        condition = domain.get("row_condition")
        if isinstance(condition, str):
            raise ExecutionEngineError("A row_condition is written with Column(...), not as text.")
        if isinstance(condition, dict):
            condition = deserialize_row_condition(condition)
        return str(self.condition_to_filter_clause(condition)) if condition else "true"

    # The four hooks by which Great Expectations translates a row_condition, under the names that it gives them.

    def _comparison_condition_to_filter_clause(self, condition: Any) -> str:
        column, value, operator = quoted(condition.column.name), condition.parameter, Operator(condition.operator)
        if operator in (Operator.IN, Operator.NOT_IN):
            return f"{column} {'not in' if operator is Operator.NOT_IN else 'in'} {literals(value)}"
        return f"{column} {operator.value.replace('==', '=')} {literal(value)}"

    def _nullity_condition_to_filter_clause(self, condition: Any) -> str:
        return f"{quoted(condition.column.name)} is {'' if condition.is_null else 'not '}null"

    def _and_condition_to_filter_clause(self, condition: Any) -> str:
        return "(" + " and ".join(map(self.condition_to_filter_clause, condition.conditions)) + ")"

    def _or_condition_to_filter_clause(self, condition: Any) -> str:
        return "(" + " or ".join(map(self.condition_to_filter_clause, condition.conditions)) + ")"


def _batch_id(metric: Any) -> str:
    return str(metric.compute_domain_kwargs["batch_id"])


def _cause(error: duckdb.Error) -> str:
    """Return the kind of error, with its text only where that is about names: other texts may quote a row's value."""
    kind = type(error).__name__
    if isinstance(error, duckdb.CatalogException | duckdb.BinderException):
        return f"{kind}: {str(error).partition(chr(10))[0]}"
    return kind
