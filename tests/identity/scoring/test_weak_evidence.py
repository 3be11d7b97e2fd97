"""Evidence that one pair of fields does not give: further columns, other words of a name, several records together."""

from dataclasses import replace

import duckdb
import pyarrow as pa
import pytest

from identity import PLATFORM_MAPPING, RecordMapping, resolve
from identity.explanation.pair_weights import weigh_pairs
from identity.model.trained_model import TrainedModel, default_parameters
from identity.schemas import OUTPUT_SCHEMAS
from identity.training.training import informative

JANE = {"given_name": "Jane", "family_name": "Doe"}
HOME = {"address_line": "1 High Street", "city": "York", "postcode": "YO1 1AA"}


def _groups(rows: list[dict[str, str | None]], mapping: RecordMapping, model: TrainedModel) -> set[str]:
    clusters: dict[str, list[str]] = {}
    for row in resolve(duckdb.connect(), pa.Table.from_pylist(rows), mapping, model=model).clusters.to_pylist():
        clusters.setdefault(row["cluster_id"], []).append(row["person_record_id"])
    return {"+".join(sorted(keys)) for keys in clusters.values()}


@pytest.mark.parametrize(
    ("first", "second", "groups"),
    [
        pytest.param("7654321", "7654321", {"a+b"}, id="the same"),
        pytest.param("7654321", "7654312", {"a+b"}, id="two digits exchanged"),
        pytest.param("7654321", "1111111", {"a", "b"}, id="different"),
    ],
)
def test_a_national_id_names_a_person_even_mistyped(untaught_model, first, second, groups):
    rows = [{"id": "a", "name": "Jane Doe", "ssn": first}, {"id": "b", "name": "Jane Doe", "ssn": second}]

    assert _groups(rows, RecordMapping(key="id", full_name="name", national_ids="ssn"), untaught_model) == groups


def test_an_attribute_that_agrees_is_evidence(untaught_model):
    rows = [
        {"id": "a", "given": "Jane", "family": "Doe", "born": "1850-01-01", "job": "painter", "sex": "f"},
        {"id": "b", "given": "Jane", "family": "Doe", "born": "1851-02-02", "job": "painter", "sex": "female"},
    ]
    columns = {"key": "id", "given_name": "given", "family_name": "family", "date_of_birth": "born"}
    attribute = "attribute_job"
    frequencies = {
        **untaught_model.term_frequencies,
        attribute: pa.table({attribute: ["painter"], f"tf_{attribute}": [0.001]}),
    }
    learnt = replace(untaught_model, parameters=default_parameters([attribute]), term_frequencies=frequencies)

    without = resolve(duckdb.connect(), pa.Table.from_pylist(rows), RecordMapping(**columns), model=untaught_model)
    mapping = RecordMapping(**columns, attributes="job", gender="sex")
    edges = resolve(duckdb.connect(), pa.Table.from_pylist(rows), mapping, model=learnt).edges.to_pylist()

    assert edges[0]["match_weight"] > max([row["match_weight"] for row in without.edges.to_pylist()], default=0)
    assert '"gender":"same","generation":"not_comparable","attribute_job":"same"' in edges[0]["comparison_levels"]


def test_an_attribute_that_strangers_share_as_often_is_left_out():
    levels = {"same": {"m": 0.5, "u": 0.48}, "different": {"m": 0.5, "u": 0.52}}
    informative_levels = {"same": {"m": 0.8, "u": 0.1}, "different": {"m": 0.2, "u": 0.9}}

    assert informative({"attribute_noise": levels, "attribute_job": informative_levels, "gender": levels}).keys() == {
        "attribute_job",
        "gender",
    }


def test_an_impossible_date_of_birth_is_compared_by_its_digits(untaught_model):
    rows = [
        {"id": "a", "name": "Jane Doe", "born": "1835-01-01", "place": "York"},
        {"id": "b", "name": "Jane Doe", "born": "1835-81-01", "place": "York"},
    ]
    mapping = RecordMapping(key="id", full_name="name", date_of_birth="born", city="place")

    assert _groups(rows, mapping, untaught_model) == {"a+b"}


def test_a_title_in_place_of_the_given_name_gives_way_to_the_full_name(untaught_model):
    rows = [
        {"id": "a", "full": "Sir John Moore", "given": "Sir", "family": "Moore", "born": "1835-03-01"},
        {"id": "b", "full": "John Moore", "given": "John", "family": "Moore", "born": "1835-03-01"},
    ]
    mapping = RecordMapping(key="id", full_name="full", given_name="given", family_name="family", date_of_birth="born")

    (edge,) = resolve(duckdb.connect(), pa.Table.from_pylist(rows), mapping, model=untaught_model).edges.to_pylist()

    assert '"given_name":"same","family_name":"same"' in edge["comparison_levels"]


def test_a_woman_who_moved_and_married_is_known_by_all_her_records_together(groups_of):
    people = {
        "old 1": {**JANE, **HOME, "emails": ["jd@example.com"]},
        "old 2": {**JANE, **HOME, "phones": ["+447700900001"]},
        "new 1": {"given_name": "Jane", "family_name": "Roe", "emails": ["jd@example.com"], "city": "Leeds"},
        "new 2": {"given_name": "Jane", "family_name": "Roe", "phones": ["+447700900001"], "city": "Leeds"},
    }

    assert groups_of(people) == {"new 1+new 2+old 1+old 2"}


def test_receipts_to_a_mailbox_with_a_given_name_belong_to_the_person_of_that_name(groups_of):
    mailbox = {"emails": ["jane.doe@example.com"]}
    people = {
        "jane": {**JANE, **mailbox},
        "john": {**mailbox, "given_name": "John", "family_name": "Doe"},
        "receipt": mailbox,
    }

    assert groups_of(people) == {"jane+receipt", "john"}


def test_receipts_to_a_mailbox_with_the_formal_name_belong_to_who_goes_by_a_short_form(groups_of):
    mailbox = {"emails": ["anthony_doe@example.com"]}
    people = {
        "tony": {**mailbox, "given_name": "Tony", "family_name": "Doe"},
        "jane": {**JANE, **mailbox},
        "receipt": mailbox,
    }

    assert groups_of(people) == {"receipt+tony", "jane"}


def test_a_mailbox_shows_the_initial_that_its_record_leaves_out(groups_of):
    people = {
        "edwin": {"given_name": "Edwin", "family_name": "Thirlby", "phones": ["+447700900001"], **HOME},
        "ottilie": {"given_name": "Ottilie", "family_name": "Thirlby", "phones": ["+447700900001"], **HOME},
        "thirlby": {
            "family_name": "Thirlby",
            "emails": ["e.thirlby@example.com"],
            "phones": ["+447700900001"],
            **HOME,
        },
    }

    assert groups_of(people) == {"edwin+thirlby", "ottilie"}


def test_the_mailbox_of_a_family_shows_no_given_name(groups_of):
    people = {
        "edwin": {"given_name": "Edwin", "family_name": "Home", **HOME},
        "home": {"family_name": "Home", "emails": ["edwin.home@example.com"], **HOME},
        "ottilie": {"given_name": "Ottilie", "family_name": "Home", **HOME},
    }

    assert groups_of(people) == {"edwin", "home", "ottilie"}


def test_two_common_names_of_like_spelling_are_two_people_of_one_mailbox(groups_of):
    mailbox = {"emails": ["x9@example.com"], "family_name": "Albertelli"}

    assert groups_of({"a": {**mailbox, "given_name": "Francis"}, "b": {**mailbox, "given_name": "Frances"}}) == {
        "a",
        "b",
    }


def test_an_office_mailbox_of_many_initials_is_suppressed(resolve_people):
    people = {
        f"{given}{family}": {"given_name": given, "family_name": family, "emails": ["till@example.com"]}
        for given, family in zip(
            ("Ann", "Bob", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hal", "Ida"),
            ("Jones", "King", "Lamb", "Moss", "Nash", "Owen", "Pike", "Rose", "Shaw"),
            strict=True,
        )
    }

    resolution = resolve_people(people)

    assert resolution.shared_identifiers.column("identifier_value").to_pylist() == ["till@example.com"]


@pytest.mark.slow
def test_a_frozen_model_answers_for_some_records_as_it_did_for_all(person_records):
    people = {
        f"{family} {n}": {
            "full_name": f"{family} {given}" if n else f"{given} {family}",
            **({} if n else {"given_name": given, "family_name": family}),
            "emails": [f"{given}.{family}@example.com"],
        }
        for given, family in (("Wren", "Hollis"), ("Ina", "Abbot"), ("Tam", "Reeve"), ("Lux", "Marsh"))
        for n in (0, 1)
    }
    everybody = resolve(duckdb.connect(), person_records(people), PLATFORM_MAPPING)
    some = {key: fields for key, fields in people.items() if key.startswith("Hollis")}

    part = resolve(duckdb.connect(), person_records(some), PLATFORM_MAPPING, model=everybody.model)

    expected = [row for row in everybody.clusters.to_pylist() if row["person_record_id"] in some]
    assert part.clusters.to_pylist() == expected


def test_the_letters_of_a_suppressed_mailbox_are_no_evidence_either(person_records, untaught_model):
    till = "harbour-supplies@example.com"
    people = person_records(
        {
            "ann": {"given_name": "Ann", "family_name": "Jones", "emails": [till, "qx81@example.com"]},
            "bob": {"given_name": "Bob", "family_name": "King", "emails": [till, "vz92@example.com"]},
        }
    )
    row = {"identifier_type": "email", "identifier_value": till, "record_count": 2, "name_count": 2}
    shared = pa.Table.from_pylist([{**row, "reason": "blocklisted"}], schema=OUTPUT_SCHEMAS["shared_identifiers"])

    (pair,) = weigh_pairs(people, PLATFORM_MAPPING, [("ann", "bob")], untaught_model, shared).values()

    assert next(finding.level for finding in pair.findings if finding.comparison == "email") == "different"
