"""Graphs: nodes numbered from zero, edges as two arrays."""

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]


def connected_components(count: int, left: npt.ArrayLike, right: npt.ArrayLike) -> Labels:
    """For each node 0..count-1 the smallest node of its component; edges are left[i] - right[i]."""
    labels = np.arange(count, dtype=np.int64)
    left, right = np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)
    while True:
        left_labels, right_labels = labels[left], labels[right]
        if np.array_equal(left_labels, right_labels):
            return labels
        lower, higher = np.minimum(left_labels, right_labels), np.maximum(left_labels, right_labels)
        # hooking the higher root on the lower one, then jumping to the root, halves the depth each time
        np.minimum.at(labels, higher, lower)
        while not np.array_equal(labels, labels[labels]):
            labels = labels[labels]
