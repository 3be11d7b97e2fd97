with corrections as (
    select
        source as source_system,
        stream,
        field,
        rule,
        row_count
    from operations.corrected_times
    union all
    select
        'in_store' as source_system,
        'stores' as stream,
        'timezone' as field,
        'company_time_zone' as rule,
        count(*) as row_count
    from {{ ref('store_time_zones') }}
    where is_unknown
    having count(*) > 0
)

select * from corrections
