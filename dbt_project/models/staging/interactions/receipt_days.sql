with receipts as (
    select
        transactions.transaction_id,
        coalesce(transactions.sold_at, transactions.updated_at) as occurred_at,
        coalesce(stores.time_zone, '{{ company_time_zone() }}') as time_zone
    from {{ ref('stg_in_store__transactions') }} as transactions
    left join {{ ref('store_time_zones') }} as stores on transactions.store_id = stores.store_id
),

clocks as (
    {{ clocks_of('receipts') }}
)

select
    receipts.transaction_id,
    {{ day_shown(time_on('clocks', 'receipts.occurred_at')) }} as sold_on
from receipts
inner join clocks
    on receipts.time_zone = clocks.time_zone and {{ utc_day_of('receipts.occurred_at') }} = clocks.utc_day
