"""A small published home whose customers have hostile values in every field that a command shows."""

import contextlib
import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.bundle import PublishedTable, new_release_id, write_candidate
from cdp_orchestration.release.publication import candidate_folder, publish
from identity import PLATFORM_MAPPING, TrainedModel, resolve
from identity.model.trained_model import default_parameters, term_frequency_columns

MAIL = "jane.doe@example.com"
HOSTILE_NAME = "[/b][link=https://example.com]Jane\x1b]8;;https://example.com\x07\x9b31m\u202e\u200b\n:bomb:"
ADDRESS = "1 [red]High\x1b[2J Street"
PEOPLE: dict[str, dict[str, Any]] = {
    "crm:contact:1": {"given_name": HOSTILE_NAME, "family_name": "Doe", "emails": [MAIL], "address_line": ADDRESS},
    "ecommerce:customer:2": {"given_name": HOSTILE_NAME, "family_name": "Doe", "emails": [MAIL]},
    "support:user:3[/b]": {"given_name": "Anton", "family_name": "Crow", "emails": ["a@example.com"]},
}
_TEXTS = ("full_name", "given_name", "middle_name", "family_name", "address_line", "city", "region", "postcode")
_LISTS = ("emails", "phones", "loyalty_numbers", "shop_customer_ids", "card_fingerprints", "other_identifiers")

_TABLES = """
create table profiles.profile_records as
select
    cluster_id as profile_id, person_record_id, split_part(person_record_id, ':', 1) as source_system,
    split_part(person_record_id, ':', 2) as source_record_type,
    split_part(person_record_id, ':', 3) as source_record_id, 'same_[bold]number' as link_reason,
    0.99 as match_probability
from profiles.clusters;

create table profiles.profiles as
select
    profile_id, any_value(given_name) as given_name, count(*) as record_count, 2 as source_count,
    'GB' as country_code
from profiles.profile_records inner join profiles.person_record_values using (person_record_id)
group by profile_id;

create table profiles.profile_redirects as select 'old' as old_profile_id, 'crm:contact:1' as profile_id;

create table profiles.profile_identifiers as
select distinct
    profile_id, 'email' as identifier_type, unnest(emails) as identifier_value, true as is_primary, false as is_shared
from profiles.person_record_values inner join profiles.profile_records using (person_record_id);

create table profiles.profile_metrics as select profile_id, '[blink]loyal' as segment from profiles.profiles;

create table profiles.journeys as
select profile_id, timestamp '2026-01-01' as started_at, 'j' as journey_id from profiles.profiles;

create table profiles.touchpoints as
select
    profile_id, timestamp '2026-01-01 10:00:00' as occurred_at, 't' as touchpoint_id, 'research' as stage,
    'web' as channel, given_name as touchpoint_type, null::decimal(9, 2) as amount, null as currency,
    null::integer as satisfaction_score
from profiles.profiles;
"""


def person_records() -> pa.Table:
    schema = pa.schema(
        [(name, pa.string()) for name in ("person_record_id", *_TEXTS, "country_code")]
        + [("date_of_birth", pa.date32())]
        + [(name, pa.list_(pa.string())) for name in _LISTS]
    )
    born = {"date_of_birth": date(1980, 2, 3)}
    empty: dict[str, Any] = {name: [] for name in _LISTS}
    return pa.Table.from_pylist(
        [{**empty, **born, "person_record_id": key, **row} for key, row in PEOPLE.items()], schema
    )


def _default_model() -> TrainedModel:
    frequencies = {
        column: pa.table({column: pa.array([], pa.string()), f"tf_{column}": pa.array([], pa.float64())})
        for column in term_frequency_columns(default_parameters())
    }
    return TrainedModel(1e-4, 0.5, default_parameters(), frequencies)


@pytest.fixture(scope="session")
def hostile_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose live release holds the people above, each cluster as a profile."""
    settings = Settings(tmp_path_factory.mktemp("hostile") / "[bold]home")
    with duckdb.connect() as connection:
        resolution = resolve(connection, person_records(), PLATFORM_MAPPING, model=_default_model())
        connection.execute("create schema profiles")
        for name, rows in (
            ("clusters", resolution.clusters),
            ("match_edges", resolution.edges),
            ("shared_identifiers", resolution.shared_identifiers),
            ("person_record_values", person_records()),
        ):
            connection.register("incoming", rows)
            connection.execute(f"create table profiles.{name} as from incoming")
            connection.unregister("incoming")
        connection.execute(_TABLES)
        names = connection.execute("select table_name from information_schema.tables order by 1").fetchall()
        now = datetime(2026, 1, 1, tzinfo=UTC)
        about = {
            "release_id": new_release_id(now),
            "model_version": resolution.model.version,
            "created_at": now.isoformat(),
            "code_version": "[/b]0",
            "previous_release_id": None,
        }
        folder = candidate_folder(settings.releases, about["release_id"])
        tables = [_published(connection, name) for (name,) in names]
        publish(settings.releases, write_candidate(connection, folder, tables, about), now)
    resolution.model.save(settings.models / resolution.model.version)
    return settings.home


def _published(connection: duckdb.DuckDBPyConnection, name: str) -> PublishedTable:
    described = connection.execute(f"describe profiles.{name}").fetchall()
    columns = tuple({"name": row[0], "type": row[1], "description": "", "classification": "none"} for row in described)
    return PublishedTable(name, f"profiles.{name}", f"One row per {name}.", columns)


_STYLES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="session")
def printed() -> Callable[[Callable[[], None]], str]:
    """What a function prints to a wide terminal with colours, with the styles that Rich itself writes removed."""

    def run(work: Callable[[], None]) -> str:
        out = io.StringIO()
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("FORCE_COLOR", "1")
            environment.setenv("COLUMNS", "3000")
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
                work()
        return _STYLES.sub("", out.getvalue())

    return run
