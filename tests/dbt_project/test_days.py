"""Days, months and hours are cut in one place, in a zone that the company declares."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from cdp_orchestration.dbt.runs import run_models
from cdp_orchestration.errors import DbtFailedError
from cdp_orchestration.home.settings import PROJECT_ROOT

DBT_PROJECT = PROJECT_ROOT / "dbt_project"
PLACE_OF_DAYS = "macros/days.sql"
CUTS = re.compile(
    r"""::\s*date\b | \bas\s+date\s*\) | \b(date_)?trunc\s*\(
    | \b(date_?part|strftime|extract|time_bucket|last_day)\s*\(
    | \b(day|month|year|quarter|week|weekday|yearweek|dayofweek|isodow|hour|minute|dayname|monthname)\s*\(
    | \b(current_date|today\s*\(|now\s*\(|get_current_timestamp)\b | \bdate_?diff\s*\(""",
    re.VERBOSE | re.IGNORECASE,
)
COMMENTS = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)
# No time becomes a day there.
OTHER_USES = {
    "macros/survivorship.sql": "parts of a date of birth",
    "models/profiles/by_profile/int_golden_values.sql": "a date that is stored as text",
    "models/staging/person_records/person_records.sql": "a date that is stored as text",
    "models/staging/person_records/standard_details.sql": "a date that is stored as text",
    "models/journeys/int_purchase_moments.sql": "a number of years that no anniversary exceeds",
    "tests/assert_every_golden_value_is_in_its_record.sql": "a date that is stored as text",
}


def files_that_cut(project: Path) -> set[str]:
    files = (path for folder in ("models", "macros", "tests") for path in (project / folder).rglob("*"))
    return {
        path.relative_to(project).as_posix()
        for path in files
        if path.suffix in {".sql", ".py"} and CUTS.search(COMMENTS.sub("", path.read_text(encoding="utf-8")))
    }


def test_a_day_is_cut_by_the_macros_of_days_alone() -> None:
    found = files_that_cut(DBT_PROJECT) - {PLACE_OF_DAYS} - set(OTHER_USES)
    assert found == set(), (
        "Use day_of, or a column such as occurred_on, so that the day is the company's or the store's."
    )


def test_every_other_use_is_still_one() -> None:
    assert set(OTHER_USES) <= files_that_cut(DBT_PROJECT)


@pytest.mark.parametrize(
    "written",
    ["a::date", "a :: DATE", "cast(a as date)", "date_trunc('day', a)", "strftime(a, '%Y')", "extract('hour' from a)"],
)
def test_a_cut_is_found_however_it_is_written(tmp_path: Path, written: str) -> None:
    model = tmp_path / "models" / "figures.sql"
    model.parent.mkdir()
    model.write_text(f"select {written} from b\n", encoding="utf-8")
    assert files_that_cut(tmp_path) == {"models/figures.sql"}


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    # A zone has to be known without a network.
    no_download = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    with duckdb.connect(":memory:", config=no_download) as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection


def day_of(engine: duckdb.DuckDBPyConnection, moment: datetime, zone: str) -> object:
    """Return the day by the project's own macro."""
    environment = Environment(autoescape=False)
    environment.globals["var"] = {"company_time_zone": zone}.get
    macros = environment.from_string((DBT_PROJECT / PLACE_OF_DAYS).read_text(encoding="utf-8")).module
    ((day,),) = engine.execute(f"select {macros.day_of('$moment')}", {"moment": moment}).fetchall()  # type: ignore[attr-defined]
    return day


@settings(deadline=None)
@given(
    moment=st.datetimes(min_value=datetime(1990, 1, 2), max_value=datetime(2035, 1, 1)),  # noqa: DTZ001
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Asia/Kathmandu", "Pacific/Apia"]),
)
def test_a_day_is_the_one_that_a_clock_of_the_zone_shows(
    engine: duckdb.DuckDBPyConnection, moment: datetime, zone: str
) -> None:
    assert day_of(engine, moment, zone) == moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


@pytest.mark.slow
def test_a_zone_that_does_not_exist_stops_the_run_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDP_HOME", str(tmp_path))
    with pytest.raises(DbtFailedError) as stopped:
        run_models(tmp_path, ["exchange_rates"], {"company_time_zone": "Berlin"}, full_refresh=False)
    assert "company_time_zone is 'Berlin', which is no time zone" in str(stopped.value)
    assert "Correct it in dbt_project.yml" in str(stopped.value)
