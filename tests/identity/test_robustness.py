"""The same code must resolve any retailer's records: few, poor, or in another shape."""

import random
from datetime import date

import duckdb
import pyarrow as pa
import pytest

from identity import PLATFORM_MAPPING, IdentityError, Limits, RecordMapping, TrainedModel, resolve
from identity.schemas import CLUSTERS, OUTPUT_SCHEMAS

JANE = {"given_name": "Jane", "family_name": "Doe", "emails": ["jane@example.com"], "date_of_birth": date(1980, 3, 4)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("people", "cluster_count"),
    [
        pytest.param({}, 0, id="no record"),
        pytest.param({"a": JANE}, 1, id="one record"),
        pytest.param({"a": JANE, "b": {**JANE, "given_name": "Jan"}}, 1, id="two records of one person"),
        pytest.param({"a": {}, "b": {}, "c": {}}, 3, id="nothing but keys"),
        pytest.param(
            {str(n): {"given_name": "ABCDE"[n % 5] + "nn", "family_name": f"Roe{n}"} for n in range(30)}, 30, id="names"
        ),
    ],
)
def test_a_model_is_learnt_from_few_and_poor_records(resolve_people, people, cluster_count):
    resolution = resolve_people(people, model=None)

    assert len(resolution.clusters.column("cluster_id").unique()) == cluster_count
    assert resolution.clusters.num_rows == len(people)


@pytest.mark.slow
def test_a_block_whose_pairs_leave_no_number_that_splink_can_hold_teaches_nothing(person_records):
    model = resolve(duckdb.connect(), person_records(_muddled_people()), PLATFORM_MAPPING).model

    assert model.report["m"]["block_pairs"]["given_name_and_phone"] >= 10
    assert "given_name_and_phone" not in model.report["m"]["learnt_from"]
    assert "family_name_and_date_of_birth" in model.report["m"]["learnt_from"]


def test_the_tables_have_the_promised_shapes(resolve_people):
    resolution = resolve_people({"a": JANE, "b": {**JANE, "given_name": "Jan"}, "c": {}})

    assert resolution.clusters.schema == CLUSTERS
    assert resolution.edges.schema == OUTPUT_SCHEMAS["match_edges"]
    assert resolution.shared_identifiers.schema == OUTPUT_SCHEMAS["shared_identifiers"]


def test_an_edge_names_the_level_of_every_comparison(resolve_people):
    (edge,) = resolve_people({"a": JANE, "b": {**JANE, "given_name": "Jan", "emails": []}}).edges.to_pylist()

    assert edge["comparison_levels"] == (
        '{"given_name":"similar_names","family_name":"same","birth_date":"same",'
        '"email":"not_comparable","phone":"not_comparable","address":"not_comparable",'
        '"national_id":"not_comparable","loyalty_number":"not_comparable","gender":"not_comparable",'
        '"generation":"not_comparable"}'
    )
    assert edge["is_used"]


def test_any_table_of_people_can_be_mapped(untaught_model):
    connection = duckdb.connect()
    connection.execute(
        """
        create schema shop;
        create table shop.members as
        select * from (values
            (7, 'Doe, Jane', 'jane@example.com', null, '19800304'),
            (9, 'Jane Doe', null, 'JANE@EXAMPLE.COM', '1980-03-04'),
            (11, 'Mary Roe', 'mary@example.com', null, null)
        ) as member (number, name, "e-mail", other_email, born)
        """
    )
    mapping = RecordMapping(key="number", full_name="name", emails=("e-mail", "other_email"), date_of_birth="born")

    clusters = resolve(connection, "shop.members", mapping, model=untaught_model).clusters.to_pylist()

    assert {row["person_record_id"]: row["cluster_id"] for row in clusters} == {"11": "11", "7": "7", "9": "7"}
    assert connection.execute("select count(*) from duckdb_tables()").fetchall() == [(1,)]


def test_a_mapped_column_that_is_missing_is_named(untaught_model):
    with pytest.raises(IdentityError, match=r"lack the mapped column\(s\) phone; found id"):
        resolve(
            duckdb.connect(), pa.table({"id": ["1"]}), RecordMapping(key="id", phones="phone"), model=untaught_model
        )


def test_a_repeated_key_is_refused(untaught_model):
    with pytest.raises(IdentityError, match="3 rows, 3 with a key, 2 distinct"):
        resolve(duckdb.connect(), pa.table({"id": ["1", "2", "2"]}), RecordMapping(key="id"), model=untaught_model)


@pytest.mark.slow
def test_a_date_of_birth_that_forms_fill_in_is_no_evidence(resolve_people):
    strangers = {
        str(n): {
            "given_name": "ABCDEF"[n % 6] + "nn",
            "family_name": f"Roe{n}",
            "emails": [f"{n}@example.com"],
            "date_of_birth": date(1970, 1, 1),
        }
        for n in range(40)
    }
    again = {**JANE, "emails": ["jane@example.com"], "date_of_birth": date(1970, 1, 1)}

    resolution = resolve_people({**strangers, "jane": JANE, "jane again": again}, model=None)

    assert resolution.model.placeholder_dates == ("19700101",)
    assert resolution.clusters.num_rows - 1 == len(resolution.clusters.column("cluster_id").unique())


def test_many_people_of_one_birth_year_make_no_date_a_placeholder(resolve_people):
    people = {
        f"{year} {n}": {"given_name": f"Ann{n}", "family_name": f"Roe{year}", "date_of_birth": date(year, 1, 1)}
        for year in range(1950, 1965)
        for n in range(25)
    }

    assert resolve_people(people, model=None).model.placeholder_dates == ()


def test_a_block_over_the_limit_is_skipped_and_counted(resolve_people):
    people = {str(n): {"given_name": f"{chr(97 + n)}nn", "postcode": "YO1 1AA"} for n in range(6)}

    resolution = resolve_people(people, limits=Limits(records_per_block=5))

    assert resolution.skipped_blocks == {"same_postcode": 1}


def test_namesakes_of_one_town_are_compared_only_while_they_are_few(resolve_people):
    town = {str(n): {"given_name": f"{chr(97 + n)}nn", "family_name": "Roe", "city": "York"} for n in range(6)}
    limits = Limits(records_per_block=6, records_per_coarse_block=5)
    assert resolve_people(town, limits=limits).skipped_blocks == {"same_family_name_and_city": 1}
    del town["5"]
    assert resolve_people(town, limits=limits).skipped_blocks == {}


@pytest.mark.slow
def test_the_order_of_the_records_changes_nothing(person_records):
    people = _muddled_people()
    shuffled = dict(random.Random(3).sample(sorted(people.items()), len(people)))

    one, other = (
        resolve(duckdb.connect(), person_records(records), PLATFORM_MAPPING) for records in (people, shuffled)
    )

    assert one.model.version == other.model.version
    assert one.clusters == other.clusters
    assert one.edges == other.edges


@pytest.mark.slow
def test_a_saved_model_answers_as_before_and_is_not_trained_again(resolve_people, tmp_path):
    people = {"a": JANE, "b": {**JANE, "family_name": "Dow"}, "c": {"given_name": "Jane", "family_name": "Doe"}}
    first = resolve_people(people, model=None)
    first.model.save(tmp_path / "model")

    again = resolve_people(people, model=TrainedModel.load(tmp_path / "model"))

    assert again.model.version == first.model.version
    assert again.clusters == first.clusters
    assert again.edges == first.edges
    assert "training" not in again.seconds


def test_a_model_that_was_changed_by_hand_is_refused(untaught_model, tmp_path):
    untaught_model.save(tmp_path)
    path = tmp_path / "model.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"prior": 0.0001', '"prior": 0.1'), encoding="utf-8")

    with pytest.raises(IdentityError, match="a file was changed"):
        TrainedModel.load(tmp_path)


def test_a_missing_model_is_named(tmp_path):
    with pytest.raises(IdentityError, match=r"model\.json is missing"):
        TrainedModel.load(tmp_path)


def _muddled_people():
    """Records whose fields go together by chance alone."""
    rng = random.Random(7)
    names, families = ["Ann", "Anne", "Bob", "Robert", "Cleo", "Dan"], ["Roe", "Row", "Smith", "Jones"]
    return {
        f"k{n:03}": {
            "given_name": rng.choice(names),
            "family_name": rng.choice(families),
            "emails": [f"{rng.randrange(40)}@example.com"],
            "phones": [f"+4477009{rng.randrange(50):05}"],
            "date_of_birth": date(1980, 1 + rng.randrange(3), 1 + rng.randrange(9)),
        }
        for n in range(90)
    }
