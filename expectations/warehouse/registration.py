"""Makes the engine's metrics known to Great Expectations, each with the stock metric's own arguments."""

from collections.abc import Callable, Mapping
from typing import Any

import great_expectations.expectations.metrics  # noqa: F401 # registers the stock metrics, whose keys are taken over
from great_expectations.core.id_dict import IDDict
from great_expectations.core.metric_function_types import MetricFunctionTypes, MetricPartialFunctionTypes
from great_expectations.exceptions import MetricProviderError
from great_expectations.expectations.metrics.metric_provider import MetricProvider
from great_expectations.expectations.registry import get_metric_kwargs, register_metric
from great_expectations.validator.metric_configuration import MetricConfiguration

from expectations.warehouse.connection import current_session
from expectations.warehouse.engine import Domain, WarehouseEngine
from expectations.warehouse.metrics import (
    AGGREGATES,
    ROW_RULES,
    SHOWING_A_VALUE,
    UNIQUE_RULES,
    Aggregate,
    Arguments,
    Rule,
    columns_of,
    evaluated,
    repeated_groups,
)
from expectations.warehouse.sql_text import quoted

SAMPLE_SIZE = 20
FIGURE = "table.figure"
_NO_VALUES: Mapping[str, Any] = {"unexpected_rows": [], "unexpected_index_query": None, "unexpected_index_list": None}

Keys = tuple[tuple[str, ...], tuple[str, ...]]
Select = Callable[[WarehouseEngine, Domain, Arguments], str]


class WarehouseMetric(MetricProvider):
    """Stands for every metric of the engine; the stock default finds the partial of one that is bundled."""


class FailingKeys(MetricProvider):
    """The keys of failing rows, which are asked for after their count: a rule without failing rows costs no query."""

    @classmethod
    def _get_evaluation_dependencies(  # the hook's own name
        cls, metric: MetricConfiguration, *_: Any, **__: Any
    ) -> dict[str, MetricConfiguration]:
        counted = metric.metric_name.replace("unexpected_values", "unexpected_count")
        asked = {name: value for name, value in metric.metric_value_kwargs.items() if name != "result_format"}
        return {counted: MetricConfiguration(counted, metric.metric_domain_kwargs, IDDict(asked))}


def register_metrics() -> None:
    """Register every metric that this engine answers."""
    for name, rule in ROW_RULES.items():
        _bundled(f"{name}.unexpected_count", _failing_rows(rule))
        _direct(f"{name}.unexpected_values", _failing_keys(_breaks(rule)), FailingKeys)
    for name in UNIQUE_RULES:
        _bundled(f"{name}.unexpected_count", _repeated_rows)
        _direct(f"{name}.unexpected_values", _failing_keys(_is_repeated), FailingKeys)
    for name in (*ROW_RULES, *UNIQUE_RULES):
        _register_without_values(name)
    for name, aggregate in AGGREGATES.items():
        _bundled(name, _aggregate(name, aggregate))
    _direct("table.columns", lambda **asked: [name for name, _ in _described(**asked)])
    _direct("table.column_types", lambda **asked: [{"name": name, "type": kind} for name, kind in _described(**asked)])
    _bundled("unexpected_rows_query.row_count", _rows_of_query)
    _direct("unexpected_rows_query.table", lambda **_: [])
    _bundled(FIGURE, lambda _, __, asked: f"({asked['figure']})::double", (("batch_id",), ("figure",)))


def _register_without_values(name: str) -> None:
    for suffix, nothing in _NO_VALUES.items():
        if _is_stock(f"{name}.{suffix}"):
            _direct(f"{name}.{suffix}", lambda nothing=nothing, **_: nothing)
    if _is_stock(f"{name}.filtered_row_count"):
        _bundled(
            f"{name}.filtered_row_count",
            lambda engine, domain, _: f"count(*) filter (where {_rows(engine, domain)})",
        )


def _rows(engine: WarehouseEngine, domain: Domain) -> str:
    return f"({engine.rows_that_count(domain)}) and {evaluated(domain)}"


def _failing_rows(rule: Rule) -> Select:
    return lambda engine, domain, asked: (
        f"count(*) filter (where {_rows(engine, domain)} and not ({rule(domain, asked)}))"
    )


def _breaks(rule: Rule) -> Select:
    return lambda _engine, domain, asked: f"not ({rule(domain, asked)})"


def _repeated_rows(engine: WarehouseEngine, domain: Domain, _asked: Arguments) -> str:
    groups = repeated_groups(domain, _rows(engine, domain))
    return f"(select coalesce(sum(n), 0)::bigint from ({groups}))"


def _is_repeated(engine: WarehouseEngine, domain: Domain, _asked: Arguments) -> str:
    columns = ", ".join(columns_of(domain))
    return f"({columns}) in (select ({columns}) from ({repeated_groups(domain, _rows(engine, domain))}))"


def _failing_keys(is_failing: Select) -> Callable[..., list[str]]:
    def find(
        execution_engine: WarehouseEngine,
        metric_domain_kwargs: Domain,
        metric_value_kwargs: Arguments,
        metrics: Mapping[str, Any],
        **_: Any,
    ) -> list[str]:
        batch = execution_engine.batch_of(metric_domain_kwargs)
        key = batch.key_of(metric_domain_kwargs)
        if not key or not next(iter(metrics.values())):
            return []
        parts = ", ".join(f"coalesce({quoted(part)}::varchar, '(empty)')" for part in key)
        failing = is_failing(execution_engine, metric_domain_kwargs, metric_value_kwargs)
        rows = execution_engine.fetch(
            batch,
            f"select distinct concat_ws('/', {parts}) as sample_key from batch "
            f"where {_rows(execution_engine, metric_domain_kwargs)} and {failing} order by 1 limit {SAMPLE_SIZE}",
        )
        return [sample for (sample,) in rows]

    return find


def _aggregate(name: str, aggregate: Aggregate) -> Select:
    def select(engine: WarehouseEngine, domain: Domain, asked: Arguments) -> str:
        if name in SHOWING_A_VALUE and engine.batch_of(domain).is_personal(domain["column"]):
            raise current_session().error(
                f"{name} of the personal column {domain['column']} would show a value; ask for a share of rows instead"
            )
        # A filter, since a query of its own would read the batch, with all that it joins, once more
        kept = f" filter (where {engine.rows_that_count(domain)})" if domain.get("row_condition") else ""
        return aggregate(domain, asked, kept)

    return select


def _rows_of_query(_engine: WarehouseEngine, _domain: Domain, asked: Arguments) -> str:
    return f"(select count(*) from ({asked['unexpected_rows_query'].replace('{batch}', 'batch')}))"


def _described(execution_engine: WarehouseEngine, metric_domain_kwargs: Domain, **_: Any) -> list[tuple[str, str]]:
    """Return the columns of the table under check with their types; a query may have more, or lack some."""
    batch = execution_engine.batch_of(metric_domain_kwargs)
    rows = execution_engine.fetch(batch, f"select * from (describe select * from {batch.relation})")
    return [(name, kind) for name, kind, *_ in rows]


def _bundled(name: str, select: Select, keys: Keys | None = None) -> None:
    def build(
        execution_engine: WarehouseEngine,
        metric_domain_kwargs: Domain,
        metric_value_kwargs: Arguments,
        **_: Any,
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        sql = select(execution_engine, metric_domain_kwargs, metric_value_kwargs)
        return sql, {"batch_id": metric_domain_kwargs["batch_id"]}, {}

    partial = MetricPartialFunctionTypes.AGGREGATE_FN
    _register(f"{name}.{partial.metric_suffix}", build, partial, WarehouseMetric, keys or _stock_keys(name))
    _register(name, None, MetricFunctionTypes.VALUE, WarehouseMetric, keys or _stock_keys(name))


def _direct(name: str, answer: Callable[..., Any], provider: type[MetricProvider] = WarehouseMetric) -> None:
    def ask(**asked: Any) -> Any:  # a function of its own, on which Great Expectations notes the metric's kind
        return answer(**asked)

    _register(name, ask, MetricFunctionTypes.VALUE, provider, _stock_keys(name))


def _register(
    name: str,
    function: Callable[..., Any] | None,
    kind: MetricFunctionTypes | MetricPartialFunctionTypes,
    provider: type[MetricProvider],
    keys: Keys,
) -> None:
    register_metric(
        metric_name=name,
        metric_domain_keys=keys[0],
        metric_value_keys=keys[1],
        execution_engine=WarehouseEngine,
        metric_class=provider,
        metric_provider=function,
        metric_fn_type=kind,
    )


def _stock_keys(name: str) -> Keys:
    keys = get_metric_kwargs(name)
    return tuple(keys["metric_domain_keys"]), tuple(keys["metric_value_keys"])


def _is_stock(name: str) -> bool:
    try:
        get_metric_kwargs(name)
    except MetricProviderError:
        return False
    return True
