"""What gates found of a delivery is published: once an evaluated gate, as figures, and never a delivered value."""

from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from cdp_orchestration.dagster.gates import gate_checks
from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.release.bundle import PublishedTable, same_content, write_candidate
from cdp_orchestration.release.publication import candidate_folder
from cdp_orchestration.sources import declared_stream
from cdp_orchestration.stages.gate_results import read_gate_results
from cdp_orchestration.stages.quality_results import COLUMNS

MARKER = "CANARY"
PUBLISHED = PublishedTable(
    "quality_results",
    "operations.quality_results",
    "One row per check and run.",
    tuple(
        {"name": name, "type": kind, "description": name, "classification": "none"} for name, kind in COLUMNS.items()
    ),
)
ALL_ROWS = "select * from operations.quality_results order by all"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CDP_HOME", str(tmp_path))
    return Settings(tmp_path)


def _evaluate(stage: str, table: str) -> dg.AssetCheckEvaluation:
    """Run one gate as Dagster does."""
    key = dg.AssetCheckKey(dg.AssetKey([stage, table]), "gate")
    (gate,) = (check for check in gate_checks({PUBLISHED.name: PUBLISHED}) if key in check.check_keys)
    job = dg.Definitions(
        assets=[dg.AssetSpec(key.asset_key)], asset_checks=[gate], resources={"home": Home()}
    ).resolve_implicit_global_asset_job_def()
    (evaluation,) = job.execute_in_process().get_asset_check_evaluations()
    return evaluation


def _stored(home: Settings, query: str = ALL_ROWS) -> list[tuple[Any, ...]]:
    with open_warehouse(home.warehouse) as connection:
        return connection.execute(query).fetchall()


def _deliver(home: Settings) -> None:
    """Deliver contacts of which the keys, the values and an undeclared column hold a marker; some rows are refused."""
    folder = home.inbox / "crm" / "contacts"
    folder.mkdir(parents=True)
    lines = [
        f"{MARKER}{number},{MARKER}@{number}.org,{MARKER} name,{MARKER} born,2026-07-0{number}T00:00:00Z,{MARKER} extra"
        for number in range(1, 6)
    ]
    no_key, no_time = f",{MARKER}@x.org,,,2026-07-01T00:00:00Z,", f"{MARKER}9,{MARKER}@y.org,,,{MARKER} when,"
    header = f"Id,Email,LastName,Birthdate,SystemModstamp,{MARKER} column"
    (folder / "2026-07-01_contacts.csv").write_text("\n".join([header, *lines, no_key, no_time, ""]), encoding="utf-8")
    land_stream(declared_stream("crm/contacts", home), home)


def test_no_delivered_value_is_in_what_is_published(home: Settings, tmp_path: Path) -> None:
    _deliver(home)
    evaluation = _evaluate("landing", "crm_contacts")

    assert evaluation.passed is False
    failed = "select check_name, observed_value, failed_row_count from operations.quality_results where not is_passed"
    assert _stored(home, f"{failed} and not gate like '%_figures' order by all") == [
        ("no row was refused", 2.0, None),
        ("no undeclared column", 0.0, 5),
        ("no value was refused", 5.0, None),
        ("refused share of rows is small", pytest.approx(2 / 7), None),
    ]
    with open_warehouse(home.warehouse) as connection:
        landed = connection.execute("select * from landing.crm_contacts").fetchall()
        connection.execute(f"copy (from operations.quality_results) to '{tmp_path / 'results.csv'}'")
    assert MARKER in str(landed)
    written = (tmp_path / "results.csv").read_bytes()
    assert b"no undeclared column" in written
    assert MARKER.encode() not in written


def test_a_gate_with_nothing_new_to_evaluate_adds_no_rows(home: Settings) -> None:
    _deliver(home)
    _evaluate("landing", "crm_contacts")
    first = _stored(home)
    _evaluate("landing", "crm_contacts")
    assert first
    assert _stored(home) == first


def _cut_candidate(home: Settings, release_id: str = "20260701T000000Z-abcdef") -> dict[str, Any]:
    with open_warehouse(home.warehouse) as connection:
        # A release is cut from a chain that is complete: staging says how many rows there should be
        for table in ("person_records", "interactions"):
            connection.execute(f"create table if not exists staging.{table} (id varchar)")
        return write_candidate(
            connection, candidate_folder(home.releases, release_id), [PUBLISHED], {"release_id": release_id}
        )


def test_the_gate_of_a_release_passes_again_although_it_has_added_rows_since(home: Settings) -> None:
    _deliver(home)
    _evaluate("landing", "crm_contacts")
    manifest = _cut_candidate(home)
    cut = len(_stored(home))
    assert manifest["tables"]["quality_results"]["rows"] == cut
    for _ in range(2):
        assert _evaluate("release", "candidate").passed
    assert len(_stored(home)) > cut
    with open_warehouse(home.warehouse) as connection:
        assert read_gate_results(connection)["release", "candidate"].is_passed


def test_a_file_that_lost_rows_is_still_refused(home: Settings) -> None:
    _deliver(home)
    _evaluate("landing", "crm_contacts")
    manifest = _cut_candidate(home)
    file = candidate_folder(home.releases, manifest["release_id"]) / "quality_results.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table kept as from '{file}' limit 1")
        connection.execute(f"copy kept to '{file}'")
    with pytest.raises(Exception, match="as many rows as the warehouse: found 1, allowed exactly"):
        _evaluate("release", "candidate")


def test_other_results_of_gates_alone_make_no_new_release_but_the_table_itself_does(home: Settings) -> None:
    _deliver(home)
    _evaluate("landing", "crm_contacts")
    first = _cut_candidate(home)
    _evaluate("release", "candidate")
    second = _cut_candidate(home, "20260701T000001Z-abcdef")
    assert second["tables"]["quality_results"]["sha256"] != first["tables"]["quality_results"]["sha256"]
    assert same_content(first, second)
    assert not same_content(first, {"tables": {}})
