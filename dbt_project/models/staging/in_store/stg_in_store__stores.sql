with delivered as (
    {{ newest_version(source('landing', 'in_store_stores'), ['store_id']) }}
),

renamed as (
    select
        store_id,
        {{ collapsed('name') }} as store_name,
        {{ filled('city') }} as city,
        {{ filled('country') }} as country,
        {{ filled('timezone') }} as time_zone,
        opened_on
    from delivered
)

select * from renamed
