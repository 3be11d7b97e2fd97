with delivered as (
    {{ newest_version(source('landing', 'support_users'), ['id'], 'updated_at') }}
),

renamed as (
    select
        id as user_id,
        {{ filled('name') }} as full_name,
        {{ filled('email') }} as email,
        {{ filled('phone') }} as phone,
        -- an export without roles contains end users only
        coalesce(lower({{ filled('role') }}), 'end-user') as user_role,
        {{ filled('external_id') }} as customer_id,
        coalesce(verified, false) as is_verified,
        -- an export without these columns contains living users only
        coalesce(active, true) and not coalesce(permanently_deleted, false) as is_active,
        coalesce(suspended, false) as is_suspended,
        {{ filled('locale') }} as locale,
        {{ filled('time_zone') }} as time_zone,
        {{ filled('organization_id') }} as organisation_id,
        tags,
        created_at,
        updated_at
    from delivered
)

select * from renamed
