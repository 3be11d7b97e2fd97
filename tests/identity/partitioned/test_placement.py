"""Every neighbourhood is whole in one bucket."""

from typing import Any

import numpy as np

from identity.partitioned import placement
from identity.partitioned.placement import Placement, place_units

SURE = float("inf")


def _place(*ties: tuple[int, int, float], buckets: int, units_per_bucket: int) -> Placement:
    one, other, weights = zip(*ties, strict=True) if ties else ((), (), ())
    arrays = (np.array(one, np.int64), np.array(other, np.int64), np.array(weights, np.float64))
    return place_units(arrays, buckets, units_per_bucket, (0.0, 1.0))


def _of(found: Placement, component: int) -> list[dict[str, Any]]:
    return [row for row in found.units.to_pylist() if row["component"] == component]


def test_units_that_ties_connect_are_in_one_bucket():
    found = _place((-7, 5, 1), (5, 11, 1), (20, 31, 1), buckets=3, units_per_bucket=100)
    assert {row["unit_key"] for row in _of(found, -7)} == {-7, 5, 11}
    assert {row["unit_key"] for row in _of(found, 20)} == {20, 31}
    for component in (-7, 20):
        (bucket,) = {row["bucket"] for row in _of(found, component)}
        assert bucket in range(3)


def test_a_component_that_would_fill_a_bucket_has_one_of_its_own():
    found = _place((1, 2, 1), (2, 3, 1), (3, 4, 1), (10, 11, 1), buckets=2, units_per_bucket=8)
    assert (found.counts["largest_component"], found.counts["large_components"]) == (4, 1)
    assert {row["bucket"] for row in _of(found, 1)} == {2}
    assert {row["bucket"] for row in _of(found, 10)} == {0}


def test_a_component_that_no_bucket_holds_is_decided_without_its_weakest_ties(monkeypatch):
    monkeypatch.setattr(placement, "_ALWAYS_WHOLE", 1)
    ties = [(1, 2, 5.0), (2, 3, -1.0), (3, 4, 5.0), (4, 5, SURE), (20, 21, -1.0)]
    found = _place(*ties, buckets=2, units_per_bucket=3)
    assert {row["unit_key"] for row in _of(found, 1)} == {1, 2}
    assert {row["unit_key"] for row in _of(found, 3)} == {3, 4, 5}
    # one that fits keeps them
    assert {row["unit_key"] for row in _of(found, 20)} == {20, 21}
    assert (found.counts["components_over_partition"], found.counts["ties_left_out"]) == (1, 1)


def test_what_must_be_decided_together_stays_together_however_large(monkeypatch):
    monkeypatch.setattr(placement, "_ALWAYS_WHOLE", 1)
    found = _place((1, 2, SURE), (2, 3, SURE), (3, 4, SURE), buckets=2, units_per_bucket=2)
    assert len(_of(found, 1)) == 4
    assert (found.counts["components_over_partition"], found.counts["ties_left_out"]) == (1, 0)


def test_no_ties_are_no_components():
    found = _place(buckets=2, units_per_bucket=8)
    assert (found.units.num_rows, found.counts["largest_component"]) == (0, 1)
