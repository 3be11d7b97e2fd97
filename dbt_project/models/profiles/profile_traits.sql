{{ config(materialized='view') }}
with

traits as (
    select
        {% for trait, column in segment_traits().items() -%}
            {{ column }} as {{ trait }},
        {% endfor -%}
        profile_id as canonical_segment_id
    from {{ ref('profiles') }}
)

select * from traits
