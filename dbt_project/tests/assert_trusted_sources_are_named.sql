-- A data engineer adds a rule of source priority and forgets the sources: every source is trusted alike, nothing fails,
-- and the next rule decides.
{{ config(meta={'dagster': {'ref': {'name': 'survivorship_rules'}}}) }}
with

failures as (
    select
        attribute,
        rank_order
    from {{ ref('survivorship_rules') }}
    where (rule = 'source_priority') <> (sources is not null)
)

select * from failures
