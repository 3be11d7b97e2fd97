"""A Parquet file is whole or absent, and looks for equal values where there are any."""

import pyarrow as pa
import pyarrow.parquet as pq

from cdp_orchestration.home.durable_parquet import DurableParquet

SCHEMA = pa.schema([("name", pa.string()), ("country", pa.string()), ("tags", pa.list_(pa.string()))])
ROWS = pa.table(
    [[f"person {number}" for number in range(1000)], ["DE", "FR"] * 500, [["a"]] * 1000],
    schema=SCHEMA,
)


def test_only_columns_with_equal_values_have_a_dictionary(tmp_path):
    with DurableParquet(tmp_path / "rows.parquet", SCHEMA) as written:
        written.write(ROWS)
        written.publish()
    columns = pq.ParquetFile(tmp_path / "rows.parquet").metadata.row_group(0)
    assert not columns.column(0).has_dictionary_page
    assert columns.column(1).has_dictionary_page
    assert pq.read_table(tmp_path / "rows.parquet").equals(ROWS)


def test_a_first_part_without_rows_says_nothing_of_what_repeats(tmp_path):
    with DurableParquet(tmp_path / "rows.parquet", SCHEMA) as written:
        written.write(SCHEMA.empty_table())
        written.write(ROWS)
        written.publish()
    metadata = pq.ParquetFile(tmp_path / "rows.parquet").metadata
    assert metadata.num_row_groups == 1
    assert not metadata.row_group(0).column(0).has_dictionary_page


def test_a_file_without_rows_is_published_with_its_columns(tmp_path):
    with DurableParquet(tmp_path / "rows.parquet", SCHEMA) as written:
        written.publish()
    assert pq.read_table(tmp_path / "rows.parquet").schema.equals(SCHEMA)


def test_what_is_not_published_leaves_nothing(tmp_path):
    with DurableParquet(tmp_path / "rows.parquet", SCHEMA) as written:
        written.write(ROWS)
    assert list(tmp_path.iterdir()) == []
