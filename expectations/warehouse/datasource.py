"""The datasource ``warehouse_duckdb`` and its assets: tables of the warehouse, and queries over them."""

from typing import Any, ClassVar, Literal

from great_expectations.core.batch import LegacyBatchDefinition
from great_expectations.core.batch_spec import BatchSpec
from great_expectations.core.id_dict import IDDict
from great_expectations.datasource.fluent import BatchRequest, DataAsset, Datasource
from great_expectations.datasource.fluent.interfaces import Batch

from expectations.warehouse.engine import WarehouseEngine

WHOLE_TABLE = "whole"
"""The one batch that an asset has."""
_EngineType = type[WarehouseEngine]
"""Named here, because ``type`` is a field inside the class."""


class WarehouseAsset(DataAsset):
    """A table of the warehouse, or a query over it.

    Attributes:
        relation: the table under check: whatever may follow ``from``.
        query: the rows that are evaluated. It names the table ``{table}``; ``clock`` is a row with ``checked_at``.
        key: the columns that name a failing row without being personal.
        key_of: other such columns, by the column whose rule failed.
        personal: columns whose smallest, largest and middle values are never shown.
    """

    type: Literal["warehouse"] = "warehouse"
    relation: str
    query: str = "select * from {table}"
    # Great Expectations reads these annotations itself, at run time.
    key: list[str] = []  # noqa: RUF012
    key_of: dict[str, list[str]] = {}  # noqa: RUF012
    personal: list[str] = []  # noqa: RUF012

    def test_connection(self) -> None:
        """Do nothing: the table may not be there yet."""

    def get_batch_parameters_keys(self, partitioner: Any = None) -> tuple[str, ...]:  # noqa: ARG002
        """Return no parameter: a batch is the whole table."""
        return ()

    def build_batch_request(
        self,
        options: dict[str, Any] | None = None,
        batch_slice: Any = None,  # noqa: ARG002 # the signature of every asset
        partitioner: Any = None,  # noqa: ARG002
    ) -> BatchRequest[Any]:
        """Return the request for the whole table."""
        return BatchRequest(datasource_name=self.datasource.name, data_asset_name=self.name, options=options or {})

    def get_batch_identifiers_list(self, batch_request: BatchRequest[Any]) -> list[dict[str, Any]]:
        """Return the identifiers of the one batch."""
        return [IDDict(batch_request.options)]

    def get_batch(self, batch_request: BatchRequest[Any]) -> Batch:
        """Return the whole table as a batch; nothing is read yet."""
        fields = ("relation", "query", "key", "key_of", "personal")
        spec = BatchSpec(**{each: getattr(self, each) for each in fields})
        data, markers = self.datasource.get_execution_engine().get_batch_data_and_markers(batch_spec=spec)
        identified = LegacyBatchDefinition(
            datasource_name=self.datasource.name,
            data_connector_name="warehouse",
            data_asset_name=self.name,
            batch_identifiers=IDDict(batch_request.options),
        )
        return Batch(
            datasource=self.datasource,
            data_asset=self,
            batch_request=batch_request,
            data=data,
            metadata={},
            batch_markers=markers,
            batch_spec=spec,
            batch_definition=identified,
        )


class WarehouseDatasource(Datasource):
    """The DuckDB warehouse, asked through the connection of ``connected``."""

    asset_types: ClassVar[list[type[DataAsset]]] = [WarehouseAsset]
    type: Literal["warehouse_duckdb"] = "warehouse_duckdb"
    assets: list[WarehouseAsset] = []  # noqa: RUF012

    @property
    def execution_engine_type(self) -> _EngineType:
        """Return the engine."""
        return WarehouseEngine

    def test_connection(self, test_assets: bool = True) -> None:
        """Do nothing: the connection is given for each run."""
