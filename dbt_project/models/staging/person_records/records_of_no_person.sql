-- what stands for no person: erased users, posts of a company, test accounts, and placeholders without any identifier
with records as (
    select * from {{ ref('delivered_person_records') }}
),

post_words as (
    select list(value) as words from {{ ref('placeholder_values') }}
    where kind = 'post_word'
),

names as (
    select
        person_values.person_record_id,
        standard_values.reason,
        list_contains(post_words.words, regexp_extract(lower(person_values.raw_value), '\p{L}+')) as is_post_first
    from {{ ref('person_values') }} as person_values
    inner join {{ ref('standard_values') }} as standard_values
        on person_values.kind = standard_values.kind and person_values.raw_value = standard_values.raw_value
    cross join post_words
    where person_values.kind = 'whole_name'
),

post_mailboxes as (
    select value from {{ ref('placeholder_values') }}
    where kind = 'email_post'
),

mailboxes as (
    select
        person_values.person_record_id,
        bool_and(
            split_part(standard_values.standard_value, '@', 1) in (select post_mailboxes.value from post_mailboxes)
        ) as is_post
    from {{ ref('person_values') }} as person_values
    inner join {{ ref('standard_values') }} as standard_values
        on person_values.kind = standard_values.kind and person_values.raw_value = standard_values.raw_value
    where person_values.kind = 'email' and standard_values.is_valid
    group by person_values.person_record_id
),

other_identifiers as (
    select distinct person_values.person_record_id
    from {{ ref('person_values') }} as person_values
    inner join {{ ref('standard_values') }} as standard_values
        on
            person_values.kind = standard_values.kind
            and person_values.raw_value = standard_values.raw_value
            and person_values.country_hint is not distinct from standard_values.country_hint
    where
        standard_values.is_valid
        and person_values.field in ('phone', 'loyalty_number', 'card_fingerprint', 'other_identifier')
),

with_reason as (
    select
        records.person_record_id,
        case
            when names.reason in ('erased', 'post', 'test') then names.reason
            -- "Accounts Northgate" at the mailbox accounts@
            when mailboxes.is_post and coalesce(names.is_post_first, false) then 'post'
            when
                (names.person_record_id is null or names.reason is not null)
                and mailboxes.is_post and others.person_record_id is null
                then 'post'
            when
                names.reason is not null and mailboxes.is_post is null
                and others.person_record_id is null
                and coalesce(array_to_string(records.shop_customer_ids, ''), '') = ''
                then 'placeholder'
        end as reason
    from records
    left join names on records.person_record_id = names.person_record_id
    left join mailboxes on records.person_record_id = mailboxes.person_record_id
    left join other_identifiers as others on records.person_record_id = others.person_record_id
)

select * from with_reason
where reason is not null
