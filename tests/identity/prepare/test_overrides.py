"""What people decided stands above all evidence, and must not contradict itself."""

from datetime import date

import pyarrow as pa
import pytest

from identity import BLOCKLIST, OVERRIDES, IdentityError, check_overrides

JANE = {"given_name": "Jane", "family_name": "Doe", "emails": ["jane@example.com"], "date_of_birth": date(1980, 3, 4)}
BOB = {"given_name": "Bob", "family_name": "Roe", "phones": ["+442071838750"], "date_of_birth": date(1955, 7, 9)}


def _overrides(*decisions: tuple[str, str, str]) -> pa.Table:
    rows = [dict(zip(OVERRIDES.names, decision, strict=True)) for decision in decisions]
    return pa.Table.from_pylist(rows, schema=OVERRIDES)


def test_a_must_link_joins_what_no_evidence_joins(groups_of):
    assert groups_of({"a": JANE, "b": BOB}, overrides=_overrides(("must_link", "b", "a"))) == {"a+b"}


def test_a_cannot_link_parts_even_exact_duplicates(groups_of):
    assert groups_of({"a": JANE, "b": JANE}, overrides=_overrides(("cannot_link", "a", "b"))) == {"a", "b"}


def test_a_cannot_link_parts_records_that_a_third_would_bridge(groups_of):
    parted = groups_of({"a": JANE, "b": JANE, "c": JANE}, overrides=_overrides(("cannot_link", "a", "b")))
    assert all(not {"a", "b"} <= set(group.split("+")) for group in parted)


def test_must_links_reach_through_a_chain(groups_of):
    chain = _overrides(("must_link", "a", "b"), ("must_link", "b", "c"))
    assert groups_of({"a": JANE, "b": BOB, "c": {}}, overrides=chain) == {"a+b+c"}


def test_a_cannot_link_keeps_a_receipt_apart_from_the_person_of_its_mailbox(groups_of):
    receipt = {"emails": JANE["emails"]}
    assert groups_of({"a": JANE, "r": receipt}) == {"a+r"}
    assert groups_of({"a": JANE, "r": receipt}, overrides=_overrides(("cannot_link", "a", "r"))) == {"a", "r"}


def test_an_override_of_deleted_records_waits_for_them(groups_of):
    assert groups_of({"a": JANE}, overrides=_overrides(("must_link", "a", "deleted"))) == {"a"}


def test_the_edge_of_an_override_says_so(resolve_people):
    edges = resolve_people({"a": JANE, "b": BOB}, overrides=_overrides(("must_link", "a", "b"))).edges.to_pylist()
    assert [(edge["reason"], edge["is_used"]) for edge in edges] == [("must_link", True)]
    edges = resolve_people({"a": JANE, "b": JANE}, overrides=_overrides(("cannot_link", "a", "b"))).edges.to_pylist()
    assert [(edge["kept_apart_by"], edge["is_used"]) for edge in edges] == [("cannot_link", False)]


@pytest.mark.parametrize(
    ("decisions", "message"),
    [
        ([("must_link", "a", "b"), ("cannot_link", "b", "a")], "b and a cannot be one person"),
        ([("must_link", "a", "b"), ("must_link", "b", "c"), ("cannot_link", "a", "c")], "contradict each other"),
        ([("must_link", "a", "a")], "of two different records"),
        ([("maybe", "a", "b")], "expected must_link or cannot_link"),
    ],
)
def test_overrides_that_contradict_each_other_are_refused(decisions, message):
    with pytest.raises(IdentityError, match=message):
        check_overrides(_overrides(*decisions))


def test_a_value_on_the_blocklist_is_no_evidence_however_it_is_written(resolve_people):
    people = {"a": {"emails": ["till@shop.example"], "given_name": "Ann"}, "b": {"emails": ["till@shop.example"]}}
    rows = [{"identifier_type": "email", "identifier_value": "Till+1@SHOP.example"}]
    blocked = resolve_people(people, blocklist=pa.Table.from_pylist(rows, schema=BLOCKLIST))
    assert len(set(blocked.clusters.column("cluster_id").to_pylist())) == 2
    assert [row["reason"] for row in blocked.shared_identifiers.to_pylist()] == ["blocklisted"]


@pytest.mark.parametrize(
    ("field", "kind", "value", "written"),
    [
        ("emails", "email", "till@shop.example", " TILL+north@shop.example "),
        ("emails", "email", "my.shop@gmail.com", "MyShop@googlemail.com"),
        ("phones", "phone", "+4930123456", "0049 30 123456"),
        ("phones", "phone", "+4930123456", "+49 (0)30 12 34 56"),
        ("phones", "phone", "+4930123456", "+49-30-123456 ext. 17"),
        ("loyalty_numbers", "loyalty_number", "4711000815", "4711 0008 15"),
        ("loyalty_numbers", "loyalty_number", "4711000815", "004711-000815"),
        ("loyalty_numbers", "loyalty_number", "AB4711", "ab 4711"),
        ("card_fingerprints", "card_fingerprint", "000123456", "123456"),
        ("other_identifiers", "other_identifier", "membership:000 1-7", "membership:17"),
        ("shop_customer_ids", "shop_customer_id", "123456", "0123456"),
    ],
)
def test_a_suppressed_value_is_suppressed_in_every_spelling(resolve_people, field, kind, value, written):
    people = {"a": {field: [value]}, "b": {field: [value], "given_name": "Ann"}}
    assert len(set(resolve_people(people).clusters.column("cluster_id").to_pylist())) == 1
    rows = [{"identifier_type": kind, "identifier_value": written}]
    blocked = resolve_people(people, blocklist=pa.Table.from_pylist(rows, schema=BLOCKLIST))
    assert len(set(blocked.clusters.column("cluster_id").to_pylist())) == 2
    assert [row["identifier_value"] for row in blocked.shared_identifiers.to_pylist()] == [value]


def test_a_card_number_is_one_number_with_and_without_blanks_and_leading_zeros(groups_of):
    people = {"a": {"loyalty_numbers": ["0042 7711"], "given_name": "Ann"}, "b": {"loyalty_numbers": ["427711"]}}
    assert groups_of(people) == {"a+b"}


def test_a_conflicting_number_is_published_as_each_record_has_it(resolve_people):
    people = {"a": {**JANE, "loyalty_numbers": ["00427711"]}, "b": {**BOB, "loyalty_numbers": ["4277-11"]}}
    found = resolve_people(people)
    assert {(row["identifier_value"], row["reason"]) for row in found.shared_identifiers.to_pylist()} == {
        ("00427711", "several_names"),
        ("4277-11", "several_names"),
    }
