"""No model or data test compares each row of one table with each row of another.

DuckDB joins by hash where both sides of an equality are columns of one table each. Where a condition is about one
side of an outer join alone, or an expression mixes both, it compares all pairs: in a second with hundreds of rows, in
minutes with hundreds of thousands.
"""

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from cdp_orchestration.dbt.project import QUIET, invoke, parsed_manifest, project_arguments

pytestmark = pytest.mark.slow

ALL_PAIRS = "BLOCKWISE_NL_JOIN"
SMALL_SIDE = {
    "person_phone_hints": "the usual country is one row",
    "standard_emails": "a domain ends with one of some dozen domains of relays",
    "unsubscriptions": "a status of a campaign member has the words of some dozen refusals",
    "int_service_moments": "a seed says when each type of moment is due",
    "int_wish_moments": "a seed says how long a wish is remembered",
    "assert_households_and_accounts_count_their_profiles": "each side is one row of sums",
}
"""Queries in which one side of such a join is a few rows whatever the size of the base, and why."""


@pytest.fixture(scope="module")
def plans(live_home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The plan of each model in SQL and of each data test, by name."""
    home = tmp_path_factory.mktemp("plans")
    shutil.copy(live_home / "warehouse.duckdb", home)
    places = ["--target-path", str(home / "target"), "--log-path", str(home / "target")]
    arguments = [*QUIET, "--no-write-json", "compile", *project_arguments(), *places]
    chosen = ["--select", "resource_type:model", "resource_type:test"]
    compiled: Any = invoke([*arguments, *chosen], home, manifest=parsed_manifest())
    assert compiled.success, compiled.exception
    nodes = [each.node for each in compiled.result.results if each.node.resource_type in {"model", "test"}]
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return {
            node.name: connection.execute(f"explain {node.compiled_code}").fetchall()[0][1]
            for node in nodes
            if node.language == "sql"
        }


def test_no_query_compares_all_pairs_of_two_tables(plans: dict[str, str]) -> None:
    assert len(plans) > 300
    found = {name for name, plan in plans.items() if ALL_PAIRS in plan}
    assert found <= set(SMALL_SIDE), (
        f"{sorted(found - set(SMALL_SIDE))} compare all pairs of two tables; join by equal columns, a kind at a time"
    )


def test_each_exception_is_still_one(plans: dict[str, str]) -> None:
    assert {name for name in SMALL_SIDE if ALL_PAIRS not in plans[name]} == set()
