with stores as (
    select * from {{ ref('stg_in_store__stores') }}
),

known_zones as (
    select name as time_zone from pg_timezone_names()
)

-- days of a store whose zone is not known are the company's
select
    stores.store_id,
    coalesce(known_zones.time_zone, '{{ company_time_zone() }}') as time_zone,
    stores.time_zone is not null and known_zones.time_zone is null as is_unknown
from stores
left join known_zones on lower(stores.time_zone) = lower(known_zones.time_zone)
