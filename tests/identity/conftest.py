from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from identity import PLATFORM_MAPPING, Resolution, TrainedModel, resolve
from identity.model.trained_model import default_parameters, term_frequency_columns

_LIST_FIELDS = ("emails", "phones", "loyalty_numbers", "shop_customer_ids", "card_fingerprints", "other_identifiers")
_NAME_FIELDS = ("person_record_id", "full_name", "given_name", "middle_name", "family_name")
_PLACE_FIELDS = ("address_line", "city", "region", "postcode", "country_code")

PERSON_RECORDS = pa.schema(
    [(name, pa.string()) for name in (*_NAME_FIELDS, *_PLACE_FIELDS)]
    + [("date_of_birth", pa.date32())]
    + [(name, pa.list_(pa.string())) for name in _LIST_FIELDS]
)

People = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def person_records() -> Callable[[People], pa.Table]:
    """Turn {key: {field: value}} into a table in the shape of staging.person_records."""

    def build(people: People) -> pa.Table:
        empty = {field.name: [] if pa.types.is_list(field.type) else None for field in PERSON_RECORDS}
        rows = [{**empty, "person_record_id": key, **fields} for key, fields in people.items()]
        return pa.Table.from_pylist(rows, schema=PERSON_RECORDS)

    return build


@pytest.fixture(scope="session")
def untaught_model() -> TrainedModel:
    """The default values in a customer base of some ten thousand records: no test depends on what training learns."""
    frequencies = {
        column: pa.table({column: pa.array([], pa.string()), f"tf_{column}": pa.array([], pa.float64())})
        for column in term_frequency_columns(default_parameters())
    }
    return TrainedModel(1e-4, 0.5, default_parameters(), frequencies)


@pytest.fixture(scope="session")
def resolve_people(
    person_records: Callable[[People], pa.Table], untaught_model: TrainedModel
) -> Callable[..., Resolution]:
    def run(people: People, **options: Any) -> Resolution:
        options.setdefault("model", untaught_model)
        return resolve(duckdb.connect(), person_records(people), PLATFORM_MAPPING, **options)

    return run


@pytest.fixture(scope="session")
def groups_of(resolve_people: Callable[..., Resolution]) -> Callable[..., set[str]]:
    """The clusters of some people, each as its keys in order, joined by a plus sign."""

    def run(people: People, **options: Any) -> set[str]:
        clusters: dict[str, list[str]] = {}
        for row in resolve_people(people, **options).clusters.to_pylist():
            clusters.setdefault(row["cluster_id"], []).append(row["person_record_id"])
        return {"+".join(sorted(keys)) for keys in clusters.values()}

    return run
