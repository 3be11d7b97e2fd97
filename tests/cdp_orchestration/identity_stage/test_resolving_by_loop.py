"""The identity stage by the loop: the tables, the state and the charts are those of a resolution in memory."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from cdp_orchestration.home.engine_settings import EngineSettings
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.identity_stage.resolving import compare_candidate, update_identity
from identity import PLATFORM_MAPPING
from identity.prepare.records import LIST_FIELDS

pytestmark = pytest.mark.slow

SCHEMA = pa.schema(
    [
        (name, pa.list_(pa.string()) if name in LIST_FIELDS else pa.date32() if "date" in name else pa.string())
        for name in PLATFORM_MAPPING.columns()
    ]
)
NAMES = ("Ada", "Bo", "Cleo", "Dov", "Eva")
LOOP = EngineSettings("loop", 0.01)


def _deliver(connection: duckdb.DuckDBPyConnection, numbers: range) -> None:
    empty = {field.name: [] if pa.types.is_list(field.type) else None for field in SCHEMA}
    rows = [
        {**empty, "person_record_id": f"{system}:{number}", **_person(number, has_birth=system == "crm:contact")}
        for number in numbers
        for system in ("crm:contact", "support:user")
    ]
    connection.register("delivered", pa.Table.from_pylist(rows, schema=SCHEMA))
    connection.execute("create or replace table staging.person_records as select * from delivered")
    connection.unregister("delivered")


def _person(number: int, *, has_birth: bool) -> dict[str, Any]:
    given = NAMES[number % 5]
    born = date(1950 + number % 50, 1 + number % 12, 1 + number % 28) if has_birth else None
    named = {"given_name": given, "family_name": f"Name{number // 5}", "date_of_birth": born}
    return {**named, "emails": [f"{given}{number}@example.com".lower()]}


def _tables(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """Return what the stage stores, profiles named by their first record instead of a random id."""
    queries = {
        "profiles": """
            select person_record_id, link_reason, match_probability,
                min(person_record_id) over (partition by profile_id) as profile
            from identity.profile_assignments
        """,
        "edges": "from identity.match_edges",
        "shared": "from identity.shared_identifiers",
        "state": "from identity.resolution_state",
    }
    return {name: sorted(map(str, connection.execute(query).fetchall())) for name, query in queries.items()}


def test_the_loop_leaves_the_tables_that_memory_leaves(tmp_path: Path) -> None:
    found = {}
    for engine in (EngineSettings("memory"), LOOP):
        settings = Settings(tmp_path / str(engine.name), identity_training_share=1.0, engine=engine)
        with open_warehouse(settings.warehouse) as connection:
            _deliver(connection, range(60))
            about = update_identity(connection, settings, "first", charts_in=settings.reports)
            assert about["resolved"] == "everything"
            _deliver(connection, range(3, 70))
            assert update_identity(connection, settings, "second")["resolved"] == "what changed"
            found[engine.name] = (_tables(connection), sorted(about["charts"]), about["skipped_blocks"])
        assert not settings.identity_steps.exists()
    assert found["loop"] == found["memory"]


@pytest.mark.scenario
def test_a_candidate_that_the_loop_trains_decides_as_one_that_memory_trains(tmp_path: Path) -> None:
    settings = Settings(tmp_path, identity_training_share=1.0, identity_churn_share=1.0)
    with open_warehouse(settings.warehouse) as connection:
        _deliver(connection, range(60))
        update_identity(connection, settings, "first")
        _deliver(connection, range(90))
        update_identity(connection, settings, "second")
        in_memory = compare_candidate(connection, settings)
        in_a_loop = compare_candidate(connection, replace(settings, engine=LOOP))
        trained = update_identity(connection, replace(settings, engine=LOOP), "third", train=True)
    assert in_a_loop == in_memory
    assert trained["candidate"]["model_version"] == in_memory.model_version
    assert not settings.identity_steps.exists()
