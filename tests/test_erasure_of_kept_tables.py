"""A person is erased from a home that keeps tables: no table that was kept has a row of the person left.

Marked ``long``: which tables are kept, and what an erasure renews, are tried every time by
``dbt_project/test_kept_tables.py`` and ``dbt_project/test_touched_profiles.py``, and a whole erasure by
``test_erasure.py``.
"""

import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from built_tables import rows_of_tables
from live_homes import copy_home
from release_comparison import release_of

from cdp_orchestration.dagster.assets import dbt_stages
from cdp_orchestration.dagster.erasures import run_erasures
from cdp_orchestration.dagster.sync_run import run_sync
from cdp_orchestration.dbt.runs import run_models
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.home.writer_lock import writer_lock
from cdp_orchestration.landing import create_landing_views
from cdp_orchestration.privacy.erasing import begin_erasure
from cdp_orchestration.privacy.finding import closure_of
from cdp_orchestration.privacy.requests import today
from cdp_orchestration.stages.inputs import landed_contents

pytestmark = [pytest.mark.slow, pytest.mark.long]

STAGES = ("path:seeds", "path:models/staging", "path:models/profiles", "path:models/journeys")
# Their rows depend on the builds themselves, or on what comes after a build
HISTORIES = {"profile_history", "profile_record_history", "audiences", "int_profile_inputs", "compliance_log"}
_RECORDS = """
    select source_record_id from profile_records
    where profile_id = ? and source_record_type in ('contact', 'customer', 'loyalty_member', 'user')
"""


@pytest.fixture
def keeping(grown_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home that keeps tables, few as its rows are, and has noted what each of them holds."""
    home = copy_home(grown_home, tmp_path / "home")
    monkeypatch.setenv("CDP_HOME", str(home))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.setattr(dbt_stages, "landed_contents", partial(landed_contents, from_rows=0))
    run_sync(Settings(home), full=True, on_progress=_unseen)
    return Settings(home)


def _unseen(_progress: Any) -> None:
    """Show no progress."""


def test_no_table_has_a_row_of_a_person_who_was_erased_and_all_else_is_as_if_nothing_had_been_kept(
    keeping: Settings, cdp: Callable[..., Any]
) -> None:
    with release_of(keeping.home).connect() as release:
        query = "select min(profile_id) from profiles where source_count >= 3"
        (person,) = release.execute(query).fetchall()[0]
        sought = [person, *(record for (record,) in release.execute(_RECORDS, [person]).fetchall())]
    assert set(_tables_with(keeping, sought)) >= {"staging.person_records", "profiles.profiles"}
    before = _contents(keeping)

    with writer_lock(keeping.writer_lock, "a test"):
        begin_erasure(keeping, closure_of(keeping, person), "one", "ada", "", today())
    erased = run_erasures(keeping, on_progress=_unseen)

    assert erased is not None
    assert erased.left == ()
    assert _of_people(_tables_with(keeping, sought)) == []
    after = _contents(keeping)
    assert {name for name in before if after.get(name) == before[name]} > {"staging.stg_in_store__stores"}
    found, expected = _tables(keeping), _full_refresh(keeping)
    assert {name for name in expected if found.get(name) != expected[name]} == set()


def _of_people(tables: list[str]) -> list[str]:
    # Readers of former releases learn there that the profile is gone, and the law wants to know who asked
    said = ("profile_events", "profile_redirects", "compliance_log")
    return [table for table in tables if not table.startswith("operations.") and not table.endswith(said)]


def _contents(home: Settings) -> dict[str, str]:
    with open_warehouse(home.warehouse) as connection:
        return dict(connection.execute("select table_name, content from operations.table_contents").fetchall())


def _tables_with(home: Settings, sought: list[str]) -> list[str]:
    with open_warehouse(home.warehouse) as connection:
        names = connection.execute("select schema_name || '.' || table_name from duckdb_tables() order by all")
        return [name for (name,) in names.fetchall() if _has(connection, name, sought)]


def _has(connection: duckdb.DuckDBPyConnection, table: str, sought: list[str]) -> bool:
    rows = connection.execute(f"select cast(read as varchar) from {table} as read").fetchall()
    return any(value in row for (row,) in rows for value in sought)


def _tables(home: Settings) -> dict[str, list[str]]:
    return rows_of_tables(home.warehouse, ("staging", "profiles", "journeys"), without=HISTORIES)


def _full_refresh(home: Settings) -> dict[str, list[str]]:
    refreshed = Settings(shutil.copytree(home.home, home.home.with_name("refreshed"), symlinks=True))
    with open_warehouse(refreshed.warehouse) as connection:
        create_landing_views(connection, refreshed)
    run_models(refreshed.home, STAGES, full_refresh=True)
    return _tables(refreshed)
