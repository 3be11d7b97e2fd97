"""Where each unit is decided: whole neighbourhoods in one bucket, found with numpy from the pairs that tie units."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from identity.graph import Labels, connected_components

# Random buckets are filled evenly as long as no component is a large part of one
_LARGE_SHARE = 4
# So many units fit in any memory
_ALWAYS_WHOLE = 1_000

Weights = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Placement:
    """The buckets of the tied units; a unit without a tie is a component of its own, in the bucket of its key.

    Attributes:
        units: one row per tied unit: (unit_key, component, bucket); a component is named by its smallest key.
        counts: largest_component: its units; large_components: those with a bucket of their own;
            components_over_partition: those that no partition holds, so that weak ties of theirs were left out;
            ties_left_out: the number of these.
    """

    units: pa.Table
    counts: dict[str, int]


def place_units(
    ties: tuple[Labels, Labels, Weights], buckets: int, units_per_bucket: int, thresholds: tuple[float, ...]
) -> Placement:
    """Find the components of the ties, and a bucket for each.

    A component that is a large part of a bucket gets one of its own, behind the numbered ones: then its task holds
    nothing else, and DuckDB spills what does not fit. A component of more units than a bucket holds is decided without
    its weakest ties, in parts.

    Args:
        ties: one unit of each tie, by its key, the other one, and the weight of the pair; infinite where the two must
            be decided together.
        buckets: the number of buckets for the small components.
        units_per_bucket: how many units a bucket is meant to hold.
        thresholds: the weights below which ties of a component that is too large are left out, one after another.

    Returns:
        The placement.
    """
    one, other, weights = ties
    keys, numbers = np.unique(np.concatenate([one, other]), return_inverse=True)
    left, right = numbers[: len(one)], numbers[len(one) :]
    most = max(units_per_bucket, _ALWAYS_WHOLE)
    sizes = np.bincount(connected_components(len(keys), left, right), minlength=len(keys))
    kept = _kept_ties(len(keys), (left, right, weights), most, thresholds)
    labels = connected_components(len(keys), left[kept], right[kept])
    bucket_of, large = _buckets(keys, np.bincount(labels, minlength=len(keys)), buckets, units_per_bucket)
    counts = {
        "largest_component": int(sizes.max(initial=1)),
        "large_components": large,
        "components_over_partition": int((sizes > most).sum()),
        "ties_left_out": int((~kept).sum()),
    }
    columns = {"unit_key": keys, "component": keys[labels], "bucket": bucket_of[labels]}
    return Placement(pa.table(columns), counts)


def _kept_ties(
    count: int, ties: tuple[Labels, Labels, Weights], most: int, thresholds: tuple[float, ...]
) -> npt.NDArray[np.bool_]:
    """Which ties are kept: all but those that make components of more units than a limit, the weakest first."""
    left, right, weights = ties
    kept = np.ones(len(left), dtype=np.bool_)
    for threshold in thresholds:
        labels = connected_components(count, left[kept], right[kept])
        is_over = np.bincount(labels, minlength=count)[labels] > most
        if not is_over.any():
            break
        kept &= ~(is_over[left] & (weights < threshold))
    return kept


def _buckets(keys: Labels, sizes: Labels, buckets: int, units_per_bucket: int) -> tuple[npt.NDArray[np.int32], int]:
    """The bucket of each component by the number of its first unit, and how many have one of their own."""
    bucket_of = np.abs(keys % buckets).astype(np.int32)
    large = np.flatnonzero(sizes > max(units_per_bucket // _LARGE_SHARE, 1))
    bucket_of[large] = buckets + np.arange(len(large), dtype=np.int32)
    return bucket_of, len(large)
