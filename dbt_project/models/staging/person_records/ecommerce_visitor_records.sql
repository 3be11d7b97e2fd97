with customers as (
    select * from {{ ref('stg_ecommerce__customers') }}
),

called as (
    select
        events.*,
        user_ids.customer_id as known_customer_id,
        if(contains(events.customer_id, '@'), events.customer_id, null) as user_mailbox
    from {{ ref('stg_ecommerce__events') }} as events
    left join {{ ref('ecommerce_customer_ids') }} as user_ids on events.customer_id = user_ids.user_id
),

delivered as (
    select
        * exclude (known_customer_id) replace (
            -- who is called by a mailbox is the customer who has it; else the mailbox is all that is known
            if(user_mailbox is null, customer_id, known_customer_id) as customer_id,
            coalesce(email, if(known_customer_id is null, user_mailbox, null)) as email
        )
    from called
),

signed_in as (
    select customer_id from customers
    union
    select customer_id from delivered
    where customer_id is not null
),

calls as (
    select
        *,
        false as is_former_id
    from delivered
    union all
    -- an alias may lead from an id that was signed in to another: the former one has signed in as well
    select
        * replace (anonymous_id as customer_id, null::varchar as given_name),
        true as is_former_id
    from delivered
    where event_type = 'alias' and anonymous_id in (select signed_in.customer_id from signed_in)
),

events as (
    select
        calls.*,
        coalesce(calls.given_name, customers.given_name) as signed_in_name,
        calls.is_former_id and customers.customer_id is null as is_no_account
    from calls
    left join customers on calls.customer_id = customers.customer_id
    where calls.anonymous_id is not null
),

visitors as (
    select
        anonymous_id,
        {{ distinct_values('email') }} as emails,
        {{ distinct_values('phone') }} as phones,
        {{ distinct_values('customer_id') }} as shop_customer_ids,
        -- both parts of a name come from the newest call that has one
        max_by(
            struct_pack(given_name, family_name), struct_pack(received_at, event_id)
        ) filter (where given_name is not null or family_name is not null) as newest_name,
        -- a browser in which several people signed in says nothing of a person; one person may have several accounts
        (
            count(distinct customer_id) filter (where not is_no_account) > 1
            and count(distinct lower(signed_in_name)) <> 1
        )
        or (count(distinct user_mailbox) > 1 and count(distinct lower(signed_in_name)) <> 1)
        or (count(distinct lower(email)) > 1 and count(distinct lower(signed_in_name)) > 1) as is_shared,
        min(occurred_at) as created_at,
        max(received_at) as updated_at
    from events
    group by anonymous_id
),

person_records as (
    select
        {{ person_record_id('ecommerce', 'anonymous_visitor', 'anonymous_id') }} as person_record_id,
        'ecommerce' as source_system,
        'anonymous_visitor' as source_record_type,
        anonymous_id as source_record_id,
        if(is_shared, null, newest_name['given_name']) as given_name,
        if(is_shared, null, newest_name['family_name']) as family_name,
        if(is_shared, []::varchar[], emails) as emails,
        if(is_shared, []::varchar[], phones) as phones,
        if(is_shared, []::varchar[], shop_customer_ids) as shop_customer_ids,
        created_at,
        updated_at
    from visitors
)

select * from person_records
