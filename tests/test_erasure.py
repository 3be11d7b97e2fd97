"""Ten people of the demo are erased, killed half-way: nothing of them is left anywhere, all else is as without them."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from consenting_people import MERGED_AWAY
from live_homes import copy_home
from release_comparison import comparable_tables, partition, release_of, without_record

from cdp_orchestration.dagster.erasures import erase_job
from cdp_orchestration.dagster.instance import open_instance
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.writer_lock import writer_lock
from cdp_orchestration.landing.erasure.erased_people import suppressed_file
from cdp_orchestration.privacy.erasing import begin_erasure
from cdp_orchestration.privacy.finding import closure_of
from cdp_orchestration.privacy.requests import pending_erasures, today

pytestmark = [pytest.mark.slow, pytest.mark.scenario]

Cdp = Callable[..., "subprocess.CompletedProcess[str]"]
PEOPLE = 10
# What of a release says who somebody is; the values of the ten that no one else has are sought
NAMING = """
with named as (
    select profile_id, identifier_value as value from profile_identifiers
    union
    select profile_id, value from profile_attributes
    where attribute in ('full_name', 'family_name', 'email', 'phone', 'address_line')
    union
    select profile_id, source_record_id from profile_records
    where source_record_type in ('contact', 'customer', 'loyalty_member', 'user', 'payment_card', 'anonymous_visitor')
    union
    select profile_id, unnest(list_concat([full_name, family_name, address_line], emails, phones))
    from person_record_values inner join profile_records using (person_record_id)
)

select distinct value from named
where value is not null
group by value
having bool_and(profile_id in (select unnest(?))) and length(value) >= 6
order by value
"""


@dataclass(frozen=True)
class Erased:
    """A home of which ten people were erased.

    Attributes:
        home: the home.
        profile_ids: their profiles.
        values: their values that no one else had.
        delivered: the files as they were delivered.
        copies: what was published outside the home.
        revenue: what the orders were worth before.
        ended: the sync that ended the erasure.
    """

    home: Path
    profile_ids: list[str]
    values: list[str]
    delivered: Path
    copies: Path
    revenue: list[tuple[object, ...]]
    ended: "subprocess.CompletedProcess[str]"


@pytest.fixture(scope="module")
def erased(tmp_path_factory: pytest.TempPathFactory, grown_home: Path, cdp: Cdp) -> Erased:
    """The home after an erasure that was killed as soon as it had begun, and the sync that ended it."""
    folder = tmp_path_factory.mktemp("erased")
    home, copies = copy_home(grown_home, folder / "home"), folder / "copies"
    destinations = f"destinations:\n  copies: {{kind: files, path: {copies}}}\n"
    (home / "destinations.yml").write_text(destinations, encoding="utf-8")
    assert cdp(home, "releases", "publish").returncode == 0
    with release_of(home).connect() as release:
        found = release.execute(
            "select profile_id from profiles where source_count >= 3 order by record_count, profile_id limit ?",
            [PEOPLE],
        )
        profile_ids = [profile_id for (profile_id,) in found.fetchall()]
        values = [value for (value,) in release.execute(NAMING, [profile_ids]).fetchall()]
        others = [row.lower() for row in _orders_of_others(home, release, profile_ids)]
        # What is on the parcel that somebody else ordered for them stays with that order
        values = [value for value in values if not any(value.lower() in row for row in others)]
    delivered = Path(shutil.copytree(home / "inbox", folder / "delivered"))
    revenue = _revenue(home)
    _begin_and_kill(home, _requests(folder / "requests.csv", profile_ids))
    return Erased(home, profile_ids, values, delivered, copies, revenue, cdp(home, "sync"))


def _orders_of_others(home: Path, release: duckdb.DuckDBPyConnection, profile_ids: list[str]) -> list[str]:
    found = release.execute(
        "select source_record_id from profile_records where profile_id in (select unnest(?))", [profile_ids]
    )
    own = [record for (record,) in found.fetchall()]
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        rows = warehouse.execute(
            "select cast(orders as varchar) from landing.ecommerce_orders as orders "
            "where not list_contains($own, id) and not list_contains($own, coalesce(customer ->> '$.id', ''))",
            {"own": own},
        ).fetchall()
    return [row for (row,) in rows]


def _requests(file: Path, profile_ids: list[str]) -> Path:
    with file.open("w", newline="", encoding="utf-8") as written:
        writer = csv.writer(written)
        writer.writerow(["request_id", "request_type", "who"])
        writer.writerows([f"request-{number}", "erase", each] for number, each in enumerate(profile_ids))
    return file


def _begin_and_kill(home: Path, requests: Path) -> None:
    command = [str(Path(sys.executable).parent / "cdp"), "privacy", "requests", str(requests), "--yes"]
    environment = {**os.environ, "CDP_HOME": str(home)}
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 120
    while not suppressed_file(Settings(home)).exists():
        assert running.poll() is None, "the erasure ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert len(list((home / "privacy" / "pending").glob("*.json"))) == PEOPLE


def _revenue(home: Path) -> list[tuple[object, ...]]:
    with release_of(home).connect() as release:
        query = "select currency, sum(order_amount), count(*) from orders group by currency order by currency"
        return list(release.execute(query).fetchall())


def test_the_next_sync_ends_an_erasure_that_was_killed(erased: Erased, cdp: Cdp) -> None:
    assert erased.ended.returncode == 0, erased.ended.stdout + erased.ended.stderr
    assert "nothing of them is left" in erased.ended.stdout
    assert not list((erased.home / "privacy" / "pending").glob("*.json"))
    log = json.loads(cdp(erased.home, "privacy", "log", "--json").stdout)
    assert {each["profile_id"] for each in log} == set(erased.profile_ids)
    assert all(each["completed_at"] for each in log)


def test_no_value_of_them_is_in_any_file_of_the_home_or_of_what_was_published(erased: Erased) -> None:
    assert len(erased.values) > 5 * PEOPLE
    found = {place for folder in (erased.home, erased.copies) for place in _places_of(folder, erased.values)}
    assert not found
    assert set(_places_of(erased.delivered, erased.values)), "the search finds them where they are"


def _places_of(folder: Path, values: list[str]) -> Iterator[str]:
    sought = [value.lower() for value in values]
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.suffix == ".parquet":
            text = "\n".join(_decoded(f"read_parquet('{path}')")).lower()
        else:
            text = path.read_bytes().decode("utf-8", errors="replace").lower()
        yield from (f"{path.name} {path.parent.name}" for value in sought if value in text)
        if path.name == "warehouse.duckdb":
            yield from (f"warehouse {table}" for table in _tables_with(path, sought))


def _decoded(relation: str) -> list[str]:
    return [str(row) for (row,) in duckdb.sql(f"select cast(read as varchar) from {relation} as read").fetchall()]


def _tables_with(warehouse: Path, sought: list[str]) -> Iterator[str]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        for schema, table in tables:
            rows = connection.execute(f'select cast(read as varchar) from "{schema}"."{table}" as read').fetchall()
            text = "\n".join(str(row) for (row,) in rows).lower()
            yield from (f"{schema}.{table}" for value in sought if value in text)


def test_what_was_sold_stays_without_them(erased: Erased) -> None:
    assert _revenue(erased.home) == erased.revenue


def test_readers_learn_that_the_profiles_were_erased(erased: Erased) -> None:
    with release_of(erased.home).connect() as release:
        redirects = dict(release.execute("select old_profile_id, reason from profile_redirects").fetchall())
        assert {redirects[each] for each in erased.profile_ids} == {"erased"}
        events = release.execute("select profile_id from profile_events where event_type = 'erased'").fetchall()
        assert {profile_id for (profile_id,) in events} == set(erased.profile_ids)
        logged = release.execute("select distinct profile_id, completed_at is not null from compliance_log").fetchall()
        assert set(logged) == {(each, True) for each in erased.profile_ids}


def test_every_release_is_what_its_manifest_says_and_only_the_newest_is_published(erased: Erased, cdp: Cdp) -> None:
    verified = cdp(erased.home, "releases", "verify", "--all")
    assert verified.returncode == 0, verified.stdout
    releases = [path.name for path in erased.copies.iterdir() if path.is_dir()]
    assert releases == [release_of(erased.home).release_id]


def test_all_else_is_as_in_a_home_in_which_they_never_were(erased: Erased, cdp: Cdp, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(erased.home / "inbox", other / "inbox")
    # What a model learns from few people it learns anew from fewer: the same model decides here
    shutil.copytree(erased.home / "models", other / "models")
    synced = cdp(other, "sync")
    assert synced.returncode == 0, synced.stdout + synced.stderr
    assert partition(release_of(other)) == partition(release_of(erased.home))
    found, expected = (
        without_record(comparable_tables(release_of(home)), MERGED_AWAY.contact_id) for home in (erased.home, other)
    )
    assert {name for name in found.keys() - {"compliance_log"} if found[name] != expected[name]} == set()


def test_a_new_export_that_still_holds_them_brings_no_one_back(erased: Erased, cdp: Cdp, tmp_path: Path) -> None:
    home = copy_home(erased.home, tmp_path / "home")
    (home / "destinations.yml").unlink()
    before = comparable_tables(release_of(home))
    for path in sorted(path for path in erased.delivered.rglob("*") if path.is_file()):
        again = home / "inbox" / path.relative_to(erased.delivered).parent / f"again_{path.name}"
        shutil.copy(path, again)
    synced = cdp(home, "sync")
    assert synced.returncode == 0, synced.stdout + synced.stderr
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        refused = connection.execute(
            "select count(*), count(raw_row) from operations.quarantined where reason = 'erased_person'"
        ).fetchone()
    assert refused is not None
    assert refused[0] >= PEOPLE
    assert refused[1] == 0
    with release_of(home).connect() as release:
        assert not release.execute(NAMING, [erased.profile_ids]).fetchall()
    again = comparable_tables(release_of(home))
    assert again["profiles"] == before["profiles"]
    assert again["profile_identifiers"] == before["profile_identifiers"]


def test_the_job_of_dagster_erases_as_the_command_does(
    erased: Erased, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copy_home(erased.home, tmp_path / "home")
    (home / "destinations.yml").unlink()
    settings = Settings(home)
    monkeypatch.setenv("CDP_HOME", str(home))
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    with release_of(home).connect() as release:
        (one,) = release.execute("select min(profile_id) from profiles where source_count = 2").fetchall()[0]
    with writer_lock(settings.writer_lock, "a test"):
        begin_erasure(settings, closure_of(settings, one), "by-the-job", "ada", "", today())
    ended = erase_job().execute_in_process(instance=open_instance(settings))
    assert ended.success
    assert not pending_erasures(settings)
    with release_of(home).connect() as release:
        found = release.execute("select reason from profile_redirects where old_profile_id = ?", [one]).fetchall()
    assert found == [("erased",)]
