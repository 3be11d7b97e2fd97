"""The list of work tables is complete and right: it equals what the code writes and what real resolutions create."""

import ast
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import identity
from identity import PLATFORM_MAPPING, assign_profile_ids, resolve, resolve_changes
from identity.explanation.pair_weights import weigh_pairs
from identity.work_tables import WORK_TABLES, WorkTable

PACKAGE = Path(identity.__file__).parent
TABLES = {table.name: table for table in WORK_TABLES}

_CREATE = re.compile(r"create (?:or replace )?(?:temp )?(?:table|view) (?:if not exists )?([^\s;]+)")
_CHANGE = re.compile(r"(?:insert into|delete from|update) ([^\s;]+)")

# Names that the code puts together, by function: the listed tables that they mean
DYNAMIC_NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "clusters.cluster_pairs.score_missing_pairs": {"{pairs}": ("weighed_pairs", "mergeable_pairs")},
    "incremental.touched_records.decide_touched": {
        "{table}": ("oversized_blocks", "touched", "blocks_to_reevaluate"),
    },
    "incremental.verification._take_stored_decisions": {"{table}": ("overrides", "blocklist")},
    "profiles.profile_ids._register": {
        "{name}": ("clusters", "previous", "unpublished", "replaced", "previous_redirects")
    },
    "scoring.match_weights.create_weighed_pairs": {
        "{weighed}": ("weighed_pairs", "weighed_<pairs>", "weighed_dirty_clusters"),
    },
    "scoring.predictions.create_predictions": {"{name}": ("predictions_<model version>",)},
    "scoring.scoring._predict": {"{into}": ("scored_<pairs>", "weights_of_<pairs>")},
    "scoring.scoring.score_pairs": {"scored_{pairs}": ("scored_<pairs>",)},
    # Splink's own tables, and the stored tables of the caller's database
    "model.splink_database._setup_for_execute_sql": {"{physical_name}": ()},
    # Tables without rows in a database of their own
    "scoring.predictions._prepared": {"units": (), "pairs_to_predict": ()},
    # The tables of one task: those of a resolution, and what a stage takes
    "partitioned.task.put": {"{name}": ()},
    # Views of steps, and of a sample of the records, in databases of their own
    "partitioned.loop_engine._database": {"{step}": ()},
    "partitioned.run._place": {"edges": ()},
    "partitioned.population_frequencies.with_frequencies_of_all": {"term_totals": ()},
    "partitioned.sample_training._read_sample": {"sampled_records": ()},
    "partitioned.stages_of_pairs._as_rows": {"decided": ()},
    "incremental.resolve_changes._update_state": {"{state.table(table)}": ()},
    "incremental.resolve_changes._replace_conflicting": {"{stored}": ()},
    "incremental.state.save_state": {"{state.table(name)}": ()},
    "incremental.state.move_state": {"{target.table(name)}": ()},
    "incremental.state.store_token": {"{state.table('state')}": ()},
}


def _text(node: ast.AST, constants: dict[str, str]) -> str:
    """The text of a string in the code; names of constants are replaced, other expressions stay in braces."""
    match node:
        case ast.Constant(value=str(value)):
            return value
        case ast.JoinedStr(values=values):
            return "".join(_text(value, constants) for value in values)
        case ast.FormattedValue(value=value):
            return constants.get(ast.unparse(value), f"{{{ast.unparse(value)}}}")
        case ast.Name(id=name):
            return constants.get(name, "")
    return ""


def _statements(function: ast.FunctionDef, constants: dict[str, str]) -> Iterator[str]:
    docstring = function.body[0].value if isinstance(function.body[0], ast.Expr) else None
    parts = {id(part) for node in ast.walk(function) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(function):
        if node is not docstring and id(node) not in parts:
            yield _text(node, constants)


def _functions() -> Iterator[tuple[str, list[str]]]:
    """Each function of the package as room.module.function, with the texts in it."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants: dict[str, str] = {}
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                constants[node.targets[0].id] = _text(node.value, constants)
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            yield f"{module}.{function.name}", list(_statements(function, constants))


@cache
def _writers(statement: re.Pattern[str]) -> dict[str, set[str]]:
    """The functions that execute such a statement, by the name of the table."""
    writers: dict[str, set[str]] = defaultdict(set)
    for function, texts in _functions():
        for name in (name for text in texts for name in statement.findall(text)):
            for table in DYNAMIC_NAMES.get(function, {}).get(name, (name,)):
                writers[table].add(function)
    return dict(writers)


def test_every_table_that_the_code_creates_is_listed_and_every_listed_one_is_created() -> None:
    assert sorted(_writers(_CREATE)) == sorted(TABLES)


def test_no_table_is_listed_twice() -> None:
    assert len(TABLES) == len(WORK_TABLES)


@pytest.mark.parametrize("table", WORK_TABLES, ids=lambda table: table.name)
def test_a_table_is_listed_with_all_functions_that_write_it(table: WorkTable) -> None:
    creators, changers = _writers(_CREATE)[table.name], _writers(_CHANGE).get(table.name, set())
    assert set(table.made_by) | set(table.changed_by) == creators | changers
    assert set(table.made_by) <= creators
    assert changers <= set(table.changed_by)


class RecordingConnection:
    """A DuckDB connection that notes the columns of each table and view when it is created."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, columns: dict[str, tuple[str, ...]]) -> None:
        self._connection, self.columns = connection, columns

    # Splink accepts nothing but DuckDB's own class
    __class__ = property(lambda _: duckdb.DuckDBPyConnection)  # type: ignore[assignment]

    def execute(self, query: str, *parameters: Any) -> duckdb.DuckDBPyConnection:
        result = self._connection.execute(query, *parameters)
        for name in (name for name in _CREATE.findall(query) if re.fullmatch(r"[a-z]\w*", name)):
            described = self._connection.execute(f"select column_name from (describe {name})").fetchall()
            self.columns[name] = tuple(column for (column,) in described)
        return result

    def cursor(self) -> "RecordingConnection":
        return RecordingConnection(self._connection.cursor(), self.columns)

    def __enter__(self) -> "RecordingConnection":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


JANE = {"given_name": "Jane", "family_name": "Doe", "emails": ["jane@example.com"], "date_of_birth": date(1980, 3, 4)}
PEOPLE = {
    "a": JANE,
    "b": {**JANE, "phones": ["+442071838750"]},
    "c": {"emails": ["jane@example.com"]},
    "d": {"given_name": "Johñ", "family_name": "Roe", "postcode": "E1 6AN", "loyalty_numbers": ["L1"]},
}
Columns = dict[str, tuple[str, ...]]
MAPPING = replace(PLATFORM_MAPPING, attributes=("country_code",))


@pytest.fixture(scope="module")
def created(person_records: Callable[..., pa.Table]) -> list[Columns]:
    """The columns of the work tables of a resolution, one of changes, an explanation and new profile ids."""
    runs: list[Columns] = [{}, {}, {}, {}]
    connect = duckdb.connect
    with connect() as caller:
        first = person_records(PEOPLE)
        full = resolve(_recording(caller, runs[0]), first, MAPPING, store_state_in="main", with_figures=True)
        # a new exact duplicate adds a stored record to the change
        second = person_records({**PEOPLE, "b": {**JANE, "given_name": "Jan"}, "e": JANE})
        resolve_changes(_recording(caller, runs[1]), second, MAPPING, model=full.model, state_schema="main")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duckdb, "connect", lambda *args: _recording(connect(*args), runs[2]))
        weigh_pairs(second, MAPPING, [("a", "b")], full.model, full.shared_identifiers)
        patch.setattr(duckdb, "connect", lambda *args: _recording(connect(*args), runs[3]))
        assign_profile_ids(full.clusters, None, now=datetime(2026, 1, 1, tzinfo=UTC), run_id="run")
    return runs


def _recording(connection: duckdb.DuckDBPyConnection, columns: Columns) -> Any:
    return RecordingConnection(connection, columns)


def _listed_name(name: str) -> str:
    """The name under which a table is listed, such as scored_<pairs>."""
    if name in TABLES:
        return name
    for prefix in ("scored_", "weights_of_", "weighed_"):
        if name.startswith(prefix) and name.removeprefix(prefix) in TABLES:
            return f"{prefix}<pairs>"
    return re.sub("^predictions_[0-9a-f]{16}$", "predictions_<model version>", name)


_GENERIC_COLUMNS = {
    r".+_trials": "<comparison>_trials",
    r".+_bits": "<list>_bits",
    r"(gamma|weight)_.+": r"\1_<comparison>",
    r"rarity_.+": "rarity_<column>",
    r"attribute_.+": "attribute_<column>",
    r"(value|latin)_[0-9]": r"\1",  # a join that names its columns once more
}


def _generic(columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns, with those that depend on the model or the mapping by their general names, each once."""
    names = list(columns)
    for specific, general in _GENERIC_COLUMNS.items():
        names = [re.sub(f"^{specific}$", general, name) for name in names]
    return tuple(dict.fromkeys(names))


def test_real_resolutions_create_every_listed_table_and_no_other(created: list[Columns]) -> None:
    assert {_listed_name(name) for run in created for name in run} == set(TABLES)


def test_the_columns_of_real_tables_are_the_listed_ones(created: list[Columns]) -> None:
    for run in created:
        found = {name: _generic(columns) for name, columns in run.items() if not name.startswith("predictions_")}
        assert found.pop("caller_records", tuple(MAPPING.columns())) == tuple(MAPPING.columns())
        assert found == {name: TABLES[_listed_name(name)].columns for name in found}
