import itertools

import pyarrow as pa
import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from identity import evaluate


def _tables(labels: list[tuple[int, int]]) -> tuple[pa.Table, pa.Table]:
    keys = [f"r{n}" for n in range(len(labels))]
    return (
        pa.table({"person_record_id": keys, "cluster_id": [str(cluster) for cluster, _ in labels]}),
        pa.table({"person_record_id": keys, "person_id": [str(person) for _, person in labels]}),
    )


@pytest.mark.slow
@settings(deadline=None, max_examples=examples(12))
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=25))
def test_every_figure_is_that_of_the_definition(labels):
    found = {(a, b) for a, b in itertools.combinations(range(len(labels)), 2) if labels[a][0] == labels[b][0]}
    true = {(a, b) for a, b in itertools.combinations(range(len(labels)), 2) if labels[a][1] == labels[b][1]}
    same_cluster = [{n for n, other in enumerate(labels) if other[0] == label[0]} for label in labels]
    same_person = [{n for n, other in enumerate(labels) if other[1] == label[1]} for label in labels]
    shared = [len(c & p) for c, p in zip(same_cluster, same_person, strict=True)]

    result = evaluate(*_tables(labels))

    assert result.pairwise_precision == pytest.approx(len(found & true) / len(found) if found else 1)
    assert result.pairwise_recall == pytest.approx(len(found & true) / len(true) if true else 1)
    assert result.b_cubed_precision == pytest.approx(
        sum(n / len(c) for n, c in zip(shared, same_cluster, strict=True)) / len(labels)
    )
    assert result.b_cubed_recall == pytest.approx(
        sum(n / len(p) for n, p in zip(shared, same_person, strict=True)) / len(labels)
    )


def test_f1_is_the_harmonic_mean():
    result = evaluate(*_tables([(1, 1), (1, 1), (1, 2), (2, 2)]))

    assert result.pairwise_precision == pytest.approx(1 / 3)
    assert result.pairwise_recall == pytest.approx(1 / 2)
    assert result.pairwise_f1 == pytest.approx(0.4)


def test_records_without_truth_are_left_out():
    clusters, truth = _tables([(1, 1), (1, 1), (1, 2)])

    result = evaluate(clusters, truth.slice(0, 2))

    assert (result.record_count, result.pairwise_precision) == (2, 1.0)
