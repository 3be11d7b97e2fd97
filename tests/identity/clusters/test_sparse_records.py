"""Sparse records (receipts, cards, visitors, answers): they join the person they point to, and connect no others."""

import pytest

pytestmark = pytest.mark.slow  # each trains a model of its own


JANE = {"given_name": "Jane", "family_name": "Doe", "emails": ["jane@example.com"]}
MAILBOX = {"emails": ["the.does@example.com"]}


def test_a_receipt_joins_the_one_person_whose_email_it_names(groups_of):
    assert groups_of({"jane": JANE, "receipt": {"emails": ["jane@example.com"]}}) == {"jane+receipt"}


def test_receipts_to_a_mailbox_of_two_people_stay_alone(groups_of):
    people = {
        "jane": {**MAILBOX, "given_name": "Jane", "family_name": "Doe"},
        "john": {**MAILBOX, "given_name": "John", "family_name": "Doe"},
        "receipt 1": MAILBOX,
        "receipt 2": MAILBOX,
    }

    assert groups_of(people) == {"jane", "john", "receipt 1", "receipt 2"}


def test_receipts_to_a_mailbox_that_one_of_two_mostly_uses_are_that_persons(groups_of):
    jane = {**MAILBOX, "given_name": "Jane", "family_name": "Doe"}
    people = {
        "jane 1": jane,
        "jane 2": {**jane, "phones": ["+447700900001"]},
        "jane 3": {**jane, "city": "Leeds"},
        "jane 4": {**jane, "postcode": "LS1 1AA"},
        "john": {**MAILBOX, "given_name": "John", "family_name": "Doe"},
        "receipt": MAILBOX,
    }

    assert groups_of(people) == {"jane 1+jane 2+jane 3+jane 4+receipt", "john"}


def test_receipts_of_a_stranger_are_one_person(groups_of):
    assert groups_of({"receipt 1": MAILBOX, "receipt 2": MAILBOX, "jane": JANE}) == {"jane", "receipt 1+receipt 2"}


def test_a_strong_identifier_decides_who_a_record_of_a_shared_mailbox_belongs_to(groups_of):
    people = {
        "jane": {**MAILBOX, "given_name": "Jane", "family_name": "Doe", "shop_customer_ids": ["1"]},
        "john": {**MAILBOX, "given_name": "John", "family_name": "Doe", "shop_customer_ids": ["2"]},
        "visitor": {**MAILBOX, "shop_customer_ids": ["2"]},
    }

    assert groups_of(people) == {"jane", "john+visitor"}


def test_a_card_with_one_loyalty_number_joins_its_member(resolve_people):
    people = {
        "member": {"given_name": "Jane", "family_name": "Doe", "loyalty_numbers": ["L1"]},
        "card": {"card_fingerprints": ["c1"], "loyalty_numbers": ["L1"]},
    }

    rows = resolve_people(people).clusters.to_pylist()

    assert [(row["cluster_id"], row["link_reason"]) for row in rows] == [("card", "same_loyalty_number")] * 2


def test_a_card_of_two_members_joins_neither_and_is_reported(resolve_people):
    people = {
        "jane": {"given_name": "Jane", "family_name": "Doe", "loyalty_numbers": ["L1"]},
        "john": {"given_name": "John", "family_name": "Doe", "loyalty_numbers": ["L2"]},
        "card": {"card_fingerprints": ["c1"], "loyalty_numbers": ["L1", "L2"]},
    }

    resolution = resolve_people(people)

    assert set(resolution.clusters.column("link_reason").to_pylist()) == {"only_record"}
    assert resolution.shared_identifiers.column("reason").to_pylist() == ["several_loyalty_numbers"]


def test_a_visitor_of_two_customers_joins_neither(groups_of):
    people = {
        "jane": {"given_name": "Jane", "family_name": "Doe", "shop_customer_ids": ["1"]},
        "john": {"given_name": "John", "family_name": "Roe", "shop_customer_ids": ["2"]},
        "visitor": {"shop_customer_ids": ["1", "2"]},
    }

    assert groups_of(people) == {"jane", "john", "visitor"}


def test_a_visitor_that_nothing_names_stays_alone(groups_of):
    assert groups_of({"visitor 1": {}, "visitor 2": {}, "jane": JANE}) == {"visitor 1", "visitor 2", "jane"}


def test_a_receipt_of_a_card_follows_the_card_to_its_member(groups_of):
    people = {
        "member": {"given_name": "Jane", "family_name": "Doe", "loyalty_numbers": ["L1"]},
        "card": {"card_fingerprints": ["c1"], "loyalty_numbers": ["L1"]},
        "receipt": {"card_fingerprints": ["c1"]},
    }

    assert groups_of(people) == {"card+member+receipt"}


def test_receipts_of_a_loyalty_card_tie_the_member_to_the_mailbox_they_go_to(groups_of):
    people = {
        "member": {"given_name": "Jane", "family_name": "Doe", "loyalty_numbers": ["L1"]},
        "card": {"emails": ["jd@example.com"], "loyalty_numbers": ["L1"]},
        "account": {"given_name": "Jane", "family_name": "Doe", "emails": ["jd@example.com"]},
    }

    assert groups_of(people) == {"account+card+member"}


def test_the_mailbox_on_a_loyalty_card_makes_no_member_of_another_given_name(groups_of):
    people = {
        "member": {"given_name": "John", "family_name": "Doe", "loyalty_numbers": ["L1"]},
        "card": {"emails": ["jd@example.com"], "loyalty_numbers": ["L1"]},
        "account": {"given_name": "Jane", "family_name": "Doe", "emails": ["jd@example.com"]},
    }

    assert groups_of(people) == {"account", "card+member"}
