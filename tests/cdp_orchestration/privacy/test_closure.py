"""What belongs to a person: all that names them alone; what somebody else bears as well stays and is shown."""

from collections.abc import Iterator

import duckdb
import orjson
import pytest

from cdp_orchestration.errors import NoReleaseError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.landing.erasure.erased_batches import erase_from_landing
from cdp_orchestration.landing.erasure.erased_deliveries import erase_from_inbox
from cdp_orchestration.landing.erasure.erased_people import suppress
from cdp_orchestration.landing.erasure.erasure import Erasure
from cdp_orchestration.privacy.closure import Closure, SharedContact, find_closure
from cdp_orchestration.privacy.finding import closure_of
from cdp_orchestration.sources import declared_stream
from tests.cdp_orchestration.privacy.conftest import AT, ZOE, contact


@pytest.fixture
def home(delivered_home: Settings) -> Settings:
    return delivered_home


@pytest.fixture
def connection(home: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(home.warehouse) as connection:
        yield connection


def closure(home: Settings, connection: duckdb.DuckDBPyConnection, *also: str) -> Closure:
    return find_closure(connection, home, [ZOE], also)


def test_what_names_a_person_alone_is_theirs(home: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    assert {("crm:contact", "003zoe"), ("ecommerce:customer", "71"), ("email", "zoe@mail.example")} <= set(
        closure(home, connection).names
    )


def test_a_phone_that_somebody_else_bears_stays_and_is_shown(
    home: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    found = closure(home, connection)
    assert ("phone", "49301234567") not in found.names
    assert found.shared == (SharedContact("phone", "crm:contact:003max"),)


def test_a_record_of_somebody_else_goes_with_them_where_it_is_named(
    home: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    found = closure(home, connection, "crm:contact:003max")
    assert ("phone", "49301234567") in found.names
    assert "crm:contact:003max" in found.records
    assert found.shared == (SharedContact("email", "ecommerce:customer:72"),)


def test_the_organisation_of_a_contact_is_no_person(home: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    assert not [kind for kind, _ in closure(home, connection).names if kind == "crm:account"]


def test_a_device_is_theirs_where_its_events_were_given_to_them(
    home: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    found = closure(home, connection).names
    assert ("ecommerce:anonymous_visitor", "device-zoe") in found
    assert ("ecommerce:anonymous_visitor", "device-max") not in found


def test_an_answer_that_names_no_one_is_theirs_where_their_order_led_to_it(
    home: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    found = closure(home, connection)
    assert ("support/survey_responses", "R1") in found.names
    assert ("support/survey_responses", "R2") not in found.names
    assert found.row_counts["support/survey_responses"] == 1


def test_values_of_theirs_alone_are_sought_and_those_of_others_are_not(
    home: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    found = closure(home, connection)
    assert {"Zoe@mail.example", "zoe@mail.example", "device-zoe"} <= found.values | found.words
    assert "Quastenberg" in found.words
    assert not {"max@mail.example", "Muster", "One Inc."} & (found.values | found.words)


def test_a_number_that_somebody_else_wrote_in_another_way_is_not_theirs_alone(
    home: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute(
        "insert into staging.person_records by name select unnest(['crm:contact:003zoe', 'crm:contact:003max']) as "
        "person_record_id, ['+49301234567'] as phones"
    )
    assert "+49301234567" not in closure(home, connection).values


def test_a_part_of_a_value_that_somebody_else_bears_is_theirs_as_well(
    home: Settings, connection: duckdb.DuckDBPyConnection
) -> None:
    connection.execute(
        "insert into staging.person_records by name select * from (values ('crm:contact:003zoe', 'Polna 97'), "
        "('ecommerce:customer:71', 'ul. Polna 97'), ('crm:contact:003max', 'ul. Polna 97')) "
        "as records (person_record_id, address_line)"
    )
    assert not {"Polna 97", "ul. Polna 97"} & closure(home, connection).values


def test_an_address_that_no_profile_has_names_whoever_was_refused_with_it(home: Settings) -> None:
    path = home.inbox / "crm/contacts/b.jsonl"
    path.write_bytes(orjson.dumps(contact("", LastName="Lorenz", Email="lea.lorenz@mail.example")) + b"\n")
    contacts = declared_stream("crm/contacts", home)
    assert land_stream(contacts, home).rows_refused == 1

    found = closure_of(home, "Lea.Lorenz@mail.example")

    assert (found.profile_ids, found.records, found.names) == ((), (), {("email", "lea.lorenz@mail.example")})
    suppress(home, found.names, "T-1", AT)
    erasure = Erasure("T-1", found.names, found.values)
    assert sum(each.refusals for each in erase_from_landing(home, erasure)) == 1
    assert [each.source_file for each in erase_from_inbox(home, erasure)] == ["b.jsonl"]
    assert path.read_bytes() == b""


def test_the_key_of_a_record_whose_id_is_an_address_is_that_of_the_record(home: Settings) -> None:
    found = closure_of(home, "newsletter:subscriber:lea.lorenz@mail.example")

    assert found.records == ("newsletter:subscriber:lea.lorenz@mail.example",)
    assert ("newsletter:subscriber", "lea.lorenz@mail.example") in found.names
    assert "email" not in {kind for kind, _ in found.names}


def test_a_word_that_is_no_address_still_names_no_one(home: Settings) -> None:
    with pytest.raises(NoReleaseError):
        closure_of(home, "Lea Lorenz @ home")
