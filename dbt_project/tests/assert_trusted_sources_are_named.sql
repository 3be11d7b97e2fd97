-- A data engineer adds a source_priority rule without sources: all sources have the same priority, nothing fails, and
-- the next rule decides. Exactly the source_priority rules must name sources.
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
