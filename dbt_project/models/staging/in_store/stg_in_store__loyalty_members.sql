with delivered as (
    {{ newest_version(source('landing', 'in_store_loyalty_members'), ['member_id'], 'updated_at') }}
),

renamed as (
    select
        member_id,
        {{ loyalty_number('loyalty_number') }} as loyalty_number,
        {{ filled('given_name') }} as given_name,
        {{ filled('family_name') }} as family_name,
        {{ filled('email') }} as email,
        {{ filled('phone') }} as phone,
        date_of_birth,
        {{ filled('address_line') }} as address_line,
        {{ filled('city') }} as city,
        {{ filled('region') }} as region,
        {{ filled('postcode') }} as postcode,
        {{ filled('country') }} as country,
        {{ filled('home_store_id') }} as home_store_id,
        email_opt_in as has_email_opt_in,
        enrolled_at,
        updated_at,
        deleted_at
    from delivered
)

select * from renamed
