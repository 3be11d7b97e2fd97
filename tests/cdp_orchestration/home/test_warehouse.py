"""What the warehouse answers about itself, also within a transaction."""

from pathlib import Path

import pytest

from cdp_orchestration.errors import SettingsError
from cdp_orchestration.home.warehouse import has_table, open_warehouse


@pytest.mark.parametrize(
    ("schema", "table", "is_there"),
    [("operations", "figures", True), ("operations", "figure", False), ("elsewhere", "figures", False)],
)
def test_a_table_is_found_by_its_name_and_a_transaction_goes_on_after_one_that_is_not_there(
    tmp_path: Path, schema: str, table: str, is_there: bool
) -> None:
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        connection.execute("begin")
        connection.execute("create table operations.figures as select 3 as rows")

        assert has_table(connection, schema, table) is is_there

        connection.execute("commit")
        assert connection.execute("from operations.figures").fetchall() == [(3,)]


def test_the_environment_limits_what_is_kept_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CDP_WAREHOUSE_MEMORY", "1.5")
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        assert connection.execute("select current_setting('memory_limit')").fetchall() == [("1.5 GiB",)]
    monkeypatch.setenv("CDP_WAREHOUSE_MEMORY", "much")
    with pytest.raises(SettingsError, match="CDP_WAREHOUSE_MEMORY is 'much'; expected a number of GiB"):
        open_warehouse(tmp_path / "warehouse.duckdb").__enter__()
