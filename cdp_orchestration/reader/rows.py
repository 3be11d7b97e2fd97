"""Rows of a release, in the form that the reader's program wants."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa


class Rows:
    """The rows of a table or of a query; read when they are asked for."""

    def __init__(self, relation: duckdb.DuckDBPyRelation) -> None:
        self.relation = relation

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self.relation.columns)

    def to_arrow(self) -> "pa.Table":
        """Return the rows as an Arrow table."""
        return self.relation.to_arrow_table()

    def to_polars(self) -> "pl.DataFrame":
        """Return the rows as a frame of Polars, which has to be installed."""
        import polars as pl

        found = pl.from_arrow(self.to_arrow())
        assert isinstance(found, pl.DataFrame)  # noqa: S101 - a table becomes a frame
        return found

    def to_pandas(self) -> "pd.DataFrame":
        """Return the rows as a frame of pandas, which has to be installed."""
        return self.relation.df()

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows as dictionaries by column."""
        names = self.columns
        return [dict(zip(names, row, strict=True)) for row in self.relation.fetchall()]

    def __len__(self) -> int:
        """Return the number of rows."""
        ((count,),) = self.relation.aggregate("count(*)").fetchall()
        return int(count)


class Table(Rows):
    """A published table.

    Attributes:
        name: its name.
        description: what one row is.
        meanings: what each column means, by its name.
    """

    def __init__(self, name: str, relation: duckdb.DuckDBPyRelation, entry: Mapping[str, Any]) -> None:
        super().__init__(relation)
        self.name = name
        self.description = str(entry.get("description", ""))
        self.meanings = {column["name"]: str(column.get("description", "")) for column in entry["columns"]}
