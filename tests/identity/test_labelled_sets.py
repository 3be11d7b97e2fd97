"""Accuracy on public labelled people, with the one default configuration; labels measure, they never tune."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from identity import Evaluation, RecordMapping, evaluate, resolve

DATA = Path(__file__).parents[3] / "shared" / "data"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATA.is_dir(), reason="the public labelled sets are not next to the repository"),
]

FEBRL = RecordMapping(
    key="rec_id",
    given_name="given_name",
    family_name="surname",
    date_of_birth="date_of_birth",
    address_line=("street_number", "address_1", "address_2"),
    city="suburb",
    region="state",
    postcode="postcode",
    national_ids="soc_sec_id",
)
HISTORICAL = RecordMapping(
    key="unique_id",
    full_name="full_name",
    given_name="first_name",
    family_name="surname",
    date_of_birth="dob",
    city="birth_place",
    postcode="postcode_fake",
    gender="gender",
    attributes="occupation",
)


def _measure(records: pa.Table, mapping: RecordMapping, truth: str) -> Evaluation:
    connection = duckdb.connect()
    clusters = resolve(connection, records, mapping).clusters
    connection.register("records", records)
    return evaluate(clusters, connection.execute(f"select {truth} from records").to_arrow_table())


def test_people_with_typing_errors_are_found_with_hardly_a_false_link():
    with duckdb.connect() as connection:
        raw = connection.read_csv(str(DATA / "febrl3.csv"), all_varchar=True)
        # the files put a space after every comma
        trimmed = ", ".join(f'trim("{column}") as {column.strip()}' for column in raw.columns)
        records = connection.sql(f"select {trimmed} from raw").to_arrow_table()

    result = _measure(records, FEBRL, "rec_id as person_record_id, split_part(rec_id, '-', 2) as person_id")

    assert result.pairwise_precision > 0.998
    assert result.pairwise_f1 > 0.997


def test_historical_people_with_nicknames_and_moved_dates_are_found():
    path = DATA / "historical_figures_with_errors_50k.parquet"
    # whole people, a fifth of them: enough to measure, few enough for a test
    records = duckdb.sql(f"select * from '{path}' where md5(cluster) < '3'").to_arrow_table()

    result = _measure(records, HISTORICAL, "unique_id as person_record_id, cluster as person_id")

    assert result.pairwise_precision > 0.98
    assert result.pairwise_f1 > 0.9
    assert result.b_cubed_f1 > 0.9
