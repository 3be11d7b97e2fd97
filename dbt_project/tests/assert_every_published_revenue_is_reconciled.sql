-- The report says 1.2 million, the channels add up to 1.1, the finance department counts 1.3, and nobody can say why. Each
-- sum of a published amount must be a line of the reconciliation, and its parts must lead from one total to the next.
{{ config(meta={'dagster': {'ref': {'name': 'revenue_reconciliation'}}}) }}
with

lines as (
    select * from {{ ref('revenue_reconciliation') }}
),

steps as (
    select
        'revenue' as line,
        sum(amount) filter (where line_no < 100) as amount
    from lines
    union all
    select
        'revenue_of_profiles' as line,
        sum(amount) filter (where line in ('revenue', 'without_profile')) as amount
    from lines
    union all
    select
        'revenue_of_journeys' as line,
        sum(amount) filter (where line in ('revenue_of_profiles', 'without_journey')) as amount
    from lines
    union all
    select
        'attributed' as line,
        sum(amount) filter (where line in ('revenue_of_profiles', 'renewals', 'returns_without_order')) as amount
    from lines
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
