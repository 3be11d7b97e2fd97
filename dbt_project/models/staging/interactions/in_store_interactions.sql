with transactions as (
    {{ receipts_with_own_identifiers() }}
),

order_values as (
    select * from {{ ref('order_values') }}
    where order_state <> 'test'
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
        order_values.ordered_on as occurred_on,
        'in_store.transaction.' || if(transactions.is_return, 'return', 'purchase') as source_event,
        order_values.order_amount as amount,
        transactions.currency,
        'in_store:transaction:' || coalesce(transactions.original_transaction_id, transactions.transaction_id)
            as order_interaction_id
    from transactions
    inner join order_values on 'in_store:transaction:' || transactions.transaction_id = order_values.interaction_id
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

-- who returns without a card or number had them at the purchase
interactions as (
    select
        all_events.* exclude (person_record_id),
        coalesce(all_events.person_record_id, sales.person_record_id) as person_record_id,
        'in_store:' || all_events.source_record_type || ':' || all_events.source_record_id as interaction_id,
        'in_store' as source_system
    from all_events
    left join sales on all_events.order_interaction_id = 'in_store:transaction:' || sales.source_record_id
)

select * from interactions
