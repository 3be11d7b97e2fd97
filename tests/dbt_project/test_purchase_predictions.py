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
    spec = importlib.util.spec_from_file_location("int_purchase_forecasts", MODELS / "int_purchase_forecasts.py")
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


def orders_of(model: ModuleType, lives: list[list[float]]) -> Any:
    """The purchase days of buyers who all bought first on day 0."""
    days = [sorted({0, *(int(week * 7) for week in weeks)}) for weeks in lives]
    return model.Orders(
        np.repeat(np.arange(len(lives)), [len(each) for each in days]), np.array([day for each in days for day in each])
    )


def test_too_few_buyers_give_no_forecasts(model: ModuleType) -> None:
    few = model.Buyers(np.ones(99), np.ones(99), np.full(99, 2.0))
    once = model.Buyers(np.zeros(500), np.zeros(500), np.full(500, 9.0))
    assert model.fit(few) is None
    assert model.fit(once) is None
    assert model.forecasts(["p"] * 500, orders_of(model, [[]] * 500), 63, is_past=False).num_rows == 0


def test_forecasts_use_no_order_after_their_day(model: ModuleType, lives: list[list[float]]) -> None:
    some = lives[:500]
    until_then = [[week for week in weeks if week * 7 < 400] for weeks in some]
    names = [f"{number:03}" for number in range(500)]
    columns = ["profile_id", "churn_risk_score", "no_order_probability", "predicted_next_order_on", "is_calibrated"]
    all_known, known = (
        model.forecasts(names, orders_of(model, each), 399, is_past=True).select(columns).to_pylist()
        for each in (some, until_then)
    )
    assert all_known == known
    assert all(
        row["predicted_next_order_on"] is None or row["predicted_next_order_on"] > date(1971, 2, 4) for row in known
    )


def test_of_those_who_are_said_to_stay_silent_so_many_do(model: ModuleType, lives: list[list[float]]) -> None:
    names = [str(number) for number in range(len(lives))]
    day = int(WEEKS * 7)
    rows = model.forecasts(names, orders_of(model, lives), day, is_past=True).to_pylist()
    chance = np.array([row["no_order_probability"] for row in rows])
    silent = np.array([not row["has_ordered_since"] for row in rows])
    assert all(row["is_calibrated"] for row in rows)
    for tenth in np.array_split(np.argsort(chance), 10):
        assert silent[tenth].mean() == pytest.approx(chance[tenth].mean(), abs=0.08)


def test_what_comes_is_unknown_today(model: ModuleType, lives: list[list[float]]) -> None:
    names = [str(number) for number in range(200)]
    today = model.forecasts(names, orders_of(model, lives[:200]), int(WEEKS * 7), is_past=False)
    assert set(today["has_ordered_since"].to_pylist()) == {None}
