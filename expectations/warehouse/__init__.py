"""Great Expectations over the warehouse: a datasource and an execution engine that DuckDB answers.

Stock expectations (``gxe.Expect...``) ask an execution engine for metrics. This one answers all metrics of a suite by
one query, through the connection that ``connected`` provides, and never with a value of a row: where Great Expectations
shows unexpected values, its results hold the keys of failing rows. A metric that would return values has no provider
here, so that an expectation which asks for one fails as broken.

``import expectations.warehouse`` makes the datasource known to Great Expectations; do it before ``gx.get_context``.
"""

from expectations.warehouse.connection import connected
from expectations.warehouse.datasource import WHOLE_TABLE, WarehouseAsset, WarehouseDatasource
from expectations.warehouse.engine import WarehouseEngine
from expectations.warehouse.own_expectations import (
    ExpectColumnQuantilesToBeBetween,
    ExpectColumnTypesToBe,
    ExpectFigureToBeBetween,
)
from expectations.warehouse.registration import register_metrics

register_metrics()

__all__ = [
    "WHOLE_TABLE",
    "ExpectColumnQuantilesToBeBetween",
    "ExpectColumnTypesToBe",
    "ExpectFigureToBeBetween",
    "WarehouseAsset",
    "WarehouseDatasource",
    "WarehouseEngine",
    "connected",
]
