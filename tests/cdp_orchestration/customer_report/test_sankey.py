"""The layout of the Sankey diagram: values add up, nothing overlaps."""

from itertools import pairwise

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from cdp_orchestration.customer_report.sankey import Flow, lay_out

SOURCES, TARGETS = ("a", "b", "c"), ("x", "y", "z", "other")
HEIGHT, GAP = 300.0, 10.0

flows = st.lists(
    st.builds(Flow, st.sampled_from(SOURCES), st.sampled_from(TARGETS[:3]), st.integers(0, 10_000)),
    max_size=9,
    unique_by=lambda flow: (flow.source, flow.target),
)


@settings(max_examples=examples(20), deadline=None)
@given(flows)
def test_ribbons_add_up_to_their_source_and_target(drawn: list[Flow]) -> None:
    layout = lay_out(drawn, SOURCES, TARGETS, height=HEIGHT, gap=GAP)
    for node in layout.sources:
        outgoing = [ribbon for ribbon in layout.ribbons if ribbon.flow.source == node.name]
        assert sum(ribbon.flow.value for ribbon in outgoing) == node.value
        assert sum(ribbon.thickness for ribbon in outgoing) == pytest.approx(node.height)
    for node in layout.targets:
        incoming = [ribbon for ribbon in layout.ribbons if ribbon.flow.target == node.name]
        assert sum(ribbon.flow.value for ribbon in incoming) == node.value
        assert sum(ribbon.thickness for ribbon in incoming) == pytest.approx(node.height)


@settings(max_examples=examples(20), deadline=None)
@given(flows)
def test_nodes_and_ribbons_of_a_column_never_overlap_and_stay_inside(drawn: list[Flow]) -> None:
    layout = lay_out(drawn, SOURCES, TARGETS, height=HEIGHT, gap=GAP)
    slack = 1e-6
    for column in (layout.sources, layout.targets):
        assert all(-slack <= node.top and node.top + node.height <= HEIGHT + slack for node in column)
        assert all(lower.top - upper.top - upper.height >= GAP - slack for upper, lower in pairwise(column))
    for edge in ("source_top", "target_top"):
        stacked = sorted(layout.ribbons, key=lambda ribbon: (getattr(ribbon, edge), ribbon.thickness))
        for upper, lower in pairwise(stacked):
            assert getattr(upper, edge) + upper.thickness <= getattr(lower, edge) + slack


def test_nodes_have_the_given_order() -> None:
    layout = lay_out([Flow("b", "y", 1), Flow("a", "x", 2)], SOURCES, TARGETS, height=HEIGHT, gap=GAP)
    assert [node.name for node in layout.sources] == ["a", "b"]
    assert [node.name for node in layout.targets] == ["x", "y"]
