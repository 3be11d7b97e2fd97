with members as (
    select
        members.*,
        stores.country as store_country
    from {{ ref('stg_in_store__loyalty_members') }} as members
    left join {{ ref('stg_in_store__stores') }} as stores on members.home_store_id = stores.store_id
    where members.deleted_at is null
),

receipts as (
    {{ receipts_with_own_identifiers() }}
),

transactions as (
    select
        transactions.*,
        stores.country as store_country
    from receipts as transactions
    left join {{ ref('stg_in_store__stores') }} as stores on transactions.store_id = stores.store_id
),

member_records as (
    select
        {{ person_record_id('in_store', 'loyalty_member', 'member_id') }} as person_record_id,
        'loyalty_member' as source_record_type,
        member_id as source_record_id,
        given_name,
        family_name,
        date_of_birth,
        [email] as emails,
        [phone] as phones,
        address_line,
        city,
        region,
        postcode,
        country,
        store_country as phone_country,
        [loyalty_number] as loyalty_numbers,
        enrolled_at as created_at,
        updated_at
    from members
),

card_records as (
    select
        {{ person_record_id('in_store', 'payment_card', 'card_fingerprint') }} as person_record_id,
        'payment_card' as source_record_type,
        card_fingerprint as source_record_id,
        {{ distinct_values('receipt_email') }} as emails,
        {{ distinct_values('receipt_phone') }} as phones,
        {{ distinct_values('loyalty_number') }} as loyalty_numbers,
        [card_fingerprint] as card_fingerprints,
        -- the country whose number format a receipt's phone follows, not where the person lives
        max_by(store_country, struct_pack(sold_at, transaction_id)) as phone_country,
        min(sold_at) as created_at,
        max(updated_at) as updated_at
    from transactions
    where card_fingerprint is not null
    group by card_fingerprint
),

receipt_records as (
    select
        {{ person_record_id('in_store', 'receipt', 'transaction_id') }} as person_record_id,
        'receipt' as source_record_type,
        transaction_id as source_record_id,
        [receipt_email] as emails,
        [receipt_phone] as phones,
        store_country as phone_country,
        sold_at as created_at,
        updated_at
    from transactions
    where
        loyalty_number is null
        and card_fingerprint is null
        and (receipt_email is not null or receipt_phone is not null)
),

all_records as (
    select * from member_records
    union all by name
    select * from card_records
    union all by name
    select * from receipt_records
),

person_records as (
    select
        *,
        'in_store' as source_system
    from all_records
)

select * from person_records
