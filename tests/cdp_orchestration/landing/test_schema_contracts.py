"""The schema contract of a stream decides what happens to new, missing and retyped columns, in every form of file."""

from pathlib import Path

import duckdb
import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import read_warehouse
from cdp_orchestration.landing import LandedStream, land_stream
from cdp_orchestration.sources import declared_streams

CLUB = """
source: club
streams:
  members:
    key: [id]
    schema_contract: {%s}
    fields: {id: identifier, joined_on: date, points: integer, nickname: text}
"""
WHOLE = ({"id": "1", "joined_on": "2024-02-01", "points": "7", "nickname": "ada"},)


@pytest.fixture(params=["csv", "jsonl", "parquet"])
def form(request) -> str:
    return request.param


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    (tmp_path / "sources").mkdir()
    return Settings(home=tmp_path)


def deliver(home: Settings, rows: tuple[dict[str, str], ...], form: str) -> None:
    folder = home.inbox / "club" / "members"
    folder.mkdir(parents=True, exist_ok=True)
    names = list(dict.fromkeys(name for row in rows for name in row))
    if form == "jsonl":
        text = "\n".join("{" + ", ".join(f'"{k}": "{v}"' for k, v in row.items()) + "}" for row in rows)
        (folder / "a.jsonl").write_text(text + "\n", encoding="utf-8")
        return
    lines = [",".join(names), *(",".join(row.get(name, "") for name in names) for row in rows)]
    (folder / "a.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if form == "parquet":
        read = f"read_csv('{folder / 'a.csv'}', all_varchar = true, delim = ',')"
        duckdb.sql(f"copy (select * from {read}) to '{folder / 'a.parquet'}'")
        (folder / "a.csv").unlink()


def land(home: Settings, contract: str, rows: tuple[dict[str, str], ...], form: str) -> LandedStream:
    (home.own_sources / "own.yml").write_text(CLUB % contract, encoding="utf-8")
    deliver(home, rows, form)
    stream = next(stream for stream in declared_streams(home) if stream.table == "club_members")
    return land_stream(stream, home)


def landed(home: Settings, columns: str) -> list[tuple[object, ...]]:
    with read_warehouse(home.warehouse) as connection:
        return connection.execute(f"select {columns} from landing.club_members order by id").fetchall()


def with_new(value: str) -> tuple[dict[str, str], ...]:
    return ({**WHOLE[0], "colour": value}, {**WHOLE[0], "id": "2", "colour": ""})


def test_a_new_column_is_kept_beside_the_declared_ones(home, form):
    found = land(home, "new: evolve", with_new("red"), form)

    assert (found.rows_landed, found.undeclared_columns) == (2, ("colour",))
    assert landed(home, "_extra ->> 'colour'")[0] == ("red",)


def test_a_frozen_schema_refuses_the_file_with_a_new_column(home, form):
    found = land(home, "new: freeze", with_new("red"), form)

    assert (found.rows_landed, found.refused_by_reason) == (0, {"new_column": 1})


def test_only_the_rows_that_fill_a_new_column_are_discarded(home, form):
    found = land(home, "new: discard_row", with_new("red"), form)

    assert (found.rows_landed, found.refused_by_reason) == (1, {"undeclared_value": 1})
    assert landed(home, "id") == [("2",)]


def test_the_values_of_a_new_column_are_discarded_and_the_column_is_named(home, form):
    found = land(home, "new: discard_value", with_new("red"), form)

    assert (found.rows_landed, found.rows_refused, found.left_out_columns) == (2, 0, ("colour",))
    assert landed(home, "_extra") == [(None,), (None,)]


@pytest.mark.parametrize("new", ["freeze", "discard_row", "discard_value"])
def test_a_file_as_declared_lands_whole_under_every_contract(home, form, new):
    found = land(home, f"new: {new}, missing: freeze, retyped: freeze", WHOLE, form)

    assert (found.rows_landed, found.rows_refused, found.refused_files) == (1, 0, ())


@pytest.mark.parametrize(("contract", "rows_landed"), [("evolve", 1), ("freeze", 0)])
def test_a_file_without_a_declared_column_lands_only_where_it_may(home, form, contract, rows_landed):
    without = ({name: value for name, value in WHOLE[0].items() if name != "nickname"},)
    found = land(home, f"missing: {contract}", without, form)

    assert found.rows_landed == rows_landed
    assert found.refused_by_reason == ({} if rows_landed else {"missing_column": 1})


def test_an_object_may_lack_a_member_that_another_object_of_the_file_has(home):
    found = land(home, "missing: freeze", (*WHOLE, {"id": "2", "joined_on": "2024-01-01", "points": "1"}), "jsonl")

    assert found.rows_landed == 2


RETYPED = (
    {**WHOLE[0], "points": "seven", "joined_on": "soon"},
    {**WHOLE[0], "id": "2", "points": "eight"},
    {**WHOLE[0], "id": "3"},
)


def test_a_retyped_value_is_kept_as_text(home, form):
    found = land(home, "retyped: evolve, new: discard_row", RETYPED, form)

    assert (found.rows_landed, found.rows_refused, found.values_refused) == (3, 0, 3)
    assert landed(home, "points, _extra ->> 'points', _extra ->> 'joined_on'") == [
        (None, "seven", "soon"),
        (None, "eight", None),
        (7, None, None),
    ]


def test_a_retyped_value_is_discarded_alone(home, form):
    found = land(home, "retyped: discard_value", RETYPED, form)

    assert (found.rows_landed, found.values_refused) == (3, 3)
    assert landed(home, "points, _extra") == [(None, None), (None, None), (7, None)]


def test_a_row_with_a_retyped_value_is_discarded(home, form):
    found = land(home, "retyped: discard_row", RETYPED, form)

    assert (found.rows_landed, found.rows_refused, found.files_refused) == (1, 2, 0)


def test_frozen_types_refuse_the_file_for_one_value(home, form):
    rows = (*({**WHOLE[0], "id": str(number)} for number in range(10, 20)), RETYPED[0])
    found = land(home, "retyped: freeze", rows, form)

    assert (found.rows_landed, found.refused_by_reason) == (0, {"frozen_type": 1})


def test_a_row_without_its_key_is_refused_whatever_the_contract_says(home, form):
    found = land(home, "retyped: evolve", (*WHOLE, {**WHOLE[0], "id": ""}), form)

    assert (found.rows_landed, found.refused_by_reason) == (1, {"missing_required_value": 1})


def test_files_land_again_when_the_contract_changes(home):
    land(home, "new: freeze", with_new("red"), "csv")

    assert land(home, "new: evolve", with_new("red"), "csv").rows_landed == 2


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u2003", "\u3000"])
def test_a_key_of_any_blank_is_missing(home, blank):
    found = land(home, "retyped: evolve", (*WHOLE, {**WHOLE[0], "id": blank}), "jsonl")

    assert (found.rows_landed, found.refused_by_reason) == (1, {"missing_required_value": 1})
