"""Incremental resolution equals a full one: however records come, change, are deleted and come back."""

from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from examples import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity import (
    BLOCKLIST,
    OVERRIDES,
    PLATFORM_MAPPING,
    IdentityError,
    Limits,
    Resolution,
    TrainedModel,
    resolve,
    resolve_changes,
)

pytestmark = pytest.mark.slow  # each resolves a population twice

# Small enough that a few records bring a block or a shared value over its limit and back
TIGHT = Limits(names_per_contact=2, names_per_address=3, records_per_block=5, records_per_coarse_block=3)

JANE = {"given_name": "Jane", "family_name": "Doe", "emails": ["jane@example.com"], "date_of_birth": date(1980, 3, 4)}
JANET = {"given_name": "Janet", "family_name": "Doe", "phones": ["+442071838750"], "date_of_birth": date(1980, 3, 4)}
JOHN = {"given_name": "John", "family_name": "Roe", "emails": ["john@example.com"], "postcode": "E1 6AN"}

STORED_TABLES = (
    "blocklist",
    "blocks",
    "conflicting_identifiers",
    "identifiers",
    "overrides",
    "oversized_blocks",
    "records",
    "suppressed_values",
    "units",
)

Build = Callable[[dict[str, dict[str, Any]]], pa.Table]


class Population:
    """Records that change, with the results of incremental resolution so far."""

    def __init__(self, person_records: Build, model: TrainedModel, limits: Limits = TIGHT) -> None:
        self.build, self.model, self.limits = person_records, model, limits
        self.connection = duckdb.connect()
        self.people: dict[str, dict[str, Any]] = {}
        self.overrides: dict[tuple[str, str], str] = {}
        self.blocklist: set[tuple[str, str]] = set()
        self.clusters: dict[str, dict[str, Any]] = {}
        self.edges: dict[tuple[str, str], dict[str, Any]] = {}
        self._store()
        self.connection.execute("create schema full_state")
        first = self.resolve_by(resolve, store_state_in="main")
        self.shared, self.token = first.shared_identifiers, first.state_token

    def _store(self) -> None:
        table = self.build(self.people)
        self.connection.register("now_arrow", table)
        self.connection.execute("create or replace table people as select * from now_arrow")

    def resolve_by(self, how: Callable[..., Resolution], **options: Any) -> Resolution:
        overrides = [
            {"decision": decision, "person_record_id_left": left, "person_record_id_right": right}
            for (left, right), decision in self.overrides.items()
        ]
        blocklist = [{"identifier_type": kind, "identifier_value": value} for kind, value in sorted(self.blocklist)]
        return how(
            self.connection,
            "people",
            PLATFORM_MAPPING,
            model=self.model,
            limits=self.limits,
            overrides=pa.Table.from_pylist(overrides, schema=OVERRIDES),
            blocklist=pa.Table.from_pylist(blocklist, schema=BLOCKLIST),
            **options,
        )

    def take_in_changes(self) -> Resolution:
        self._store()
        found = self.resolve_by(resolve_changes, state_schema="main")
        touched = set(found.touched.column("person_record_id").to_pylist())
        self.clusters = {key: row for key, row in self.clusters.items() if key not in touched} | _clusters(found)
        self.edges = {key: row for key, row in self.edges.items() if key[0] not in touched} | _edges(found)
        self.shared, self.token = found.shared_identifiers, found.state_token
        return found

    def assert_equal_to_full(self) -> None:
        full = self.resolve_by(resolve, store_state_in="full_state")
        assert self.clusters == _clusters(full)
        assert self.edges == _edges(full)
        assert self.shared.to_pylist() == full.shared_identifiers.to_pylist()
        assert self.token == full.state_token
        for table in STORED_TABLES:
            assert self._rows("main", table) == self._rows("full_state", table), table

    def _rows(self, schema: str, table: str) -> list[str]:
        rows = self.connection.execute(f"select * from {schema}.resolution_{table}").fetchall()
        return sorted(map(repr, rows))


def _clusters(found: Resolution) -> dict[str, dict[str, Any]]:
    return {row["person_record_id"]: row for row in found.clusters.to_pylist()}


def _edges(found: Resolution) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["person_record_id_left"], row["person_record_id_right"]): row for row in found.edges.to_pylist()}


@pytest.fixture
def population(person_records: Build, untaught_model: TrainedModel) -> Population:
    return Population(person_records, untaught_model)


def _some(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


def _list_of(values: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=2)


PERSON = st.fixed_dictionaries(
    {
        "given_name": _some(st.sampled_from(["Anna", "Ann", "Bob", "Robert", "Carla"])),
        "family_name": _some(st.sampled_from(["Doe", "Roe", "Doherty"])),
        "date_of_birth": _some(st.sampled_from([date(1980, 3, 4), date(1980, 4, 3), date(1955, 7, 9)])),
        "emails": _list_of(["anna.doe@example.com", "bob@example.com", "info@example.com"]),
        "phones": _list_of(["+442071838750", "+442071838751"]),
        "address_line": _some(st.sampled_from(["1 High Street", "2 Low Road"])),
        "postcode": _some(st.sampled_from(["E1 6AN", "N1 9GU"])),
        "loyalty_numbers": _list_of(["71", "0071", "L2"]),
        "card_fingerprints": _list_of(["C1"]),
    }
)
KEY = st.integers(0, 11).map(lambda n: f"r{n:02d}")
STEP = st.one_of(
    st.tuples(st.just("put"), st.dictionaries(KEY, PERSON, min_size=1, max_size=5)),
    st.tuples(st.just("remove"), st.sets(KEY, min_size=1, max_size=3)),
    st.tuples(
        st.just("override"),
        st.tuples(KEY, KEY, st.sampled_from(["must_link", "cannot_link"])).filter(lambda x: x[0] < x[1]),
    ),
    st.tuples(st.just("withdraw"), st.none()),
    st.tuples(st.just("block"), st.sampled_from([("email", "info@example.com"), ("phone", "+442071838750")])),
    st.tuples(st.just("unblock"), st.none()),
)


def _apply(population: Population, action: str, what: Any) -> None:
    match action:
        case "put":
            population.people |= what
        case "remove":
            population.people = {key: value for key, value in population.people.items() if key not in what}
        case "override":
            # one decision for a star of records around the first cannot contradict itself
            population.overrides = {
                pair: decision for pair, decision in population.overrides.items() if not set(pair) & set(what[:2])
            } | {(what[0], what[1]): what[2]}
        case "withdraw":
            population.overrides = {}
        case "block":
            population.blocklist |= {what}
        case "unblock":
            population.blocklist = set()


@settings(
    max_examples=examples(2),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(first=st.dictionaries(KEY, PERSON, min_size=4), steps=st.lists(st.lists(STEP, min_size=1), max_size=3))
def test_any_history_of_changes_gives_what_resolving_everything_at_once_gives(
    person_records: Build, untaught_model: TrainedModel, first: dict[str, Any], steps: list[list[tuple[str, Any]]]
) -> None:
    population = Population(person_records, untaught_model)
    for step in [[("put", first)], *steps]:
        for action, what in step:
            _apply(population, action, what)
        population.take_in_changes()
    population.assert_equal_to_full()


def test_a_record_that_did_not_change_and_has_no_changed_neighbour_is_not_touched(population: Population) -> None:
    population.people = {"a": JANE, "b": {**JANE, "phones": ["+442071838750"]}, "c": JOHN}
    population.take_in_changes()
    population.people["b"] = {**JANE, "given_name": "Jan"}
    assert population.take_in_changes().touched.to_pylist() == [{"person_record_id": "a"}, {"person_record_id": "b"}]


def test_a_conflicting_number_does_not_connect_its_holders_to_each_others_neighbours(population: Population) -> None:
    population.people = {
        "a": {**JANE, "loyalty_numbers": ["L1"]},
        "b": {**JOHN, "loyalty_numbers": ["L1"]},
        "c": {**JOHN, "phones": ["+442071838750"]},
    }
    population.take_in_changes()
    population.people["c"] = {**JOHN, "given_name": "Johnny"}
    assert population.take_in_changes().touched.to_pylist() == [{"person_record_id": "b"}, {"person_record_id": "c"}]
    population.assert_equal_to_full()


def test_a_card_that_one_member_gives_back_links_all_who_still_hold_it(population: Population) -> None:
    population.people = {
        "a": {"given_name": "Jane", "family_name": "Doe", "card_fingerprints": ["C1"]},
        "b": {"given_name": "Jane", "postcode": "E1 6AN", "card_fingerprints": ["C1"]},
        "c": {"card_fingerprints": ["C1"], "loyalty_numbers": ["L1"]},
        "d": {"card_fingerprints": ["C1"], "loyalty_numbers": ["L2"]},
    }
    population.take_in_changes()
    assert population.clusters["a"]["cluster_id"] != population.clusters["b"]["cluster_id"]
    population.people["d"] = {"loyalty_numbers": ["L2"]}
    population.take_in_changes()
    assert population.clusters["a"]["cluster_id"] == population.clusters["b"]["cluster_id"]
    population.assert_equal_to_full()


def test_nothing_is_touched_when_nothing_changed(population: Population) -> None:
    population.people = {"a": JANE, "b": JOHN}
    first = population.take_in_changes()
    again = population.take_in_changes()
    assert again.touched.num_rows == 0
    assert again.state_token == first.state_token


def test_a_new_record_can_bring_two_old_profiles_together(population: Population) -> None:
    population.people = {"a": JANE, "b": {**JANET, "given_name": "Jane"}}
    population.people["a"] = {key: value for key, value in JANE.items() if key != "date_of_birth"}
    population.take_in_changes()
    assert len({row["cluster_id"] for row in population.clusters.values()}) == 2
    population.people["c"] = {**JANE, "phones": JANET["phones"]}
    population.take_in_changes()
    assert len({row["cluster_id"] for row in population.clusters.values()}) == 1
    population.assert_equal_to_full()


def test_a_value_that_crosses_its_limit_is_suppressed_for_records_that_had_it_before(population: Population) -> None:
    till = {"family_name": "Doe", "phones": ["+442071838750"]}
    population.people = {"a": {**till, "given_name": "Ann"}, "b": {**till, "given_name": "Annie", "postcode": "E1 6AN"}}
    population.take_in_changes()
    population.people |= {name: {**till, "given_name": name} for name in ("Kurt", "Maria", "Zoe")}
    found = population.take_in_changes()
    assert {row["reason"] for row in found.shared_identifiers.to_pylist()} == {"too_many_names"}
    assert {"a", "b"} <= set(found.touched.column("person_record_id").to_pylist())
    population.assert_equal_to_full()


def test_a_mailbox_on_which_several_names_come_to_stand_is_weaker_for_records_that_had_it_before(
    person_records: Build, untaught_model: TrainedModel
) -> None:
    population = Population(person_records, untaught_model, Limits())
    desk = {"given_name": "Edith", "family_name": "Farrant", "emails": ["desk@firm.example"]}
    population.people = {"a": {**desk, "city": "Ulm"}, "b": {**desk, "city": "Kiel"}}
    population.take_in_changes()
    before = population.edges["a", "b"]["match_weight"]
    for given_name, family_name in (("Bruno", "Vogel"), ("Clara", "Wendt")):
        population.people[given_name] = {**desk, "given_name": given_name, "family_name": family_name}
        population.take_in_changes()
        population.assert_equal_to_full()
    assert {row["reason"] for row in population.shared.to_pylist()} == {"several_names"}
    assert ("a", "b") not in population.edges or population.edges["a", "b"]["match_weight"] < before


def test_a_new_exact_duplicate_brings_the_record_that_it_repeats_into_the_change(population: Population) -> None:
    till = {"family_name": "Doe", "phones": ["+442071838750"]}
    population.people = {"b": JANE, "c": JOHN, "d": {**till, "given_name": "Ann"}}
    population.take_in_changes()
    # three names on one phone add its stored holder, then the duplicate adds the record that it repeats
    population.people |= {"a": JANE} | {name: {**till, "given_name": name} for name in ("Kurt", "Maria", "Zoe")}
    found = population.take_in_changes()
    assert {"a", "b", "d"} <= set(found.touched.column("person_record_id").to_pylist())
    assert population.clusters["b"]["cluster_id"] == "a"
    assert population.clusters["c"]["cluster_id"] == "c"
    population.assert_equal_to_full()


def test_a_number_that_two_people_share_no_more_is_no_longer_published_as_conflicting(population: Population) -> None:
    population.people = {
        "a": {**JANE, "loyalty_numbers": ["L1"]},
        "b": {**JOHN, "loyalty_numbers": ["L1"]},
        "c": {**JANET, "loyalty_numbers": ["L2"]},
        "d": {**JOHN, "postcode": "N1 9GU", "emails": [], "loyalty_numbers": ["L2"]},
    }
    assert {row["identifier_value"] for row in population.take_in_changes().shared_identifiers.to_pylist()} == {
        "L1",
        "L2",
    }
    population.people["b"] = JOHN
    population.take_in_changes()
    assert [row["identifier_value"] for row in population.shared.to_pylist()] == ["L2"]
    population.assert_equal_to_full()


def test_a_state_that_other_settings_made_is_refused(population: Population) -> None:
    population.limits = Limits()
    with pytest.raises(IdentityError, match="made with another model, mapping or limits"):
        population.take_in_changes()


def test_a_full_resolution_drops_the_tables_of_former_state_formats(population: Population) -> None:
    for former in ("disputed", "shared_values"):
        population.connection.execute(f"create table resolution_{former} (identifier_type varchar)")
    population.connection.execute("create table resolution_of_the_caller (id integer)")
    population.resolve_by(resolve, store_state_in="main")
    rows = population.connection.execute("select table_name from duckdb_tables() order by table_name").fetchall()
    assert [name.removeprefix("resolution_") for (name,) in rows if name.startswith("resolution_")] == [
        "blocklist",
        "blocks",
        "conflicting_identifiers",
        "identifiers",
        "of_the_caller",
        "overrides",
        "oversized_blocks",
        "records",
        "state",
        "suppressed_values",
        "units",
    ]
