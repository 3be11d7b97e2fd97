"""A customer is found by profile id, e-mail, phone or source key."""

from collections.abc import Iterator

import duckdb
import pytest

from cdp_orchestration.errors import ProfileNotFoundError
from cdp_orchestration.release.lookup import find_profile_ids


@pytest.fixture
def release() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create table profiles as select 'p1' as profile_id, 'GB' as country_code")
        connection.execute("create table profile_redirects as select 'old' as old_profile_id, 'p1' as profile_id")
        connection.execute(
            "create table profile_records as select 'crm' as source_system, 'contact' as source_record_type, "
            "'003A' as source_record_id, 'p1' as profile_id"
        )
        connection.execute(
            "create table profile_identifiers as from (values ('p1', 'email', 'ada@mail.org'), "
            "('p1', 'phone', '+447447424591'), ('p1', 'email', 'family@mail.org'), ('p2', 'email', 'family@mail.org')) "
            "as t (profile_id, identifier_type, identifier_value)"
        )
        yield connection


@pytest.mark.parametrize(
    "term",
    ["p1", "old", "003A", "crm:contact:003A", " ADA@Mail.org ", "+44 7447 424591", "07447 424591", "00447447424591"],
)
def test_a_profile_is_found_by(release: duckdb.DuckDBPyConnection, term: str) -> None:
    assert find_profile_ids(release, term) == ["p1"]


def test_a_shared_email_finds_every_profile_that_shares_it(release: duckdb.DuckDBPyConnection) -> None:
    assert find_profile_ids(release, "family@mail.org") == ["p1", "p2"]


def test_an_unknown_term_is_an_error_that_does_not_repeat_it(release: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ProfileNotFoundError) as raised:
        find_profile_ids(release, "secret@mail.org")
    assert "secret" not in str(raised.value)
