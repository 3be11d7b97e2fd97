"""Where each unit is decided: whole neighbourhoods in one bucket, found with numpy from the pairs that tie units."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from identity.graph import connected_components

# Random buckets are filled evenly as long as no component is a large part of one
_LARGE_SHARE = 4


@dataclass(frozen=True)
class Placement:
    """The buckets of the tied units; a unit without a tie is a component of its own, in the bucket of its key.

    Attributes:
        units: one row per tied unit: (unit_key, component, bucket); a component is named by its smallest key.
        largest: the number of units of the largest component.
        large: the number of components that have a bucket of their own.
    """

    units: pa.Table
    largest: int
    large: int


def place_units(
    one: npt.NDArray[np.int64], other: npt.NDArray[np.int64], buckets: int, units_per_bucket: int
) -> Placement:
    """Find the components of the ties, and a bucket for each.

    A component that is a large part of a bucket gets one of its own, behind the numbered ones: then its task holds
    nothing else, and DuckDB spills what does not fit.

    Args:
        one: a unit of each tie, by its key.
        other: the other unit of the tie.
        buckets: the number of buckets for the small components.
        units_per_bucket: how many units a bucket is meant to hold.

    Returns:
        The placement.
    """
    keys, numbers = np.unique(np.concatenate([one, other]), return_inverse=True)
    labels = connected_components(len(keys), numbers[: len(one)], numbers[len(one) :])
    sizes = np.bincount(labels, minlength=len(keys))
    bucket_of = np.abs(keys % buckets).astype(np.int32)
    large = np.flatnonzero(sizes > max(units_per_bucket // _LARGE_SHARE, 1))
    bucket_of[large] = buckets + np.arange(len(large), dtype=np.int32)
    columns = {"unit_key": keys, "component": keys[labels], "bucket": bucket_of[labels]}
    return Placement(pa.table(columns), int(sizes.max(initial=1)), len(large))
