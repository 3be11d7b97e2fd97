"""Splink's predictions as views: computed when they are read, and only the columns that are read.

Imported only where Splink is used, because importing Splink takes a second.
"""

from typing import Any

from splink import DuckDBAPI

_VIEWS = ("__splink__df_pruned_predict_input", "__splink__df_predict")


class ViewingDuckDBAPI(DuckDBAPI):
    """Splink's database, in which `predict` makes views that stay; all else is Splink's own.

    As tables they would hold every compared column of both records next to each pair, and both sides of the pairs
    before they are joined: four times the memory and half the time of scoring.

    Attributes:
        view_statements: The statements that made the views and their macros, in order.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.view_statements: list[str] = []

    def create_macro(self, statement: str) -> None:
        """Make a macro that the views read.

        Args:
            statement: The statement that makes it.
        """
        self.duckdb_con.execute(statement)
        self.view_statements.append(statement)

    def _setup_for_execute_sql(self, sql: str, physical_name: str) -> str:
        if physical_name.startswith(_VIEWS):
            statement = f"create or replace temp view {physical_name} as {sql}"
            self.view_statements.append(statement)
            return statement
        return super()._setup_for_execute_sql(sql, physical_name)

    def delete_table_from_database(self, name: str) -> None:
        """Drop a table of Splink's, except what its views still read."""
        if not name.startswith(_VIEWS):
            super().delete_table_from_database(name)
