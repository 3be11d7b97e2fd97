-- the initials of given and family name in any order: a mistyped name keeps them, other people seldom have them
with named as (
    select
        given_name,
        family_name,
        email
    from {{ ref('stg_crm__contacts') }}
    union all
    select
        given_name,
        family_name,
        email
    from {{ ref('stg_ecommerce__customers') }}
    union all
    select
        given_name,
        family_name,
        email
    from {{ ref('stg_ecommerce__orders') }}
    union all
    select
        given_name,
        family_name,
        email
    from {{ ref('stg_in_store__loyalty_members') }}
    union all
    select
        split_part(full_name, ' ', 1) as given_name,
        nullif(split_part(full_name, ' ', -1), full_name) as family_name,
        email
    from {{ ref('stg_support__users') }}
    {% for model in own_person_models() -%}
        union all
        select
            given_name,
            family_name,
            unnest(emails) as email
        from {{ ref(model) }}
    {% endfor %}
),

mailbox_names as (
    select distinct
        lower(email) as email,
        array_to_string(list_sort([lower(left(given_name, 1)), lower(left(family_name, 1))]), '') as initials
    from named
    where email is not null and given_name is not null and family_name is not null
),

counted as (
    select
        *,
        count(*) over (partition by email) as name_count
    from mailbox_names
),

initials as (
    select distinct
        *,
        unnest(string_split(initials, '')) as initial
    from counted
),

-- the mailbox of a till or an office, on which strangers' names stand, says nothing of who used it
mailboxes_of_one_family as (
    select email
    from initials
    group by email, initial, name_count
    having count(*) = name_count
),

mailbox_initials as (
    select mailbox_names.*
    from mailbox_names
    semi join mailboxes_of_one_family on mailbox_names.email = mailboxes_of_one_family.email
)

select * from mailbox_initials
