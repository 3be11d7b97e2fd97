"""What the open tier makes of tables: hashes in place of ids, and nothing that few people share."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from cdp_orchestration.dbt.project import manifest
from cdp_orchestration.dbt.published_tables import published_tables
from cdp_orchestration.errors import SettingsError
from cdp_orchestration.home.keyed_hashes import create_keyed_hash
from cdp_orchestration.open_tier.declaration import OpenTier, read_open_tier
from cdp_orchestration.open_tier.key import open_tier_key
from cdp_orchestration.open_tier.queries import COMMON, open_columns, open_query
from cdp_orchestration.open_tier.rules import TableRules, table_rules
from cdp_orchestration.open_tier.writing import write_open_candidate
from cdp_orchestration.release.bundle import PublishedTable, write_candidate
from cdp_orchestration.release.publication import candidate_folder
from cdp_orchestration.release.reader import open_release

KEY = b"a key of the tests"


def _column(name: str, kind: str = "varchar") -> Mapping[str, str]:
    return {"name": name, "type": kind, "description": f"The {name}.", "classification": "personal"}


def _open(columns: Sequence[Mapping[str, str]], rules: TableRules, rows: Sequence[tuple[object, ...]], k: int = 2):
    """Return the rows of a table ``people`` in the open tier, sorted."""
    with duckdb.connect() as connection:
        create_keyed_hash(connection, KEY)
        connection.execute("create table as_of as select date '2026-06-15' as as_of_on")
        connection.execute(f"create table {COMMON} (column_name varchar, value varchar)")
        connection.execute("insert into common_values values ('tags', 'usual'), ('tag', 'usual')")
        connection.execute(f"set variable {COMMON} = map {{'tags': ['usual']}}")
        described = ", ".join(f"{column['name']} {column['type']}" for column in columns)
        connection.execute(f"create table people ({described})")
        for row in rows:
            connection.execute(f"insert into people values ({', '.join('?' * len(row))})", row)
        query = open_query("people", columns, rules, k)
        return connection.execute(f"select * from ({query}) order by all").fetchall()


@pytest.mark.parametrize("key", [KEY, b"x" * 65])
def test_an_id_becomes_what_any_program_with_the_key_computes(key: bytes) -> None:
    with duckdb.connect() as connection:
        create_keyed_hash(connection, key)
        for value in ("crm:contact:7", "", "Zoë"):
            wanted = hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:32]
            assert connection.execute("select keyed_hash(?::varchar)", [value]).fetchall() == [(wanted,)]
        assert connection.execute("select keyed_hash(null::varchar)").fetchall() == [(None,)]


def test_what_few_people_share_gives_up_one_column_after_the_other() -> None:
    columns = [_column("postcode"), _column("region"), _column("country_code")]
    rules = TableRules(dict.fromkeys(("postcode", "region", "country_code"), "combined"), tuple(_names(columns)))
    rows = [
        *[("10115", "Berlin", "DE"), ("10999", "Berlin", "DE")],  # two of one area
        *[("80331", "Bayern", "DE"), ("90402", "Bayern", "DE")],  # an area each, one region
        ("20095", "Hamburg", "DE"),  # no one else of this region: the country is left, with the next
        ("01067", "Sachsen", "DE"),
        ("1010", "Wien", "AT"),  # no one else of this country
    ]
    assert _open(columns, rules, rows) == [
        *[("10", "Berlin", "DE")] * 2,
        *[(None, "Bayern", "DE")] * 2,
        *[(None, None, "DE")] * 2,
        (None, None, None),
    ]


def test_a_birthday_becomes_an_age_band_on_the_day_of_the_release() -> None:
    columns = [_column("date_of_birth", "date")]
    rules = TableRules({"date_of_birth": "combined"}, ("date_of_birth",))
    born = [date(2006, 6, 15), date(2006, 6, 16), date(1946, 6, 15), date(1946, 6, 16), date(1990, 1, 1), None]
    bands = _open(columns, rules, [(day,) for day in born], k=1)
    assert bands == [("20 to 29",), ("30 to 39",), ("70 to 79",), ("80 or more",), ("under 20",), (None,)]
    assert [column["name"] for column in open_columns(columns, rules)] == ["age_band"]


def test_rare_values_go_alone_and_out_of_lists_and_times_are_cut_to_the_hour() -> None:
    columns = [
        _column("tag"),
        _column("tags", "varchar[]"),
        _column("seen_at", "timestamp"),
        _column("ids", "varchar[]"),
    ]
    rules = TableRules({"tag": "common", "tags": "common", "seen_at": "hour", "ids": "keyed_hash"})
    seen = datetime(2026, 1, 2, 3, 44, 5)  # noqa: DTZ001 - DuckDB's times without a zone
    row = ("odd", ["usual", "odd"], seen, ["a", None])
    hashed = hmac.new(KEY, b"a", hashlib.sha256).hexdigest()[:32]
    assert _open(columns, rules, [row]) == [(None, ["usual"], seen.replace(minute=0, second=0), [hashed, None])]


def test_rows_about_too_few_profiles_are_left_out() -> None:
    rules = TableRules({"stage": "keep", "profile_count": "keep"}, at_least_k="profile_count")
    columns = [_column("stage"), _column("profile_count", "bigint")]
    assert _open(columns, rules, [("purchase", 2), ("service", 1)]) == [("purchase", 2)]


def test_a_column_and_a_table_of_which_nothing_was_decided_are_left_out(tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("create table profiles as select 'p1' as profile_id, 'secret' as nickname")
        connection.execute("create table later as select 'secret' as anything")
        tables = [
            PublishedTable("profiles", "profiles", "", (_column("profile_id"), _column("nickname")), ("profile_id",)),
            PublishedTable("later", "later", "", (_column("anything"),)),
        ]
        about = {"release_id": "20260101T000000Z-00000a"}
        write_candidate(connection, tmp_path / "release", tables, about)
    release = open_release(tmp_path / "release")
    manifest = write_open_candidate(release, tmp_path / "open", OpenTier(k=2), KEY, datetime.now(UTC))
    assert {name: [c["name"] for c in each["columns"]] for name, each in manifest["tables"].items()} == {
        "profiles": ["profile_id"]
    }
    folder = candidate_folder(tmp_path / "open", about["release_id"])
    assert not any(b"secret" in file.read_bytes() or b"p1" in file.read_bytes() for file in folder.iterdir())


def test_every_published_column_was_decided_about_and_no_other() -> None:
    published = {name: set(_names(table.columns)) for name, table in published_tables(manifest()).items()}
    assert {name: set(rules.by_column) for name, rules in table_rules().items()} == published


def test_nothing_that_names_a_person_is_shown_as_it_is() -> None:
    shown = [
        (name, column["name"])
        for name, table in published_tables(manifest()).items()
        for column in table.columns
        if column["classification"] in {"identifying", "sensitive"}
        and table_rules()[name].rule(column["name"]) not in {"left_out", "keyed_hash", "combined"}
    ]
    assert shown == []


def test_a_home_keeps_a_key_of_its_own_that_no_one_else_reads(tmp_path: Path) -> None:
    file = tmp_path / "open_tier.key"
    key = open_tier_key(OpenTier(), file)
    assert len(key) == 64
    assert open_tier_key(OpenTier(), file) == key
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_short_key_is_refused_without_being_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPEN_KEY", "hunter2")
    with pytest.raises(SettingsError, match="has 7 characters, expected at least 16") as refused:
        open_tier_key(OpenTier(key="env:OPEN_KEY"), tmp_path / "open_tier.key")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "found"),
    [("k: 1", "k: "), ("kk: 3", "kk: "), ("key: hunter2hunter2hunter2", "expected env:NAME"), ("{", "line ")],
)
def test_a_declaration_that_is_not_as_expected_is_named_with_its_field(tmp_path: Path, text: str, found: str) -> None:
    file = tmp_path / "open_tier.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=found) as refused:
        read_open_tier(file)
    assert "hunter2" not in str(refused.value)


def _names(columns: Sequence[Mapping[str, str]]) -> list[str]:
    return [column["name"] for column in columns]
