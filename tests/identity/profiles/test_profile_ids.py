from datetime import UTC, datetime
from itertools import count

import pyarrow as pa
import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from identity import IdentityError, ProfileChanges, assign_profile_ids
from identity.profiles.time_ordered_ids import time_ordered_ids
from identity.schemas import OUTPUT_SCHEMAS

MONDAY, TUESDAY = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
PARTITIONS = st.dictionaries(st.integers(0, 11).map(lambda n: f"crm:contact:{n:02}"), st.integers(0, 4), max_size=12)


def _clusters(labels: dict[str, object]) -> pa.Table:
    return pa.table(
        {
            "person_record_id": pa.array(labels, pa.string()),
            "cluster_id": pa.array([str(label) for label in labels.values()], pa.string()),
            "link_reason": pa.array(["probabilistic_match"] * len(labels), pa.string()),
            "match_probability": pa.array([0.99] * len(labels), pa.float64()),
        }
    )


def _assign(labels: dict[str, object], before: ProfileChanges | None = None, **options: object) -> ProfileChanges:
    numbers = count(1 if before is None else 101)
    return assign_profile_ids(
        _clusters(labels),
        before.assignments if before else None,
        now=options.get("now", MONDAY if before is None else TUESDAY),
        run_id="run",
        previous_redirects=before.redirects if before else None,
        new_id=lambda: f"p{next(numbers):03}",
    )


def _profiles(changes: ProfileChanges) -> dict[str, str]:
    rows = changes.assignments.to_pylist()
    return {row["person_record_id"]: row["profile_id"] for row in rows}


def _events(changes: ProfileChanges) -> list[tuple[str, str, str | None]]:
    return [(row["event_type"], row["profile_id"], row["other_profile_id"]) for row in changes.events.to_pylist()]


def test_new_clusters_get_ids_in_the_order_of_their_first_record_and_each_is_an_event():
    changes = _assign({"b": 1, "a": 2, "c": 1})

    assert _profiles(changes) == {"a": "p001", "b": "p002", "c": "p002"}
    assert _events(changes) == [("created", "p001", None), ("created", "p002", None)]


def test_an_unchanged_partition_keeps_its_ids_and_times_without_events():
    before = _assign({"a": 1, "b": 1, "c": 2})

    after = _assign({"c": "x", "b": "y", "a": "y"}, before)

    assert after.assignments == before.assignments
    assert after.events.num_rows == after.redirects.num_rows == 0


def test_a_merge_keeps_the_id_of_most_records_and_redirects_the_other():
    before = _assign({"a": 1, "b": 2, "c": 2})

    after = _assign({"a": 1, "b": 1, "c": 1}, before)

    assert set(_profiles(after).values()) == {"p002"}
    assert _events(after) == [("merged", "p002", "p001")]
    assert [(r["old_profile_id"], r["profile_id"], r["record_share"]) for r in after.redirects.to_pylist()] == [
        ("p001", "p002", 1.0)
    ]


def test_the_older_id_wins_a_tie():
    before = _assign({"a": 1, "b": 2})

    assert set(_profiles(_assign({"a": 1, "b": 1}, before)).values()) == {"p001"}


def test_a_split_leaves_the_id_with_most_records_and_remembers_the_first_id_of_the_others():
    before = _assign({"a": 1, "b": 1, "c": 1})

    after = _assign({"a": 2, "b": 1, "c": 1}, before)

    assert _profiles(after) == {"a": "p101", "b": "p001", "c": "p001"}
    assert _events(after) == [("created", "p101", None), ("split", "p001", "p101")]
    moved, stayed, _ = after.assignments.to_pylist()
    assert (moved["profile_id_first"], moved["linked_at"]) == ("p001", TUESDAY.replace(tzinfo=None))
    assert stayed["linked_at"] == MONDAY.replace(tzinfo=None)


def test_a_profile_whose_records_are_deleted_is_retired_and_redirects_to_null():
    after = _assign({"b": 1}, _assign({"a": 1, "b": 2}))

    assert _events(after) == [("retired", "p001", None)]
    assert [(r["old_profile_id"], r["profile_id"], r["reason"]) for r in after.redirects.to_pylist()] == [
        ("p001", None, "retired")
    ]


def test_a_redirect_follows_when_its_target_is_merged_in_turn():
    first = _assign({"a": 1, "b": 2, "c": 2, "d": 3, "e": 3, "f": 3})
    second = _assign({"a": 1, "b": 1, "c": 1, "d": 3, "e": 3, "f": 3}, first)
    third = _assign({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1}, second)

    assert {r["old_profile_id"]: r["profile_id"] for r in third.redirects.to_pylist()} == {
        "p001": third.assignments.column("profile_id")[0].as_py(),
        **{r: third.assignments.column("profile_id")[0].as_py() for r in _ended(third)},
    }


def _ended(changes: ProfileChanges) -> list[str]:
    return [other for kind, _, other in _events(changes) if kind == "merged"]


def test_the_key_of_a_record_is_split_into_system_type_and_id():
    row = _assign({"in_store:receipt:X:17": 1}).assignments.to_pylist()[0]

    assert (row["source_system"], row["source_record_type"], row["source_record_id"]) == ("in_store", "receipt", "X:17")


def test_a_record_in_two_clusters_is_refused():
    twice = pa.concat_tables([_clusters({"a": 1}), _clusters({"a": 2})])

    with pytest.raises(IdentityError, match="found 2 rows with 1 distinct"):
        assign_profile_ids(twice, None, now=MONDAY, run_id="run")


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(4))
@given(st.lists(PARTITIONS, min_size=2, max_size=4), st.randoms())
def test_any_history_keeps_the_rules(history, random):
    changes: ProfileChanges | None = None
    numbers = count(1)
    for labels in history:
        rows = _clusters(labels)
        shuffled = rows.take(pa.array(random.sample(range(len(labels)), len(labels)), pa.int64()))
        changes = assign_profile_ids(
            shuffled,
            changes.assignments if changes else None,
            now=MONDAY,
            run_id="run",
            previous_redirects=changes.redirects if changes else None,
            new_id=lambda: f"p{next(numbers):04}",
        )
        profiles = _profiles(changes)
        assert profiles.keys() == labels.keys()
        # an id goes to one cluster at most, and a cluster has one id
        pairs = {(labels[key], profile) for key, profile in profiles.items()}
        assert len(pairs) == len({cluster for cluster, _ in pairs}) == len({profile for _, profile in pairs})
        living = set(profiles.values())
        for redirect in changes.redirects.to_pylist():
            assert redirect["old_profile_id"] not in living
            assert redirect["profile_id"] in living or redirect["profile_id"] is None
        named_ids = {profile for _, *named in _events(changes) for profile in named if profile}
        assert {r["old_profile_id"] for r in changes.redirects.to_pylist()} >= named_ids - living
        assert changes.events.schema == OUTPUT_SCHEMAS["profile_events"]


def test_made_ids_grow_within_a_moment_and_with_time():
    monday, tuesday = time_ordered_ids(MONDAY), time_ordered_ids(TUESDAY)

    made = [monday() for _ in range(200)] + [tuesday() for _ in range(200)]

    assert made == sorted(set(made))
    assert {made_id[14] for made_id in made} == {"7"}
