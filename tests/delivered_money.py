"""Amounts computed from the deliveries by queries of their own, independent of every staging model."""

from pathlib import Path

import duckdb

from cdp_orchestration.home.settings import PROJECT_ROOT

_RATES = PROJECT_ROOT / "dbt_project" / "seeds" / "exchange_rates.csv"
_TABLES = """
    create temp table orders as
    select * from warehouse.landing.ecommerce_orders
    qualify row_number() over (partition by id order by updated_at desc, _source_file desc, _source_line desc) = 1;
    create temp table sales as
    select *, if(coalesce(is_return, total_amount < 0), -1, 1) * abs(total_amount) as signed_amount
    from warehouse.landing.in_store_transactions
    qualify row_number() over (
        partition by transaction_id order by updated_at desc, _source_file desc, _source_line desc
    ) = 1;
    create temp table refunds as
    select
        id, currency, refund ->> 'id' as refund_id,
        (refund -> 'transactions' -> 0 ->> 'amount')::decimal(18, 2) as paid
    from (select id, currency, unnest(refunds::json[]) as refund from orders);
    create temp table money as
    select
        'ecommerce:order:' || id as touchpoint_id, currency, total_price as amount, true as is_order, true as has_order
    from orders where cancelled_at is null and financial_status <> 'voided'
    union all
    select 'in_store:transaction:' || transaction_id, currency, signed_amount, signed_amount >= 0, signed_amount >= 0
    from sales
    union all
    select 'ecommerce:refund:' || id || ':' || refund_id, refunds.currency, -paid, false, true
    from refunds join orders using (id) where cancelled_at is null and financial_status <> 'voided';
    create temp table euros as
    select money.is_order, money.has_order, round(money.amount / units_per_euro, 2)::decimal(18, 2) as amount
    from money join read_csv('{rates}') using (currency) join touchpoints using (touchpoint_id)
    where profile_id is not null
"""


def create_delivered_money(connection: duckdb.DuckDBPyConnection, home: Path) -> None:
    """Create tables from the newest delivered version of each key of a home.

    ``orders`` and ``sales`` have one row per key; ``money`` one per purchase, return and refund that counts; ``euros``
    the same in the reporting currency, for those that the table ``touchpoints`` assigns to a profile.
    """
    connection.execute(f"attach '{home / 'warehouse.duckdb'}' as warehouse (read_only)")
    connection.execute(_TABLES.format(rates=_RATES))
