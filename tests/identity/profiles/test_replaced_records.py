"""A record that changes everything at once keeps its person by its key, unless it became somebody else."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from identity import OVERRIDES, PLATFORM_MAPPING, find_replaced_records, kept_links
from identity.prepare.records import LIST_FIELDS

KIM = {
    "given_name": "Solveig",
    "family_name": "Tangen",
    "emails": ["solveig@fjord.example"],
    "phones": ["+4790000001"],
    "date_of_birth": date(1977, 3, 9),
    "address_line": "Havnegata 4",
    "postcode": "7010",
}
MOVED = KIM | {
    "family_name": "Bakke",
    "emails": ["s.bakke@dal.example"],
    "phones": ["+4790000777"],
    "address_line": "Elvegata 12",
    "postcode": "9008",
}
SHOP = {key: KIM[key] for key in ("given_name", "family_name", "emails")}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def _store(connection: duckdb.DuckDBPyConnection, name: str, people: dict[str, dict[str, Any]]) -> None:
    kinds = {
        field: pa.list_(pa.string()) if field in LIST_FIELDS else pa.string() for field in PLATFORM_MAPPING.columns()
    }
    schema = pa.schema(list({**kinds, "date_of_birth": pa.date32()}.items()))
    rows = [{"person_record_id": key, **person} for key, person in people.items()]
    connection.register("rows_arrow", pa.Table.from_pylist(rows, schema=schema))
    connection.execute(f"create or replace table {name} as select * from rows_arrow")


def _find(
    connection: duckdb.DuckDBPyConnection,
    former: dict[str, dict[str, Any]],
    present: dict[str, dict[str, Any]],
    profiles: dict[str, str] | None = None,
) -> list[tuple[str, str, bool]]:
    _store(connection, "former", former)
    _store(connection, "present", present)
    known = profiles or dict.fromkeys(former, "p1")
    rows = pa.table({"person_record_id": list(known), "profile_id": list(known.values())})
    connection.register("assigned", rows)
    found = find_replaced_records(connection, "present", "former", "assigned")
    return [(row["person_record_id"], row["stays_with"], row["is_kept"]) for row in found.to_pylist()]


def test_a_record_with_new_name_contacts_and_address_stays_with_the_one_that_it_matched(connection):
    former = {"crm:contact:1": KIM, "shop:customer:1": SHOP, "a:loose:1": {"given_name": "Solveig"}}

    found = _find(connection, former, former | {"crm:contact:1": MOVED})

    assert found == [("crm:contact:1", "shop:customer:1", True)]


def test_a_number_of_its_own_ties_a_changed_record_to_no_one_else(connection):
    own = {"shop_customer_ids": ["6299"], "loyalty_numbers": ["LC-1"]}

    assert _find(connection, {"a": KIM | own, "b": SHOP}, {"a": MOVED | own, "b": SHOP}) == [("a", "b", True)]
    assert _find(connection, {"a": KIM | own, "b": SHOP | own}, {"a": MOVED | own, "b": SHOP | own}) == []


@pytest.mark.parametrize(
    "left",
    [
        {"phones": KIM["phones"]},
        {"emails": ["SOLVEIG@fjord.example", "other@dal.example"]},
        {"address_line": "HAVNEGATA 4", "postcode": "7010"},
    ],
    ids=["its phone", "one of its mailboxes", "its address"],
)
def test_a_record_of_which_something_is_left_is_for_the_evidence_to_decide(connection, left):
    assert _find(connection, {"a": KIM, "b": SHOP}, {"a": MOVED | left, "b": SHOP}) == []


def test_a_record_that_is_alone_has_no_one_to_stay_with(connection):
    assert _find(connection, {"a": KIM, "b": SHOP}, {"a": MOVED, "b": SHOP}, {"a": "p1", "b": "p2"}) == []
    assert _find(connection, {"a": KIM, "b": SHOP}, {"a": MOVED}) == []


def test_records_of_one_profile_that_change_alike_are_still_linked(connection):
    present = {"a": MOVED, "b": SHOP | {"emails": MOVED["emails"]}}

    assert _find(connection, {"a": KIM, "b": SHOP}, present) == []


@pytest.mark.parametrize(
    ("became", "is_kept"),
    [
        ({"given_name": "S"}, True),
        ({"given_name": "Solveigh"}, True),
        ({"given_name": None, "family_name": None, "date_of_birth": None}, True),
        ({"date_of_birth": date(1977, 9, 3)}, False),
        ({"date_of_birth": date(1977, 3, 8)}, True),
        ({"given_name": "Runa"}, True),
        ({"given_name": "Runa", "date_of_birth": None}, False),
        ({"given_name": "Torbjørn", "date_of_birth": date(1950, 1, 2)}, False),
    ],
)
def test_a_key_that_was_given_to_somebody_else_keeps_no_profile(connection, became, is_kept):
    found = _find(connection, {"a": KIM, "b": SHOP}, {"a": MOVED | became, "b": SHOP})

    assert found == [("a", "b", is_kept)]


def test_a_record_whose_new_mailbox_another_profile_uses_does_not_join_the_two(connection):
    former = {"a": KIM, "b": SHOP, "c": {"given_name": "Ola", "emails": MOVED["emails"]}}

    found = _find(connection, former, former | {"a": MOVED}, {"a": "p1", "b": "p1", "c": "p2"})

    assert found == [("a", "b", False)]


def test_a_record_that_is_new_and_knows_the_new_mailbox_comes_to_the_same_person(connection):
    former = {"a": KIM, "b": SHOP}
    present = {"a": MOVED, "b": SHOP, "n": {"given_name": "Solveig", "emails": MOVED["emails"]}}

    assert _find(connection, former, present) == [("a", "b", True)]


def _overrides(*rows: tuple[str, str, str]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(OVERRIDES.names, row, strict=True)) for row in rows], schema=OVERRIDES)


def _links(overrides: pa.Table, **profiles: str) -> list[tuple[str, str]]:
    found = kept_links([("a", "b"), ("x", "y")], overrides, profiles).to_pylist()
    assert {row["decision"] for row in found} <= {"same_record_key"}
    return [(row["person_record_id_left"], row["person_record_id_right"]) for row in found]


def test_a_person_who_decides_about_a_kept_record_is_right():
    assert _links(_overrides()) == [("a", "b"), ("x", "y")]
    assert _links(_overrides(("must_link", "b", "a"))) == [("x", "y")]
    assert _links(_overrides(("cannot_link", "b", "a"))) == [("x", "y")]
    assert _links(_overrides(("cannot_link", "a", "c")), a="p1", c="p1") == [("x", "y")]


def test_a_decision_about_others_leaves_kept_records_alone():
    assert _links(_overrides(("cannot_link", "a", "c")), a="p1", c="p2") == [("a", "b"), ("x", "y")]
    assert _links(_overrides(("cannot_link", "b", "c")), b="p1", c="p1") == [("a", "b"), ("x", "y")]


def test_a_link_by_a_key_never_contradicts_what_people_decided():
    chain = _overrides(("must_link", "b", "c"), ("cannot_link", "a", "c"))

    assert _links(chain) == [("x", "y")]
