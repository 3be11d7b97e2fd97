"""A source is drafted from where its rows are: an API, a table, files elsewhere; no command holds a secret."""

import sqlite3
from pathlib import Path

import pytest
from api_server import Answered, Api
from typer.testing import CliRunner, Result

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing import fetch_stream, land_stream
from cdp_orchestration.sources import Stream, declared_stream
from cdp_orchestration.sources.drafting.origins import origin_of, stream_word
from cdp_orchestration.sources.drafting.samples import SampleError
from cdp_orchestration.terminal.cli import app

PEOPLE = [
    {"id": 5, "email": "ada@example.org", "profile": {"city": "Bern"}, "updated_at": "2026-02-01T10:00:00Z"},
    {"id": 6, "email": "bo@example.org", "profile": {"city": "Basel"}, "updated_at": "2026-02-02T10:00:00Z"},
]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("CDP_HOME", str(tmp_path / "home"))
    return Settings(home=tmp_path / "home")


def add(*words: str) -> Result:
    return CliRunner().invoke(app, ["source", "add", "gym/guests", "--accept", *words], catch_exceptions=False)


def landed(settings: Settings) -> tuple[Stream, int]:
    stream = declared_stream("gym/guests", settings)
    fetched = fetch_stream(stream, settings)
    assert fetched is not None
    assert fetched.problem is None
    return stream, land_stream(stream, settings).rows_landed


def test_an_api_is_declared_by_its_address_and_fetched(home):
    with Api(lambda asked: Answered({"data": {"people": PEOPLE}})) as api:
        add("--from", f"{api.url}/v2/people?active=1")
        stream, rows = landed(home)

    assert (stream.key, stream.cursor, rows) == (("id",), "updated_at", 2)
    assert stream.mapping.person.emails == ("email",)
    assert (stream.mapping.from_.kind, stream.mapping.from_.rows) == ("rest", ("data", "people"))


def test_the_token_of_an_api_stays_where_it_is(home, monkeypatch):
    monkeypatch.setenv("GYM_TOKEN", "shh-98765")
    with Api(lambda asked: Answered(PEOPLE)) as api:
        add("--from", f"{api.url}/people", "--token", "env:GYM_TOKEN")

    text = (home.own_sources / "gym.yml").read_text(encoding="utf-8")
    assert "env:GYM_TOKEN" in text
    assert "shh-98765" not in text


def test_a_table_is_declared_with_the_column_by_which_newer_rows_are_known(home, tmp_path):
    with sqlite3.connect(tmp_path / "gym.db") as database:
        database.execute("create table guests (id integer, email text, updated_at text)")
        database.executemany(
            "insert into guests values (?, ?, ?)", [(each["id"], each["email"], each["updated_at"]) for each in PEOPLE]
        )

    add("--from", f"sqlite:{tmp_path / 'gym.db'}", "--table", "guests")

    stream, rows = landed(home)
    assert (stream.key, stream.mapping.from_.kind, stream.mapping.from_.cursor, rows) == (
        ("id",), "sqlite", "updated_at", 2,
    )  # fmt: skip


@pytest.mark.parametrize("named", ["exports", "exports/*.csv"])
def test_a_folder_or_pattern_is_declared_as_files(home, tmp_path, monkeypatch, named):
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "a.csv").write_text("id,email\n5,ada@example.org\n6,bo@example.org\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    add("--from", named, "--with", "quiet_seconds=0")

    stream, rows = landed(home)
    assert (stream.mapping.from_.path, rows) == (str(tmp_path / named), 2)


def test_a_csv_behind_an_address_is_declared_as_files():
    found = origin_of("https://example.org/exports/members.CSV.gz")
    assert (found.kind, found.path) == ("files", "https://example.org/exports/members.CSV.gz")


def test_a_bucket_takes_its_region_and_the_places_of_its_keys():
    words = {"region": "eu-west-1", "access_key": "env:A", "secret_key": "env:B"}
    found = origin_of("s3://shop/contacts/", options=words)
    assert (found.kind, found.region, found.secret_key) == ("files", "eu-west-1", "env:B")


@pytest.mark.parametrize(
    "named",
    [
        "postgres:postgresql://ada:hunter2@db/shop",
        "postgresql://ada:hunter2@db/shop",
        "mysql://ada:hunter2@db/shop",
        "https://ada:hunter2@example.org/people",
        "https://example.org/people?api_key=hunter2",
        "sftp://ada:hunter2@example.org/exports/",
    ],
)
def test_an_address_with_a_secret_is_refused_and_not_repeated(named):
    with pytest.raises(SampleError, match="env:") as refused:
        origin_of(named, "orders" if "sql" in named else None)
    assert "hunter2" not in str(refused.value)


def test_a_key_of_a_bucket_in_the_command_is_refused_and_not_repeated():
    with pytest.raises(SampleError) as refused:
        origin_of("s3://shop/x/", options={"access_key": "env:A", "secret_key": "hunter2"})
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("named", "table"), [("postgres:env:SHOP", None), ("ftp://example.org/x", None), ("a.csv", "orders")]
)
def test_what_cannot_be_declared_says_what_is_expected(named, table):
    with pytest.raises(SampleError, match=r"expected|name its table"):
        origin_of(named, table)


@pytest.mark.parametrize(
    ("named", "table", "word"),
    [
        ("exports/2026-11-01_Members.csv", None, "members"),
        ("/data/Kunden-Liste.csv.gz", None, "kunden_liste"),
        ("s3://bucket/orders/*.csv", None, "orders"),
        ("https://api.example.com/v2/people", None, "people"),
        ("postgres:env:SHOP", "public.orders", "orders"),
        ("2026.csv", None, "rows"),
    ],
)
def test_a_stream_without_a_word_has_that_of_its_rows_elsewhere(named: str, table: str | None, word: str) -> None:
    assert stream_word(named, table) == word
