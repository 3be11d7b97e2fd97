with transactions as (
    {{ receipts_with_own_identifiers() }}
),

members as (
    select * from {{ ref('stg_in_store__loyalty_members') }}
    where deleted_at is null
),

-- a loyalty number that two members have by mistake belongs to the one with the latest update
numbered_members as (
    select
        loyalty_number,
        max_by(member_id, struct_pack(updated_at, member_id)) as member_id
    from members
    where loyalty_number is not null
    group by loyalty_number
),

sales as (
    select
        'transaction' as source_record_type,
        transactions.transaction_id as source_record_id,
        case
            when numbered_members.member_id is not null
                then {{ person_record_id('in_store', 'loyalty_member', 'numbered_members.member_id') }}
            when transactions.card_fingerprint is not null
                then {{ person_record_id('in_store', 'payment_card', 'transactions.card_fingerprint') }}
            when
                transactions.loyalty_number is null
                and (transactions.receipt_email is not null or transactions.receipt_phone is not null)
                then {{ person_record_id('in_store', 'receipt', 'transactions.transaction_id') }}
        end as person_record_id,
        coalesce(transactions.sold_at, transactions.updated_at) as occurred_at,
        'in_store.transaction.' || if(transactions.is_return, 'return', 'purchase') as source_event,
        if(transactions.is_return, -abs(transactions.total_amount), transactions.total_amount) as amount,
        transactions.currency
    from transactions
    left join numbered_members on transactions.loyalty_number = numbered_members.loyalty_number
),

enrolments as (
    select
        'enrolment' as source_record_type,
        member_id as source_record_id,
        {{ person_record_id('in_store', 'loyalty_member', 'member_id') }} as person_record_id,
        enrolled_at as occurred_at,
        'in_store.enrolment' as source_event
    from members
    where enrolled_at is not null
),

all_events as (
    select * from sales
    union all by name
    select * from enrolments
),

interactions as (
    select
        *,
        'in_store:' || source_record_type || ':' || source_record_id as interaction_id,
        'in_store' as source_system
    from all_events
)

select * from interactions
