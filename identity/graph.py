"""Graphs: nodes numbered from zero, edges as two arrays."""

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.int64]


def connected_components(count: int, left: npt.ArrayLike, right: npt.ArrayLike) -> Labels:
    """The connected component of each node.

    Args:
        count: the number of nodes, which are 0 to count - 1.
        left: one end of each edge.
        right: the other end of each edge, in the same order.

    Returns:
        For each node the smallest node of its component.
    """
    labels = np.arange(count, dtype=np.int64)
    left, right = np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)
    while True:
        left_labels, right_labels = labels[left], labels[right]
        if np.array_equal(left_labels, right_labels):
            return labels
        lower, higher = np.minimum(left_labels, right_labels), np.maximum(left_labels, right_labels)
        # linking the higher root to the lower one, then jumping to the root, halves the depth each time
        np.minimum.at(labels, higher, lower)
        while not np.array_equal(labels, labels[labels]):
            labels = labels[labels]
