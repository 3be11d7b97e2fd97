"""The open tier through the commands: it names no customer of the demo, and follows what is live."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from live_homes import copy_home

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.open_tier.following import follow_live_release, is_in_step
from cdp_orchestration.open_tier.rules import table_rules
from cdp_orchestration.reader import open_home
from cdp_orchestration.release.reader import Release, open_release

pytestmark = [pytest.mark.slow, pytest.mark.scenario]

Cdp = Callable[..., "subprocess.CompletedProcess[str]"]
K = 5


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, grown_home: Path) -> Path:
    """A home with two releases that declares an open tier after nothing was new."""
    home = copy_home(grown_home, tmp_path_factory.mktemp("open") / "home")
    Settings(home).open_tier.write_text(f"k: {K}\n", encoding="utf-8")
    return home


def _tier(home: Path) -> Release:
    return open_release(Settings(home).open_releases / "current")


def test_a_sync_writes_the_declared_tier_and_a_rollback_takes_readers_back_in_it(home: Path, cdp: Cdp) -> None:
    ended = cdp(home, "sync")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Warning" not in ended.stderr
    newest, oldest = (each["release_id"] for each in json.loads(cdp(home, "releases", "list", "--json").stdout))
    assert _tier(home).release_id == newest
    for release_id in (oldest, newest):
        assert cdp(home, "releases", "rollback", release_id, "--why", "a test").returncode == 0
        with open_home(home, tier="open") as reader:
            assert reader.release_id == release_id
            assert "full_name" not in reader.profiles.columns
    assert "open tier" in cdp(home, "doctor").stdout


def test_the_tier_has_no_value_that_names_a_customer_of_the_demo(home: Path) -> None:
    follow_live_release(Settings(home))
    with open_home(home) as restricted:
        naming = {value for query in _naming_queries() for (value,) in restricted.sql(query).relation.fetchall()}
    assert len(naming) > 5_000
    tier = _tier(home)
    with tier.connect() as connection:
        cells = {cell for query in _cell_queries(tier) for (cell,) in connection.execute(query).fetchall()}
    assert naming.isdisjoint(cells)
    # Hashes have no letters but a to f: names are sought in all other texts, whole words where they are short
    text = "\n".join(cell for cell in cells if not re.fullmatch("[0-9a-f]{32}", cell)).lower()
    words = set(re.findall(r"\w+", text))
    raw = b"".join(file.read_bytes() for file in tier.folder.iterdir() if file.suffix == ".parquet").lower()
    long = [value.lower() for value in naming if len(value) >= 6]
    assert [value for value in long if value in text] == []
    assert [value for value in long if value.encode() in raw] == []
    assert {value.lower() for value in naming if len(value) < 6} & words == set()


def test_what_the_tier_says_of_people_is_shared_by_enough_of_them(home: Path) -> None:
    follow_live_release(Settings(home))
    with _tier(home).connect() as connection:
        coarse = "postcode_area, region, age_band, preferred_language, country_code"
        groups = connection.execute(f"select {coarse}, count(*) from profiles group by all").fetchall()
        rare_campaigns = connection.execute(
            "select campaign from touchpoints where campaign is not null and profile_id is not null "
            f"group by campaign having count(distinct profile_id) < {K}"
        ).fetchall()
    assert all(count >= K for *values, count in groups if any(values))
    assert any(any(values) for *values, _ in groups)
    assert rare_campaigns == []


def test_facts_and_links_are_those_of_the_release(home: Path) -> None:
    follow_live_release(Settings(home))
    evidence = "(select unnest(evidence_touchpoint_ids) as touchpoint_id from moments)"
    queries = (
        f"select count(*) from touchpoints join {evidence} using (touchpoint_id)",
        "select sum(net_reporting_amount), count(*) from orders",
        "select sum(credited_amount) from journey_attribution",
        "select count(*) from orders join profiles using (profile_id) join journeys using (journey_id)",
        "select channel, stage, count(*), count(distinct profile_id) from touchpoints group by all order by all",
    )
    with open_home(home) as restricted, open_home(home, tier="open") as tier:
        for query in queries:
            assert tier.sql(query).relation.fetchall() == restricted.sql(query).relation.fetchall()


def test_a_damaged_tier_is_written_again_and_one_that_is_declared_no_more_goes(home: Path) -> None:
    settings = Settings(home)
    follow_live_release(settings)
    assert not follow_live_release(settings).is_new
    damaged = _tier(home).folder / "orders.parquet"
    before = damaged.read_bytes()
    damaged.unlink()
    damaged.write_bytes(before[:100])
    assert follow_live_release(settings).is_new
    assert damaged.read_bytes() == before
    (settings.open_releases / "CURRENT.json").write_text("{", encoding="utf-8")
    assert not is_in_step(settings)
    assert not follow_live_release(settings).is_new
    assert is_in_step(settings)
    declared = settings.open_tier.read_text(encoding="utf-8")
    settings.open_tier.unlink()
    follow_live_release(settings)
    assert not settings.open_releases.exists()
    settings.open_tier.write_text(declared, encoding="utf-8")


def _naming_queries() -> Iterator[str]:
    """Yield the queries of all that names a customer, a record or an organisation in the release."""
    contacts = {
        "person_record_values": [
            *("full_name", "given_name", "middle_name", "family_name", "address_line"),
            *("emails", "phones", "loyalty_numbers", "shop_customer_ids", "card_fingerprints", "other_identifiers"),
        ],
        "profile_identifiers": ["identifier_value", "identifier_sha256", "google_sha256", "meta_sha256"],
        "profile_history": ["full_name", "given_name", "family_name", "email", "phone", "address_line"],
        "accounts": ["name", "website_domain"],
    }
    lists = {"emails", "phones", "loyalty_numbers", "shop_customer_ids", "card_fingerprints", "other_identifiers"}
    lists.add("evidence_touchpoint_ids")
    for table, rules in table_rules().items():
        ids = [column for column, rule in rules.by_column.items() if rule == "keyed_hash"]
        for column in dict.fromkeys([*ids, *contacts.get(table, [])]):
            value = f"unnest({column})" if column in lists else column
            yield f"select distinct value from (select {value} as value from {table}) where value is not null"


def _cell_queries(tier: Release) -> Iterator[str]:
    with duckdb.connect() as connection:
        for table, entry in tier.manifest["tables"].items():
            rows = connection.read_parquet(str(tier.folder / entry["file"]))
            for column, kind in zip(rows.columns, map(str, rows.types), strict=True):
                value = f'unnest("{column}")::varchar' if kind.endswith("[]") else f'"{column}"::varchar'
                yield f'select distinct cell from (select {value} as cell from "{table}") where cell is not null'
