"""How Splink's results are kept: of scored pairs the columns that are asked for, and none of its inputs twice.

Imported only where Splink is used, because importing Splink takes a second.
"""

from typing import Any

from splink import DuckDBAPI


class NarrowDuckDBAPI(DuckDBAPI):
    """Splink's database, which keeps of `predict` only what `kept` (an SQL select list on its result) names.

    Splink would write every compared column of both records beside each pair, and both sides of the pairs as tables
    before it joins them: four times the memory and half the time of scoring.
    """

    def __init__(self, connection: Any, kept: str) -> None:
        """Work on a connection; see the class."""
        super().__init__(connection=connection)
        self._kept = kept

    def _setup_for_execute_sql(self, sql: str, physical_name: str) -> str:
        self.delete_table_from_database(physical_name)
        if physical_name.startswith("__splink__df_pruned_predict_input"):
            return f"create view {physical_name} as {sql}"
        if physical_name.startswith("__splink__df_predict"):
            return f"create table {physical_name} as select {self._kept} from ({sql})"
        return f"create table {physical_name} as {sql}"
