"""One row per buyer: churn risk, orders to expect and the next order's date, by the MBG/NBD model.

Batislam, Denizel and Filiztekin, "Empirical validation and comparison of models for customer base analysis",
International Journal of Research in Marketing 24 (2007). Each customer has a purchase rate (gamma over customers, shape
r, scale alpha) and leaves after each purchase, the first included, with a probability (beta over customers, a and b).
Only the number of purchase days, the last one and the time since the first are needed; times are in weeks.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, hyp2f1

Numbers = np.ndarray[Any, np.dtype[np.float64]]

HORIZON_WEEKS = 90 / 7
MAX_WAIT_WEEKS = 104.0  # a date further away than this is no prediction
MIN_BUYERS = 100  # fewer are not enough to estimate four parameters
MAX_FITTED_BUYERS = 10_000  # more do not change the parameters, and cost seconds
SCHEMA = pa.schema(
    [
        ("profile_id", pa.string()),
        ("churn_risk_score", pa.float64()),
        ("predicted_order_count", pa.float64()),
        ("predicted_next_order_on", pa.date32()),
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


def predictions(profile_ids: list[str], as_of: Any, buyers: Buyers) -> pa.Table:
    """Return one row per buyer, none without a model; rounded, so that equal data give equal tables."""
    parameters = fit(buyers)
    if parameters is None:
        return SCHEMA.empty_table()
    days = np.ceil(median_wait(parameters, buyers) * 7)
    dates = np.datetime64(as_of, "D") + np.nan_to_num(days).astype("timedelta64[D]")
    return pa.table(
        [
            pa.array(profile_ids, pa.string()),
            np.round(1 - alive_probability(parameters, buyers), 4),
            np.round(expected_orders(parameters, buyers, HORIZON_WEEKS), 4),
            pa.array(dates, pa.date32(), mask=np.isnan(days)),
        ],
        schema=SCHEMA,
    )


def model(dbt: Any, session: Any) -> pa.Table:
    """Fit the model to all buyers and predict each buyer's future."""
    dbt.config(materialized="table")
    rows = (
        dbt.ref("int_profile_orders")
        .filter("is_buyer")
        .select(
            "profile_id, as_of_at, (purchase_day_count - 1)::double as repeats, "
            "datediff('day', first_order_at, last_order_at) / 7.0::double as active_weeks, "
            "datediff('day', first_order_at, as_of_at) / 7.0::double as known_weeks"
        )
        .order("profile_id")
        .fetchnumpy()
    )
    if not len(rows["profile_id"]):
        return SCHEMA.empty_table()
    buyers = Buyers(*(np.asarray(rows[name], dtype=np.float64) for name in ("repeats", "active_weeks", "known_weeks")))
    return predictions(rows["profile_id"].tolist(), rows["as_of_at"][0], buyers)
