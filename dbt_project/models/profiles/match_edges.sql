{{ config(materialized='view') }}
with

identity_edges as (
    select * from {{ source('identity', 'match_edges') }}
),

published_edges as (
    select
        person_record_id_left,
        person_record_id_right,
        reason,
        match_probability,
        match_weight,
        comparison_levels,
        model_version,
        is_used,
        kept_apart_by
    from identity_edges
)

select * from published_edges
