"""What identity decided is stored as a whole or not at all."""

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pyarrow as pa
import pytest

from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.identity_stage.published import published_views
from cdp_orchestration.identity_stage.tables import load_table, store_resolution
from identity import OUTPUT_SCHEMAS, ProfileChanges, Resolution, TrainedModel

AT = datetime(2026, 1, 1)  # noqa: DTZ001 - the warehouse holds naive UTC


def _changes(redirects: list[dict[str, object]]) -> ProfileChanges:
    empty = {name: OUTPUT_SCHEMAS[name].empty_table() for name in ("profile_assignments", "profile_events")}
    moved = pa.Table.from_pylist(redirects, schema=OUTPUT_SCHEMAS["profile_redirects"])
    return ProfileChanges(empty["profile_assignments"], empty["profile_events"], moved)


def _resolution() -> Resolution:
    model = TrainedModel(prior=0.1, household_odds=1.0, parameters={}, term_frequencies={})
    return Resolution(
        clusters=pa.table({}),
        edges=OUTPUT_SCHEMAS["match_edges"].empty_table(),
        shared_identifiers=OUTPUT_SCHEMAS["shared_identifiers"].empty_table(),
        model=model,
    )


def _redirect(old: str, new: str) -> dict[str, object]:
    return {"old_profile_id": old, "profile_id": new, "reason": "merged", "record_share": 1.0, "redirected_at": AT}


def _store(connection: duckdb.DuckDBPyConnection, changes: ProfileChanges) -> None:
    with published_views(connection, None):
        store_resolution(connection, _resolution(), changes, None)


def test_a_second_run_replaces_what_the_first_decided(tmp_path: Path) -> None:
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        _store(connection, _changes([_redirect("a", "b")]))
        _store(connection, _changes([_redirect("a", "c"), _redirect("b", "c")]))
        redirects = load_table(connection, "profile_redirects").to_pylist()
    assert [(row["old_profile_id"], row["profile_id"]) for row in redirects] == [("a", "c"), ("b", "c")]


def test_a_first_run_finds_no_previous_assignment(tmp_path: Path) -> None:
    with open_warehouse(tmp_path / "warehouse.duckdb") as connection:
        assert load_table(connection, "profile_assignments").num_rows == 0


def test_a_failure_half_way_leaves_the_former_tables(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with open_warehouse(path) as connection:
        _store(connection, _changes([_redirect("a", "b")]))
    broken = SimpleNamespace(
        assignments=OUTPUT_SCHEMAS["profile_assignments"].empty_table(),
        events=pa.table({"no_such_column": [1]}),
        redirects=OUTPUT_SCHEMAS["profile_redirects"].empty_table(),
    )
    with open_warehouse(path) as connection, pytest.raises(duckdb.Error):
        _store(connection, broken)  # type: ignore[arg-type]
    with open_warehouse(path) as connection:
        assert connection.execute("select count(*) from identity.profile_redirects").fetchall() == [(1,)]
