"""One row per buyer with a name and cut-off: what the MBG/NBD model forecast from the orders up to then, and what came.

Batislam, Denizel and Filiztekin, "Empirical validation and comparison of models for customer base analysis",
International Journal of Research in Marketing 24 (2007). Each customer has a purchase rate (gamma over customers, shape
r, scale alpha) and leaves after each purchase, the first included, with a probability (beta over customers, a and b).
Only the number of purchase days, the last one and the time since the first are needed; times are in weeks.

The probability that no order comes in the next 90 days is calibrated on two earlier cut-offs whose 90 days had passed:
the newest one, and the same season a year before (Platt, "Probabilistic outputs for support vector machines", 1999).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.optimize import minimize
from scipy.special import betaln, expit, gammaln, hyp2f1, logit
from threadpoolctl import threadpool_limits

Numbers = np.ndarray[Any, np.dtype[np.float64]]

HORIZON_DAYS = 90
YEAR_DAYS = 364  # whole weeks, so that weekdays agree
BACKTESTS = 3  # cut-offs of the past, each a horizon before the next
MAX_WAIT_WEEKS = 104.0  # a date further away than this is no prediction
MIN_BUYERS = 100  # fewer are not enough to estimate four parameters
MIN_OUTCOMES = 20  # so many must have ordered, and as many not, to calibrate
MAX_FITTED_BUYERS = 10_000  # more do not change the parameters, and cost seconds
SCHEMA = pa.schema(
    [
        ("cutoff_on", pa.date32()),
        ("profile_id", pa.string()),
        ("churn_risk_score", pa.float64()),
        ("predicted_order_count", pa.float64()),
        ("predicted_next_order_on", pa.date32()),
        ("no_order_probability", pa.float64()),
        ("is_calibrated", pa.bool_()),
        ("recency_days", pa.int64()),
        ("purchase_day_count", pa.int64()),
        ("has_ordered_since", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class Buyers:
    """Three numbers per buyer: repeat purchase days, weeks from the first to the last, weeks from the first to now."""

    repeats: Numbers
    active_weeks: Numbers
    known_weeks: Numbers

    def fitted_part(self) -> "Buyers":
        """Return an even sample, in an order that depends only on the numbers."""
        order = np.lexsort((self.known_weeks, self.active_weeks, self.repeats))
        chosen = order[:: max(1, -(-len(order) // MAX_FITTED_BUYERS))]
        return Buyers(self.repeats[chosen], self.active_weeks[chosen], self.known_weeks[chosen])


@dataclass(frozen=True)
class Parameters:
    """The distributions over all customers: of purchase rates (r, alpha) and of the probability to leave (a, b)."""

    r: float
    alpha: float
    a: float
    b: float


def log_likelihood(parameters: Parameters, buyers: Buyers) -> float:
    """Return the log-likelihood of all buyers: equation 8 of the paper, in logarithms."""
    r, alpha, a, b = parameters.r, parameters.alpha, parameters.a, parameters.b
    x = buyers.repeats
    purchases = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    stays = betaln(a, b + x + 1) - betaln(a, b) - (r + x) * np.log(alpha + buyers.known_weeks)
    left = np.log(a) - np.log(b + x)
    left = left + (r + x) * (np.log(alpha + buyers.known_weeks) - np.log(alpha + buyers.active_weeks))
    return float(np.sum(purchases + stays + np.logaddexp(left, 0.0)))


def fit(buyers: Buyers) -> Parameters | None:
    """Return the maximum-likelihood parameters, or None with too few buyers or no repeat purchase."""
    if len(buyers.repeats) < MIN_BUYERS or not buyers.repeats.any():
        return None
    part = buyers.fitted_part()

    def loss(logarithms: Numbers) -> float:
        return -log_likelihood(Parameters(*np.exp(logarithms)), part) / len(part.repeats)

    found = minimize(loss, np.log([0.5, 10.0, 0.5, 2.0]), method="L-BFGS-B", bounds=[(-6.0, 8.0)] * 4)
    return Parameters(*(float(value) for value in np.exp(found.x)))


def alive_probability(parameters: Parameters, buyers: Buyers) -> Numbers:
    """Return the probability that each buyer has not left."""
    r, alpha, a, b = parameters.r, parameters.alpha, parameters.a, parameters.b
    x = buyers.repeats
    odds = np.log(a) - np.log(b + x)
    odds = odds + (r + x) * (np.log(alpha + buyers.known_weeks) - np.log(alpha + buyers.active_weeks))
    alive: Numbers = 1 / (1 + np.exp(np.minimum(odds, 700.0)))
    return alive


def expected_orders(parameters: Parameters, buyers: Buyers, weeks: float) -> Numbers:
    """Return the expected purchase days of each buyer in the coming weeks."""
    r, alpha, b = parameters.r, parameters.alpha, parameters.b
    a = parameters.a if abs(parameters.a - 1) > 1e-6 else 1 + 1e-5  # the term is singular at one
    x, span = buyers.repeats, alpha + buyers.known_weeks
    # Euler's transformation keeps the hypergeometric term small for buyers with hundreds of orders.
    silent = (span / (span + weeks)) ** (a - 1) * hyp2f1(a + b - r, a - 1, a + b + x, weeks / (span + weeks))
    expected: Numbers = (a + b + x) / (a - 1) * (1 - silent) * alive_probability(parameters, buyers)
    return expected


def median_wait(parameters: Parameters, buyers: Buyers) -> Numbers:
    """Return the weeks until the next order has come with probability one half, churn included; nan for never."""
    alive = alive_probability(parameters, buyers)
    silent = np.where(alive > 0.5, 1 - 0.5 / np.maximum(alive, 0.5), np.nan)
    span = parameters.alpha + buyers.known_weeks
    with np.errstate(over="ignore", divide="ignore"):
        weeks: Numbers = span * (silent ** (-1 / (parameters.r + buyers.repeats)) - 1)
    return np.where(weeks <= MAX_WAIT_WEEKS, weeks, np.nan)


def no_order_probability(parameters: Parameters, buyers: Buyers, weeks: float) -> Numbers:
    """Return the probability that no order of a buyer comes in the coming weeks, whether or not the buyer has left."""
    span = parameters.alpha + buyers.known_weeks
    silent: Numbers = (span / (span + weeks)) ** (parameters.r + buyers.repeats)
    return 1 - alive_probability(parameters, buyers) * (1 - silent)


class Orders:
    """All purchase days, and what was known of each buyer at any day.

    Args:
        profiles: the number of each order's buyer, from 0.
        days: the day of each order, in days since the epoch; sorted by buyer and day, each day once.
    """

    def __init__(self, profiles: Numbers, days: Numbers) -> None:
        self.profiles = profiles.astype(np.int64)
        self.days = days.astype(np.int64)
        self._raw: dict[int, tuple[Numbers, Buyers, Parameters | None]] = {}

    def known_at(self, cutoff: int) -> tuple[Numbers, Buyers, Parameters | None]:
        """Return the numbers of the buyers up to a day, what was known of them, and the model that fits it."""
        if cutoff not in self._raw:
            known = self.days <= cutoff
            numbers, firsts, counts = np.unique(self.profiles[known], return_index=True, return_counts=True)
            days = self.days[known]
            first, last = days[firsts], days[firsts + counts - 1]
            buyers = Buyers(counts - 1.0, (last - first) / 7.0, (cutoff - first) / 7.0)
            self._raw[cutoff] = (numbers, buyers, fit(buyers))
        return self._raw[cutoff]

    def came_after(self, cutoff: int, numbers: Numbers) -> Any:
        """Return whether each buyer ordered in the horizon after a day."""
        since = self.profiles[(self.days > cutoff) & (self.days <= cutoff + HORIZON_DAYS)]
        return np.isin(numbers, since)

    def log_odds_at(self, cutoff: int) -> Numbers | None:
        """Return the log-odds of no order in the horizon after a day; None without a model."""
        _, buyers, parameters = self.known_at(cutoff)
        if parameters is None:
            return None
        chance = no_order_probability(parameters, buyers, HORIZON_DAYS / 7)
        odds: Numbers = logit(np.clip(chance, 1e-6, 1 - 1e-6))
        return odds

    def calibration_at(self, cutoff: int) -> Any | None:
        """Return the calibration from the cut-offs whose horizon had passed by a day; None with too few outcomes."""
        odds, silent, weights = [], [], []
        for earlier in (cutoff - HORIZON_DAYS, cutoff - YEAR_DAYS):
            raw = self.log_odds_at(earlier)
            if raw is not None:
                odds.append(raw)
                silent.append(~self.came_after(earlier, self.known_at(earlier)[0]))
                weights.append(np.full(len(raw), 1 / len(raw)))
        outcomes = np.concatenate(silent) if silent else np.zeros(0, dtype=bool)
        if min(outcomes.sum(), (~outcomes).sum()) < MIN_OUTCOMES:
            return None
        from sklearn.linear_model import LogisticRegression  # importing it takes seconds

        weight = np.concatenate(weights) * len(outcomes)
        return LogisticRegression(C=np.inf).fit(np.concatenate(odds)[:, None], outcomes, weight)


def forecasts(profile_ids: list[str], orders: Orders, cutoff: int, is_past: bool) -> pa.Table:
    """Return one row per buyer up to a day, none without a model; rounded, so that equal data give equal tables."""
    numbers, buyers, parameters = orders.known_at(cutoff)
    odds = orders.log_odds_at(cutoff)
    if parameters is None or odds is None:
        return SCHEMA.empty_table()
    calibration = orders.calibration_at(cutoff)
    chance = expit(odds) if calibration is None else calibration.predict_proba(odds[:, None])[:, 1]
    days = np.ceil(median_wait(parameters, buyers) * 7)
    dates = np.datetime64(cutoff, "D") + np.nan_to_num(days).astype("timedelta64[D]")
    came = orders.came_after(cutoff, numbers)
    return pa.table(
        [
            pa.array(np.full(len(numbers), np.datetime64(cutoff, "D")), pa.date32()),
            pa.array([profile_ids[number] for number in numbers], pa.string()),
            np.round(1 - alive_probability(parameters, buyers), 4),
            np.round(expected_orders(parameters, buyers, HORIZON_DAYS / 7), 4),
            pa.array(dates, pa.date32(), mask=np.isnan(days)),
            np.round(chance, 4),
            np.full(len(numbers), calibration is not None),
            pa.array(np.round((buyers.known_weeks - buyers.active_weeks) * 7).astype(np.int64)),
            pa.array((buyers.repeats + 1).astype(np.int64)),
            pa.array(came, pa.bool_(), mask=np.full(len(numbers), not is_past)),
        ],
        schema=SCHEMA,
    )


def model(dbt: Any, session: Any) -> pa.Table:
    """Forecast for every buyer with a name, now and at the cut-offs of the past that the forecasts are checked by."""
    dbt.config(materialized="table")
    (as_of_on,) = dbt.ref("as_of").select("as_of_on").fetchone()
    if as_of_on is None:
        return SCHEMA.empty_table()
    customers = dbt.ref("profiles").filter("not is_anonymous and not is_restricted").select("profile_id")
    rows = (
        dbt.ref("int_touchpoint_revenue")
        .filter("is_order")
        .join(customers, "profile_id")
        # a store may be a day ahead of the company
        .select(f"profile_id, least(occurred_on, date '{as_of_on}') as ordered_on")
        .distinct()
        .order("profile_id, ordered_on")
        .fetchnumpy()
    )
    if not len(rows["profile_id"]):
        return SCHEMA.empty_table()
    profile_ids, numbers = np.unique(rows["profile_id"].astype(str), return_inverse=True)
    orders = Orders(numbers, rows["ordered_on"].astype("datetime64[D]").astype(np.int64))
    today = int(np.datetime64(as_of_on, "D").astype(np.int64))
    cutoffs = [today - HORIZON_DAYS * number for number in range(BACKTESTS + 1)]
    names = profile_ids.tolist()
    # Of matrices of four columns, threads would spend more time on waiting for each other than on the numbers
    with threadpool_limits(1, "blas"):
        tables = [forecasts(names, orders, cutoff, is_past=cutoff < today) for cutoff in cutoffs]
    return pa.concat_tables(tables)
