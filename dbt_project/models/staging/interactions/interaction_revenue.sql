with interactions as (
    select
        interaction_id,
        person_record_id,
        occurred_at,
        occurred_on,
        order_interaction_id,
        is_renewal,
        amount,
        currency
    from {{ ref('interactions') }}
    where
        amount is not null
        {% if var('as_of') %}and occurred_at <= timestamp '{{ var("as_of") }}'{% endif %}
),

orders as (
    select
        interaction_id,
        person_record_id,
        occurred_at,
        occurred_on
    from interactions
    where amount >= 0
),

-- money that goes back follows the order that it was paid for, also in its rate
belonging as (
    select
        interactions.* replace (
            coalesce(orders.interaction_id, interactions.interaction_id) as order_interaction_id
        ),
        coalesce(orders.occurred_at, interactions.occurred_at) as ordered_at,
        coalesce(orders.occurred_on, interactions.occurred_on) as ordered_on
    from interactions
    left join orders
        on
            interactions.order_interaction_id = orders.interaction_id
            and interactions.person_record_id is not distinct from orders.person_record_id
),

converted as (
    select
        belonging.interaction_id,
        belonging.person_record_id,
        belonging.order_interaction_id,
        belonging.ordered_at,
        belonging.is_renewal,
        belonging.amount,
        belonging.currency,
        {{ reporting_amount('belonging', 'rates') }} as reporting_amount
    from belonging
    asof left join {{ ref('currency_rates') }} as rates
        on belonging.currency = rates.currency and belonging.ordered_on >= rates.valid_from
)

select * from converted
