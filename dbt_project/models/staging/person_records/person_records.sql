with delivered as (
    select * from {{ ref('delivered_person_records') }}
),

standardised as (
    select
        person_values.person_record_id,
        person_values.field,
        standard_values.standard_value
    from {{ ref('person_values') }} as person_values
    inner join {{ ref('standard_values') }} as standard_values
        on
            person_values.kind = standard_values.kind
            and person_values.raw_value = standard_values.raw_value
            and person_values.country_hint is not distinct from standard_values.country_hint
    where standard_values.is_valid
),

pivoted as (
    select
        person_record_id,
        {{ pivoted_values([
            'whole_name', 'given_name', 'middle_name', 'family_name', 'date_of_birth',
            'address_line', 'city', 'region', 'postcode', 'country'
        ]) }},
        {{ pivoted_lists(
            ['email', 'phone', 'loyalty_number', 'shop_customer_id', 'card_fingerprint', 'other_identifier']
        ) }}
    from standardised
    group by person_record_id
),

person_records as (
    select
        delivered.person_record_id,
        delivered.source_system,
        delivered.source_record_type,
        delivered.source_record_id,
        -- a full name made of parts omits the parts that are placeholders
        case
            when pivoted.whole_name is null then null
            when delivered.full_name is not null then pivoted.whole_name
            else nullif(concat_ws(' ', pivoted.given_name, pivoted.middle_name, pivoted.family_name), '')
        end as full_name,
        if(pivoted.whole_name is null, null, pivoted.given_name) as given_name,
        if(pivoted.whole_name is null, null, pivoted.middle_name) as middle_name,
        if(pivoted.whole_name is null, null, pivoted.family_name) as family_name,
        pivoted.date_of_birth::date as date_of_birth,
        coalesce(pivoted.emails, []::varchar[]) as emails,
        coalesce(pivoted.phones, []::varchar[]) as phones,
        pivoted.address_line,
        pivoted.city,
        pivoted.region,
        upper(pivoted.postcode) as postcode,
        pivoted.country as country_code,
        coalesce(pivoted.loyalty_numbers, []::varchar[]) as loyalty_numbers,
        coalesce(pivoted.shop_customer_ids, []::varchar[]) as shop_customer_ids,
        coalesce(pivoted.card_fingerprints, []::varchar[]) as card_fingerprints,
        coalesce(pivoted.other_identifiers, []::varchar[]) as other_identifiers,
        delivered.account_id,
        lower(delivered.preferred_language) as preferred_language,
        delivered.created_at,
        delivered.updated_at
    from delivered
    left join pivoted on delivered.person_record_id = pivoted.person_record_id
    left join {{ ref('records_of_no_person') }} as excluded on delivered.person_record_id = excluded.person_record_id
    where excluded.person_record_id is null
)

select * from person_records
