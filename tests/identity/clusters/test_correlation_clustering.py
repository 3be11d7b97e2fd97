import itertools
import math

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.clusters.correlation_clustering import divide
from identity.graph import connected_components

EDGES = st.lists(st.tuples(st.integers(0, 24), st.integers(0, 24)).filter(lambda edge: edge[0] != edge[1]), max_size=40)
PAIRS = st.dictionaries(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]),
    st.integers(-80, 30).map(lambda tenths: tenths / 10),
    max_size=45,
)


@settings(deadline=None)
@given(EDGES)
def test_components_are_those_of_networkx_each_named_by_its_smallest_node(edges):
    graph = nx.Graph(edges)
    graph.add_nodes_from(range(25))

    labels = connected_components(25, [left for left, _ in edges], [right for _, right in edges])

    for component in nx.connected_components(graph):
        assert {labels[node] for node in component} == {min(component)}


@settings(deadline=None)
@given(PAIRS)
def test_division_is_a_partition_each_cluster_named_by_its_smallest_node(weights):
    labels = divide(range(10), weights).clusters

    assert sorted(labels) == list(range(10))
    for cluster in set(labels.values()):
        assert cluster == min(node for node, label in labels.items() if label == cluster)


@settings(deadline=None)
@given(PAIRS, st.randoms())
def test_division_does_not_depend_on_the_order_of_nodes_or_pairs(weights, random):
    shuffled = list(weights.items())
    random.shuffle(shuffled)

    assert divide(reversed(range(10)), dict(shuffled)).clusters == divide(range(10), weights).clusters


@settings(deadline=None)
@given(PAIRS)
def test_no_two_clusters_are_left_that_belong_together(weights):
    labels = divide(range(10), weights).clusters

    for one, other in itertools.combinations(set(labels.values()), 2):
        between = sum(weight for pair, weight in weights.items() if {labels[pair[0]], labels[pair[1]]} == {one, other})
        assert between <= 1e-6


@pytest.mark.parametrize(
    ("weights", "clusters"),
    [
        pytest.param({(1, 2): 5, (2, 3): 4}, {1: 1, 2: 1, 3: 1}, id="a chain without conflict holds"),
        pytest.param({(1, 2): 3, (2, 3): 2, (1, 3): -6}, {1: 1, 2: 1, 3: 3}, id="a conflict cuts the weakest link"),
        pytest.param({(1, 2): 5, (2, 3): 4, (1, 3): -2}, {1: 1, 2: 1, 3: 1}, id="a small doubt is outweighed"),
        pytest.param(
            {(1, 2): 9, (3, 4): 9, (2, 3): 6, (1, 3): -3, (1, 4): -3, (2, 4): -3},
            {1: 1, 2: 1, 3: 3, 4: 3},
            id="one false link does not join two people",
        ),
        pytest.param({(1, 2): 900, (2, 3): 900, (1, 3): -4}, {1: 1, 2: 1, 3: 3}, id="no certainty outvotes a conflict"),
    ],
)
def test_division_weighs_all_evidence_of_the_component(weights, clusters):
    assert divide(clusters, weights).clusters == clusters


def test_clusters_that_a_limit_keeps_apart_say_which():
    found = divide(
        [0, 1, 2], {(0, 1): 2.0, (1, 2): 1.0}, broken_limit=lambda group: "full" if len([*group]) > 2 else None
    )
    assert found.clusters == {0: 0, 1: 0, 2: 2}
    assert found.kept_apart == {(0, 2): "full"}


def test_a_pair_that_cannot_be_one_is_never_joined():
    found = divide([0, 1, 2], {(0, 1): -math.inf, (0, 2): 2.0, (1, 2): 3.0})
    assert found.clusters == {0: 0, 1: 1, 2: 1}
