"""From an inbox of four silos to a published release, through the job that the schedule runs.

Marked ``long``: whole syncs that are killed, which ``test_dagster_ui.py`` does to one every time; and a gate of
identity that stops a sync, as the gates of figures do every time in ``gates/test_damaged_sync.py``.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from accepted_sync import accepted_sync
from consenting_people import MERGED_AWAY
from delivered_money import create_delivered_money
from live_homes import CUSTOMERS, copy_home, deliver_first, deliver_later
from narrow_screen import BROWSER, measure_page
from release_comparison import comparable_tables, partition, release_of, without_record
from shown_figures import count_again, differences, find_shown

pytestmark = [pytest.mark.slow, pytest.mark.scenario]

Cdp = Callable[..., "subprocess.CompletedProcess[str]"]
CDP = Path(sys.executable).parent / "cdp"

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def _sync(cdp: Cdp, home: Path) -> str:
    result = cdp(home, "sync")
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, grown_home: Path) -> Path:
    """A home that has synced a first delivery, and then all others."""
    return copy_home(grown_home, tmp_path_factory.mktemp("end to end") / "home")


def test_a_sync_with_nothing_new_changes_no_table_cuts_no_release_and_says_how_old_the_data_are(
    home: Path, cdp: Cdp
) -> None:
    page = home / "reports" / "customer_360.html"
    page.unlink()
    before = release_of(home).release_id
    warehouse = (home / "warehouse.duckdb").read_bytes()
    assert "Nothing new" in _sync(cdp, home)
    assert release_of(home).release_id == before
    assert _tables(home) == _tables_of(warehouse, home)
    assert "These data are old" in page.read_text(encoding="utf-8")


def test_the_manifest_and_the_views_agree_with_the_files(home: Path) -> None:
    release = release_of(home)
    with duckdb.connect(str(release.folder / "cdp.duckdb"), read_only=True) as reader:
        for name, entry in release.manifest["tables"].items():
            assert reader.execute(f"select count(*) from {name}").fetchall() == [(entry["rows"],)]
            assert all(column["description"] for column in entry["columns"])


def test_the_release_says_what_the_gates_before_it_found_check_by_check(home: Path) -> None:
    release = release_of(home)
    found = release.connect().execute("select distinct gate, run_id from quality_results").fetchall()
    gates = {gate for gate, _ in found}
    assert set(release.manifest["gates"]) - {"release.candidate"} <= gates
    assert {"landing.crm_contacts_figures", "staging.person_records_figures"} <= gates
    of_its_run = {gate for gate, run in found if run == release.manifest["run_id"]}
    assert {"staging.interactions", "profiles.profiles", "journeys.journeys"} <= of_its_run
    assert not {gate for gate in of_its_run if gate.startswith("release.")}  # its own gate came after the cut


def test_the_python_lines_of_the_readme_read_the_live_release(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    (snippet,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    (home.parent / ".cdp").symlink_to(home)
    monkeypatch.chdir(home.parent)
    known: dict[str, Any] = {}
    exec(snippet, known)
    assert Path(known["live"]).resolve() == release_of(home).folder.resolve()


def test_the_release_opens_in_other_readers(home: Path) -> None:
    import pandas as pd
    import polars as pl

    release = release_of(home)
    for name, entry in release.manifest["tables"].items():
        file = release.folder / entry["file"]
        columns = [column["name"] for column in entry["columns"]]
        for frame in (pd.read_parquet(file), pl.read_parquet(file)):
            assert (len(frame), list(frame.columns)) == (entry["rows"], columns), name


def test_money_and_counts_of_every_table_are_those_of_the_deliveries_to_the_cent(home: Path) -> None:
    release = release_of(home).connect()
    create_delivered_money(release, home)

    def rows(query: str) -> list[tuple[Any, ...]]:
        return release.execute(query).fetchall()

    by_currency = "select currency, count(*), sum(amount) from {} where amount is not null group by 1 order by 1"
    assert rows(by_currency.format("touchpoints")) == rows(by_currency.format("money"))
    revenue = rows("select sum(amount) from euros")
    assert revenue > [(0,)]
    assert rows("select sum(revenue_amount) from journeys") == revenue
    assert rows("select sum(order_count), sum(revenue_amount) from profile_metrics") == rows(
        "select count(*) filter (is_order), sum(amount) from euros"
    )
    with_order = "select sum(amount) from euros where has_order"
    attributed = "select rule, sum(credited_amount) from journey_attribution group by 1 order by 1"
    assert rows(attributed) == [(rule, *rows(with_order)[0]) for rule in ("first", "last", "linear", "position")]
    for measure, facts, day in (
        ("function = 'supply_chain' and metric = 'cancellation_rate'", "orders", "coalesce(processed_at, created_at)"),
        ("function = 'in_store' and metric = 'return_rate'", "sales", "sold_at"),
    ):
        last = f"select scored_on, sample_size from cx_scorecard where {measure} order by scored_on desc limit 1"
        scored_on, sample_size = rows(last)[0]
        within = f"{day}::date between date '{scored_on}' - 27 and date '{scored_on}'"
        assert rows(f"select count(*) from {facts} where {within}") == [(sample_size,)]


def test_the_customer_report_names_the_release_and_no_customer(home: Path) -> None:
    release = release_of(home)
    page = (home / "reports" / "customer_360.html").read_text(encoding="utf-8")
    assert release.release_id in page
    personal = _contact_details(release.folder)
    assert len(personal) > CUSTOMERS
    assert [value for value in personal if value in page] == []


def test_every_number_of_the_customer_report_is_counted_again_from_the_release(home: Path) -> None:
    release = release_of(home)
    page = (home / "reports" / "customer_360.html").read_text(encoding="utf-8")
    figures, unmarked = find_shown(page, {"customer_360_contacts.csv"})
    (written_on,) = {figure.value for figure in figures if figure.name == "written"}
    assert datetime.now(UTC).date() - date.fromisoformat(written_on) <= timedelta(days=1)
    counted = count_again(
        release.connect(), release.manifest["run_id"], release.release_id, date.fromisoformat(written_on)
    )
    assert (unmarked, differences(figures, counted)) == ([], [])
    assert {name for name in counted if name.startswith(("month", "campaign", "cohort", "reach", "reconciliation"))} - {
        figure.name for figure in figures
    } <= {"months.of_none"}


def test_what_stands_above_a_total_of_the_customer_report_adds_up_to_it(home: Path) -> None:
    page = (home / "reports" / "customer_360.html").read_text(encoding="utf-8")
    values = {(figure.name, *figure.of): figure.value for figure in find_shown(page, set())[0]}

    def added(*prefixes: tuple[str, ...]) -> Decimal:
        return sum((Decimal(value) for key, value in values.items() if _begins(key, prefixes)), Decimal(0))

    def line(name: str) -> Decimal:
        return Decimal(values["reconciliation.amount", name])

    assert added(("month.revenue",), ("months.earlier_revenue",), ("months.of_none",)) == line("revenue") > 0
    assert added(("segment.revenue",)) == line("revenue_of_profiles")
    for rule in ("first", "last", "linear", "position"):
        assert added(("channel.credited", rule)) == line("attributed")
        by_campaign = ("campaign.credited", "campaigns.others_credited", "campaigns.none_credited")
        assert added(*((name, rule) for name in by_campaign)) == line("attributed")
    begun = Decimal(values["flow.from", "journey_begins"])
    ends = ("ended_after_buying", "still_going_on", "ended_without_buying")
    assert added(*(("flow.to", end) for end in ends)) == begun == Decimal(values["journeys.all",])
    assert added(("flow.from",)) == added(("flow.to",)) == added(("flow.count",)) == Decimal(values["flow.all",])


def _begins(key: tuple[str, ...], prefixes: tuple[tuple[str, ...], ...]) -> bool:
    return any(key[: len(prefix)] == prefix for prefix in prefixes)


def test_on_a_narrow_screen_nothing_of_the_customer_report_is_cut(home: Path, tmp_path: Path) -> None:
    if BROWSER is None:
        pytest.skip("no Chromium or Chrome is installed to open the page")
    seen = measure_page(home / "reports" / "customer_360.html", 390, tmp_path)
    assert (seen.width, seen.cut, seen.without_bar) == (390, [], [])
    assert seen.page_width <= seen.width
    assert {"Scorecard", "Reach by channel and consent"} <= set(seen.scrolled)


def test_the_documentation_of_the_tables_is_one_page_that_a_browser_opens_without_a_network(
    home: Path, tmp_path: Path, cdp: Cdp
) -> None:
    result = cdp(home, "docs")
    assert result.returncode == 0, result.stdout + result.stderr
    page = home / "reports" / "dbt_docs.html"
    html = page.read_text(encoding="utf-8")
    # A family name may occur in the project's own texts, as an example.
    contacts = [value for value in _contact_details(release_of(home).folder) if value[0] == "+" or "@" in value]
    assert [value for value in contacts if value in html] == []
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip("no Chromium or Chrome is installed to open the page")
    opened = subprocess.run(
        [
            browser,
            *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
            *("--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=8000"),
            f"--user-data-dir={tmp_path / 'browser'}",
            *("--dump-dom", f"{page.as_uri()}#!/model/model.customer_data_platform.touchpoints"),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    rendered = re.sub(r"<script.*?</script>", "", opened.stdout, flags=re.DOTALL)
    assert "One row per interaction, with the profile that it belongs to now." in rendered


def _contact_details(folder: Path) -> list[str]:
    named = "attribute in ('full_name', 'email', 'phone', 'address_line') and length(value) >= 5"
    found = duckdb.execute(f"select distinct value from '{folder}/profile_attributes.parquet' where {named} order by 1")
    return [row[0] for row in found.fetchall()]


@pytest.mark.long
def test_runs_killed_at_three_stages_and_at_a_later_delivery_give_the_same_tables_as_one_unbroken_run(
    tmp_path: Path, cdp: Cdp
) -> None:
    at_once, killed = tmp_path / "at once", tmp_path / "killed"
    for home in (at_once, killed):
        deliver_first(home)
    for step in ("landing__ecommerce_orders", "identity_tables", "journeys_models"):
        _kill_at(killed, step)
        assert not (killed / "releases" / "CURRENT.json").exists()
    _sync(cdp, killed)
    for home in (at_once, killed):
        deliver_later(home)
    _kill_at(killed, "journeys_models")
    for home in (at_once, killed):
        _sync(cdp, home)
    assert partition(release_of(killed)) == partition(release_of(at_once))
    tables, expected = (
        without_record(comparable_tables(release_of(home)), MERGED_AWAY.contact_id) for home in (killed, at_once)
    )
    assert tables == expected


def test_a_person_is_found_by_an_email_that_only_the_shop_has(home: Path, cdp: Cdp) -> None:
    email = _email_of_a_store_visitor_that_only_the_shop_has(home)
    result = cdp(home, "profile", email, "--json")
    assert result.returncode == 0, result.stderr
    view = json.loads(result.stdout)
    assert "store" in {touchpoint["channel"] for touchpoint in view["touchpoints"]}


def test_an_unknown_person_is_one_clear_line_and_exit_code_1(home: Path, cdp: Cdp) -> None:
    result = cdp(home, "profile", "unknown@nowhere.example")
    assert result.returncode == 1
    assert "no profile" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.long
def test_a_failed_gate_publishes_nothing_and_leaves_the_last_release_live(
    grown_home: Path, tmp_path: Path, cdp: Cdp
) -> None:
    flooded = copy_home(grown_home, tmp_path / "gate")
    before = release_of(flooded).release_id
    _deliver_more_records_of_one_person_than_the_gate_allows(flooded)
    stopped = cdp(flooded, "sync")
    assert "gate landing.crm_contacts_figures failed" in stopped.stderr
    result = accepted_sync(cdp, flooded)
    assert result.returncode == 1
    assert "gate identity.profile_assignments failed" in result.stderr
    assert "the live release is untouched" in result.stderr
    assert release_of(flooded).release_id == before
    assert not list((flooded / "releases").glob(".candidate-*"))


def _deliver_more_records_of_one_person_than_the_gate_allows(home: Path) -> None:
    folder = home / "inbox" / "crm" / "contacts"
    header = "Id,FirstName,LastName,Email,Birthdate,Loyalty_Number__c,SystemModstamp"
    rows = (f"X{n:05d},Ada,Lovelace,ada@lovelace.org,1980-05-06,L-ADA,2026-06-30T00:00:00Z" for n in range(400))
    (folder / "zz_flood.csv").write_text("\n".join([header, *rows]), encoding="utf-8")


def _kill_at(home: Path, step: str) -> None:
    """Start a sync and kill its process as soon as the step has started."""
    environment = {**os.environ, "CDP_HOME": str(home)}
    process = subprocess.Popen([CDP, "sync"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not _has_started(home, step):
        assert process.poll() is None, f"the sync ended before {step} started"
        assert time.monotonic() < deadline, f"{step} did not start in time"
        time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()


def _has_started(home: Path, step: str) -> bool:
    """Return whether a running run has started this step, from Dagster's event log."""
    import dagster as dg

    # Opened earlier, the instance would create its tables at the same time as the run does.
    logs = (home / "dagster" / "history" / "runs").glob("*.db")
    if not any(log.stem != "index" for log in logs):
        return False
    with dg.DagsterInstance.from_config(str(home / "dagster")) as instance:
        running = instance.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED]), limit=1)
        starts = (instance.all_logs(run.run_id, of_type=dg.DagsterEventType.STEP_START) for run in running)
        return any(entry.step_key == step for entries in starts for entry in entries)


def _tables(home: Path) -> dict[str, int]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return _contents(connection)


def _tables_of(warehouse: bytes, home: Path) -> dict[str, int]:
    copy = home / "before.duckdb"
    copy.write_bytes(warehouse)
    with duckdb.connect(str(copy), read_only=True) as connection:
        return _contents(connection)


def _contents(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    names = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables where table_type = 'BASE TABLE'"
    ).fetchall()
    hashed = "select coalesce(bit_xor(hash(row_of)), 0) from {} as row_of"
    return {name: connection.execute(hashed.format(name)).fetchall()[0][0] for (name,) in names}


def _email_of_a_store_visitor_that_only_the_shop_has(home: Path) -> str:
    release = release_of(home).connect()
    release.execute(f"attach '{home / 'warehouse.duckdb'}' as warehouse (read_only)")
    query = """
        select r.email
        from (select profile_id, unnest(emails) as email, source_system
              from warehouse.staging.person_records
              join profile_records using (source_system, source_record_type, source_record_id)) as r
        join touchpoints as t on t.profile_id = r.profile_id and t.channel = 'store'
        group by 1 having count(distinct r.source_system) = 1 and min(r.source_system) = 'ecommerce'
          and count(distinct r.profile_id) = 1
        order by 1 limit 1
    """
    return str(release.execute(query).fetchall()[0][0])
