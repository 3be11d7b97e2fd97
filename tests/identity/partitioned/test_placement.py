"""Every neighbourhood is whole in one bucket."""

import numpy as np

from identity.partitioned.placement import place_units


def _pairs(*ties: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    one, other = zip(*ties, strict=True)
    return np.array(one, dtype=np.int64), np.array(other, dtype=np.int64)


def test_units_that_ties_connect_are_in_one_bucket():
    found = place_units(*_pairs((-7, 5), (5, 11), (20, 31)), buckets=3, units_per_bucket=100).units.to_pylist()
    assert {row["unit_key"]: row["component"] for row in found} == {-7: -7, 5: -7, 11: -7, 20: 20, 31: 20}
    for component in (-7, 20):
        (bucket,) = {row["bucket"] for row in found if row["component"] == component}
        assert bucket in range(3)


def test_a_component_that_would_fill_a_bucket_has_one_of_its_own():
    found = place_units(*_pairs((1, 2), (2, 3), (3, 4), (10, 11)), buckets=2, units_per_bucket=8)
    assert (found.largest, found.large) == (4, 1)
    assert {row["bucket"] for row in found.units.to_pylist() if row["component"] == 1} == {2}
    assert {row["bucket"] for row in found.units.to_pylist() if row["component"] == 10} == {0}


def test_no_ties_are_no_components():
    nothing = np.array([], dtype=np.int64)
    found = place_units(nothing, nothing, buckets=2, units_per_bucket=8)
    assert (found.units.num_rows, found.largest, found.large) == (0, 1, 0)
