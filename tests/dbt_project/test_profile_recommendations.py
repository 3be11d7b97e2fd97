"""Recommendations: the products most similar to those that a customer has, best first, without those products."""

import importlib.util
from types import ModuleType

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_orchestration.home.settings import PROJECT_ROOT

MODEL = PROJECT_ROOT / "dbt_project" / "models" / "journeys" / "int_profile_recommendations.py"
PRODUCTS = ("cup", "kettle", "pot", "tea", "tray")

Bought = set[tuple[str, str]]
Similar = dict[tuple[str, str], int]


@pytest.fixture(scope="module")
def model() -> ModuleType:
    spec = importlib.util.spec_from_file_location("int_profile_recommendations", MODEL)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def recommended(model: ModuleType, bought: Bought, similar: Similar) -> dict[str, list[str]]:
    """Return the products that the model recommends to each profile with a row."""
    has = pa.table([*map(list, zip(*sorted(bought), strict=True))] or [[], []], schema=_texts("profile_id", "sku"))
    pairs = [(sku, other, weight) for (sku, other), weight in similar.items()]
    neighbours = pa.table(
        [*map(list, zip(*pairs, strict=True))] or [[], [], []],
        schema=_texts("sku", "other_sku").append(pa.field("millionths", pa.int64())),
    )
    rows = model.recommendations(has, neighbours).to_pylist()
    return {row["profile_id"]: row["recommended_products"] for row in rows}


def _texts(*names: str) -> pa.Schema:
    return pa.schema([(name, pa.string()) for name in names])


def _by_loop(bought: Bought, similar: Similar) -> dict[str, list[str]]:
    expected = {}
    for profile in {profile for profile, _ in bought}:
        own = {sku for buyer, sku in bought if buyer == profile}
        scores = {
            other: sum(weight for (sku, to), weight in similar.items() if sku in own and to == other)
            for other in {to for sku, to in similar if sku in own} - own
        }
        best = sorted(((score, sku) for sku, score in scores.items()), reverse=True)[:3]
        if best:
            expected[profile] = [sku for _, sku in best]
    return expected


def test_a_product_similar_to_several_goes_before_one_very_similar_to_one(model: ModuleType) -> None:
    similar = {("kettle", "tea"): 400_000, ("cup", "tea"): 400_000, ("cup", "tray"): 700_000}
    bought = {("ann", "kettle"), ("ann", "cup"), ("ben", "tea"), ("ben", "tray")}
    assert recommended(model, bought, similar) == {"ann": ["tea", "tray"]}


def test_a_product_that_the_customer_has_is_never_recommended(model: ModuleType) -> None:
    bought = {("ann", "kettle"), ("ann", "tea"), ("ben", "kettle")}
    assert recommended(model, bought, {("kettle", "tea"): 900_000}) == {"ben": ["tea"]}


def test_without_purchases_there_are_no_recommendations(model: ModuleType) -> None:
    assert recommended(model, set(), {}) == {}


@given(
    bought=st.sets(st.tuples(st.sampled_from("abcd"), st.sampled_from(PRODUCTS)), min_size=1),
    similar=st.dictionaries(
        st.tuples(st.sampled_from(PRODUCTS), st.sampled_from(PRODUCTS)).filter(lambda pair: pair[0] != pair[1]),
        st.integers(1, 3),
    ),
)
def test_the_matrices_give_what_a_loop_over_profiles_gives(model: ModuleType, bought: Bought, similar: Similar) -> None:
    sold = {sku for _, sku in bought}
    known = {pair: weight for pair, weight in similar.items() if sold.issuperset(pair)}
    assert recommended(model, bought, known) == _by_loop(bought, known)
