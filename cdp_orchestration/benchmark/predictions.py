"""Backtest of the predictions: the metrics as of some weeks ago are compared with the orders since.

The dbt models are built again as of that day, so that the published predictions themselves are measured.
"""

from datetime import datetime, timedelta

import duckdb

from cdp_orchestration.dbt.runs import run_models
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse

HELD_OUT_DAYS = 90  # the horizon of predicted_order_count
Figures = list[tuple[str, float | None]]

_LATER_ORDERS = """
    create temp table later_orders as
    select profile_id, touchpoint_id, occurred_on
    from published.touchpoints
    where is_order and profile_id is not null and occurred_at > ?
"""

_FORECAST = """
    create temp table forecast as
    select
        metrics.profile_id, metrics.predicted_order_count, metrics.churn_risk_score, metrics.predicted_next_order_on,
        orders.purchase_day_count - 1 as repeats,
        datediff('day', orders.first_order_at, orders.as_of_at) as known_days,
        coalesce(later.came_count, 0) as came_count, later.came_on
    from journeys.profile_metrics as metrics
    inner join journeys.int_profile_orders as orders on metrics.profile_id = orders.profile_id
    left join (
        select profile_id, count(distinct occurred_on) as came_count, min(occurred_on) as came_on
        from later_orders group by profile_id
    ) as later on metrics.profile_id = later.profile_id
    where metrics.predicted_order_count is not null
"""

_FORECAST_FIGURES = """
    select
        sum(came_count), sum(predicted_order_count),
        sqrt(avg((predicted_order_count - came_count) ** 2)),
        sqrt(avg((repeats * 1.0 * ? / greatest(known_days, ?) - came_count) ** 2)),
        avg(coalesce(predicted_next_order_on >= came_on, false)::integer) filter (where predicted_next_order_on <= ?)
    from forecast
"""

# Of all pairs of one who came back and one who did not, those where the first had the lower risk; ties count half.
_RANKING = """
    with ranked as (
        select
            came_count > 0 as has_come,
            rank() over (order by churn_risk_score desc)
            + (count(*) over (partition by churn_risk_score) - 1) / 2 as place
        from forecast
    )
    select
        (sum(place) filter (where has_come) - came * (came + 1) / 2) / nullif(came * (count(*) - came), 0)
    from ranked cross join (select count(*) filter (where has_come) as came from ranked) as counted
    group by came
"""

_HITS = """
    with products as (
        select distinct touchpoints.profile_id, items.sku, touchpoints.occurred_at > $as_of as is_later
        from staging.purchase_items as items
        inner join published.touchpoints as touchpoints on items.interaction_id = touchpoints.touchpoint_id
        where touchpoints.is_order and touchpoints.profile_id is not null and items.sku is not null
    ),
    former as (select profile_id, sku from products where not is_later),
    later as (
        select profile_id, list(sku) as skus from products
        anti join former using (profile_id, sku) where is_later group by profile_id
    ),
    popular as (select sku, count(*) as buyers from former group by sku order by buyers desc, sku limit 60),
    popular_and_new as (
        select later.profile_id, max({'buyers': popular.buyers, 'sku': popular.sku}, 3) as best
        from later cross join popular anti join former
            on later.profile_id = former.profile_id and popular.sku = former.sku
        group by later.profile_id
    )
    select
        count(*),
        avg(list_has_any(later.skus, metrics.recommended_products)::integer),
        avg(list_has_any(later.skus, list_transform(popular_and_new.best, lambda b: b['sku']))::integer)
    from later
    inner join journeys.profile_metrics as metrics on later.profile_id = metrics.profile_id
    inner join popular_and_new on later.profile_id = popular_and_new.profile_id
    where len(metrics.recommended_products) > 0
"""


def backtest(settings: Settings) -> Figures:
    """Compare predictions of HELD_OUT_DAYS ago with what happened since.

    The metrics are built again as of that day, and the journeys tables of the warehouse stay as of that day: only for
    homes that are not used afterwards.

    Args:
        settings: the home.

    Returns:
        Figures by name; None where there is nothing to measure.
    """
    with open_warehouse(settings.warehouse) as connection:
        newest = connection.execute("select max(as_of_at) from journeys.profile_metrics").fetchall()[0][0]
        connection.execute("create schema if not exists published")
        connection.execute("create or replace table published.touchpoints as from journeys.touchpoints")
    as_of = newest - timedelta(days=HELD_OUT_DAYS)
    chosen = ["+profile_metrics,path:models/journeys"]
    run_models(settings.home, chosen, {"as_of": f"{as_of:%Y-%m-%d %H:%M:%S.%f}"}, full_refresh=True)
    with open_warehouse(settings.warehouse) as connection:
        connection.execute(_LATER_ORDERS, [as_of])
        connection.execute(_FORECAST)
        return [*_forecast_figures(connection, newest), *_recommendation_figures(connection, as_of)]


def _forecast_figures(connection: duckdb.DuckDBPyConnection, newest: datetime) -> Figures:
    came, predicted, error, rate_error, ordered = connection.execute(
        _FORECAST_FIGURES, [HELD_OUT_DAYS, HELD_OUT_DAYS, newest.date()]
    ).fetchall()[0]
    ranking = connection.execute(_RANKING).fetchall()
    return [
        (f"orders that came in the last {HELD_OUT_DAYS} days, buyers of before", came),
        ("orders that were predicted", predicted),
        ("root mean squared error a buyer", error),
        ("the same, if every buyer kept the former rate of orders", rate_error),
        ("buyers who came back had the lower churn risk (AUC)", ranking[0][0] if ranking else None),
        ("ordered by the predicted day (right: 0.5)", ordered),
    ]


def _recommendation_figures(connection: duckdb.DuckDBPyConnection, as_of: datetime) -> Figures:
    profiles, hits, popular_hits = connection.execute(_HITS, {"as_of": as_of}).fetchall()[0]
    return [
        ("profiles that later bought a product new to them", profiles),
        ("one of three recommended products was among them", hits),
        ("one of the three most popular products was among them", popular_hits),
    ]
