"""The hard cases of tests/data/edge_case_people.yaml, resolved together among a town of other people."""

from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from background_people import background_people
from edge_case_people import LISTS, TEXTS, edge_cases, records_of

from identity import PLATFORM_MAPPING, Resolution, resolve
from identity.explanation.link_paths import links_of, spanning_links

pytestmark = pytest.mark.slow

CASES = edge_cases()
_CASE_FIELDS = {"title", "why", "people", "known_limit", "limit"}


@pytest.fixture(scope="module")
def resolution(person_records: Callable[..., pa.Table]) -> Resolution:
    people = background_people()
    for case in CASES:
        people |= records_of(case)
    return resolve(duckdb.connect(), person_records(people), PLATFORM_MAPPING)


@pytest.fixture(scope="module")
def clusters(resolution: Resolution) -> dict[str, frozenset[str]]:
    """The records that each record is one person with."""
    members: dict[str, set[str]] = {}
    rows = resolution.clusters.to_pylist()
    for row in rows:
        members.setdefault(row["cluster_id"], set()).add(row["person_record_id"])
    return {row["person_record_id"]: frozenset(members[row["cluster_id"]]) for row in rows}


def mistakes(case: dict[str, Any], clusters: dict[str, frozenset[str]]) -> list[str]:
    """What went wrong: people in several profiles, and people in one profile with others; a sentence each."""
    found = []
    for person, records in case["people"].items():
        own = {f"{case['title']}|{person}|{number}" for number in range(len(records))}
        joined = set().union(*(clusters[key] for key in own))
        if any(not own <= clusters[key] for key in own):
            found.append(f"{person} is in several profiles")
        found += [f"{person} is one with {other}" for other in sorted(joined - own)]
    return found


@pytest.mark.parametrize(
    "case", [case for case in CASES if not case.get("known_limit")], ids=lambda case: str(case["title"])
)
def test_case(case: dict[str, Any], clusters: dict[str, frozenset[str]]) -> None:
    assert mistakes(case, clusters) == [], case["why"]


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.get("known_limit")], ids=lambda case: str(case["title"])
)
def test_known_limit_still_stands(case: dict[str, Any], clusters: dict[str, frozenset[str]]) -> None:
    assert mistakes(case, clusters) != [], "this case is right now: remove its `known_limit` and `limit`"


def test_the_used_links_hold_every_profile_together(
    resolution: Resolution, clusters: dict[str, frozenset[str]]
) -> None:
    used = spanning_links(links_of(resolution.edges.to_pylist()))
    needed = sum(len(members) - 1 for members in set(clusters.values()))
    assert all(clusters[link.left] == clusters[link.right] for link in used)
    assert len(used) == needed


def test_every_case_says_what_it_is_and_uses_known_fields_only() -> None:
    titles = [case["title"] for case in CASES]
    strange = [
        (case["title"], name)
        for case in CASES
        for name in [
            *(case.keys() - _CASE_FIELDS),
            *(
                field
                for records in case["people"].values()
                for record in records
                for field in record.keys() - (LISTS.keys() | TEXTS.keys())
            ),
        ]
    ]
    silent = [case["title"] for case in CASES if not case["why"] or bool(case.get("known_limit")) != ("limit" in case)]
    assert strange + silent == []
    assert len(titles) == len(set(titles))
    assert len(titles) >= 60


def test_a_case_has_two_records_at_least() -> None:
    assert [case["title"] for case in CASES if sum(map(len, case["people"].values())) < 2] == []
