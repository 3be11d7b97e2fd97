"""A release of tiny literal tables; the tables that a test does not mention exist and are empty."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from cdp_orchestration.home.settings import PROJECT_ROOT, Settings
from cdp_orchestration.release.pointer import POINTER
from cdp_orchestration.release.reader import Release, connect_in_utc, require_live_release
from cdp_orchestration.release.times import published_type

Row = dict[str, Any]
Publish = Callable[..., Release]

RELEASE_ID, RUN_ID = "20260630T000000Z-abcdef", "the sync of this release"
NEWEST = datetime.fromisoformat("2026-06-30T12:00:00")  # in UTC, as the connection is by which it becomes a row
AS_OF = {"as_of_at": NEWEST, "as_of_on": NEWEST.date(), "company_time_zone": "UTC"}
_VIEW = {"touchpoint_type": "page_view", "effort_weight": 1}
TABLES = (
    *("profiles", "profile_records", "profile_identifiers", "profile_events", "profile_redirects", "profile_metrics"),
    *("profile_personas", "audiences", "moments", "cx_scorecard", "touchpoints", "journeys", "journey_transitions"),
    *("journey_attribution", "as_of", "orders", "revenue_reconciliation", "profile_attributes", "profile_consents"),
    *("source_receipts", "campaigns"),
)


@pytest.fixture(scope="session")
def contracts() -> dict[str, str]:
    """Return the columns with type of the tables that the report reads, from their dbt contracts."""
    models = (
        model
        for file in sorted((PROJECT_ROOT / "dbt_project" / "models").rglob("_*__*.yml"))
        for model in yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader).get("models", [])
    )
    return {
        model["name"]: ", ".join(
            f'"{column["name"]}" {published_type(column["data_type"])}' for column in model["columns"]
        )
        for model in models
        if model["name"] in TABLES
    }


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path)


@pytest.fixture
def publish(settings: Settings, contracts: dict[str, str]) -> Publish:
    """Publish tables given as lists of rows, each with the columns that matter, and return the live release."""

    def publish_tables(**tables: list[Row]) -> Release:
        folder = settings.releases / RELEASE_ID
        folder.mkdir(parents=True)
        with connect_in_utc() as connection:
            for table in TABLES:
                connection.execute(f"create table {table} ({contracts[table]})")
                for row in ({"as_of": [AS_OF]} | tables).get(table, []):
                    columns, marks = ", ".join(row), ", ".join("?" for _ in row)
                    connection.execute(f"insert into {table} ({columns}) values ({marks})", list(row.values()))
                connection.execute(f"copy {table} to '{folder / table}.parquet' (format parquet)")
        manifest = {
            "release_id": RELEASE_ID,
            "created_at": datetime(2026, 6, 30, 13, tzinfo=UTC).isoformat(),
            "run_id": RUN_ID,
            "previous_release_id": None,
            "tables": {table: {"file": f"{table}.parquet", "sha256": ""} for table in TABLES},
        }
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        (settings.releases / POINTER).write_text(json.dumps({"release_id": RELEASE_ID}), encoding="utf-8")
        return require_live_release(settings.releases)

    return publish_tables


@pytest.fixture
def newest() -> Row:
    """Return a touchpoint that only sets the newest time, where every window of the report ends."""
    return {"touchpoint_id": "newest", "occurred_at": NEWEST, "channel": "web", "stage": "research", **_VIEW}
