-- The report says 1.2 million, the channels add up to 1.1, the finance department counts 1.3, and no one can say why.
-- Each sum of a published amount must be a line of the reconciliation, and its parts must lead from total to total.
{{ config(meta={'dagster': {'ref': {'name': 'revenue_reconciliation'}}}) }}
with

lines as (
    select * from {{ ref('revenue_reconciliation') }}
),

steps as (
    select
        parts.belongs_to as line,
        sum(parts.amount) + coalesce(any_value(bases.amount), 0) as amount
    from lines as parts
    inner join lines as totals on parts.belongs_to = totals.line
    left join lines as bases on totals.belongs_to = bases.line
    where not parts.is_total
    group by parts.belongs_to
),

columns as (
    select
        'revenue' as line,
        sum(net_reporting_amount) as amount
    from {{ ref('orders') }}
    union all
    select
        'revenue_of_profiles' as line,
        sum(revenue_amount) as amount
    from {{ ref('profile_metrics') }}
    union all
    select
        'revenue_of_journeys' as line,
        sum(revenue_amount) as amount
    from {{ ref('journeys') }}
    union all
    select
        'attributed' as line,
        sum(credited_amount) as amount
    from {{ ref('journey_attribution') }}
    group by rule
    union all
    select
        'revenue_of_accounts' as line,
        sum(revenue_amount) as amount
    from {{ ref('accounts') }}
),

expected as (
    select * from steps
    union all
    select * from columns
),

differences as (
    select
        expected.line,
        expected.amount as expected_amount,
        lines.amount
    from expected
    left join lines on expected.line = lines.line
    where lines.amount is distinct from coalesce(expected.amount, 0)
)

select * from differences
