"""The purchase model: it recovers the parameters of invented buyers, and its predictions follow a buyer's history."""

import importlib.util
import sys
from datetime import date
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from cdp_orchestration.home.settings import PROJECT_ROOT

MODELS = PROJECT_ROOT / "dbt_project" / "models" / "journeys"
WEEKS = 104.0


@pytest.fixture(scope="module")
def model() -> ModuleType:
    spec = importlib.util.spec_from_file_location("int_purchase_predictions", MODELS / "int_purchase_predictions.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def life(random: np.random.Generator, until: float) -> list[float]:
    """Draw the weeks of one buyer's purchases after the first, with r 0.8, alpha 8, a 0.7 and b 2.5."""
    rate, chance = random.gamma(0.8, 1 / 8), random.beta(0.7, 2.5)
    at, weeks = 0.0, []
    while random.random() > chance and (at := at + random.exponential(1 / rate)) < until:
        weeks.append(at)
    return weeks


@pytest.fixture(scope="module")
def lives() -> list[list[float]]:
    random = np.random.default_rng(5)
    return [life(random, WEEKS + 13) for _ in range(4_000)]


def seen(model: ModuleType, lives: list[list[float]]) -> Any:
    until_now = [[week for week in weeks if week < WEEKS] for weeks in lives]
    return model.Buyers(
        np.array([float(len(weeks)) for weeks in until_now]),
        np.array([max(weeks, default=0.0) for weeks in until_now]),
        np.full(len(lives), WEEKS),
    )


def test_the_coming_weeks_bring_as_many_orders_as_predicted(model: ModuleType, lives: list[list[float]]) -> None:
    buyers = seen(model, lives)
    parameters = model.fit(buyers)
    came = sum(week >= WEEKS for weeks in lives for week in weeks)
    assert model.expected_orders(parameters, buyers, 13.0).sum() == pytest.approx(came, rel=0.08)
    assert parameters.r == pytest.approx(0.8, rel=0.25)
    assert parameters.a / (parameters.a + parameters.b) == pytest.approx(0.7 / 3.2, rel=0.25)


def test_half_of_the_buyers_order_by_their_predicted_day(model: ModuleType, lives: list[list[float]]) -> None:
    buyers = seen(model, lives)
    wait = model.median_wait(model.fit(buyers), buyers)
    due = [
        any(WEEKS <= week <= WEEKS + weeks_left for week in weeks)
        for weeks, weeks_left in zip(lives, wait, strict=True)
        if weeks_left <= 13
    ]
    assert len(due) > 300
    assert np.mean(due) == pytest.approx(0.5, abs=0.06)


def test_a_silence_that_is_long_for_the_buyer_s_own_pace_means_a_higher_risk(model: ModuleType) -> None:
    parameters = model.Parameters(0.8, 8.0, 0.7, 2.5)
    weekly_then_silent = model.Buyers(np.array([20.0]), np.array([20.0]), np.array([60.0]))
    weekly_and_active = model.Buyers(np.array([20.0]), np.array([20.0]), np.array([21.0]))
    yearly = model.Buyers(np.array([1.0]), np.array([52.0]), np.array([92.0]))
    silent, active, slow = (
        model.alive_probability(parameters, each)[0] for each in (weekly_then_silent, weekly_and_active, yearly)
    )
    assert silent < slow < active
    assert np.isnan(model.median_wait(parameters, weekly_then_silent)[0])


def test_too_few_buyers_give_no_predictions(model: ModuleType) -> None:
    few = model.Buyers(np.ones(99), np.ones(99), np.full(99, 2.0))
    once = model.Buyers(np.zeros(500), np.zeros(500), np.full(500, 9.0))
    assert model.fit(few) is None
    assert model.fit(once) is None
    assert model.predictions(["p"] * 500, date(2026, 1, 1), once).num_rows == 0


def test_predictions_do_not_depend_on_the_order_of_the_buyers(model: ModuleType, lives: list[list[float]]) -> None:
    some = lives[:500]
    names = [str(number) for number in range(500)]
    rows = model.predictions(names, date(2026, 1, 1), seen(model, some)).to_pylist()
    backwards = model.predictions(names[::-1], date(2026, 1, 1), seen(model, some[::-1])).to_pylist()
    assert rows == backwards[::-1]
    assert all(
        row["predicted_next_order_on"] is None or row["predicted_next_order_on"] > date(2026, 1, 1) for row in rows
    )
