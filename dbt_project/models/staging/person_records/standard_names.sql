-- a part of a name is a placeholder if the whole part is one; a whole name is one if each of its words is:
-- 'Guest' is a placeholder, 'Ann Guest' is a name
with placeholders as (
    select value from {{ ref('placeholder_values') }}
    where kind = 'name'
),

placeholder_words as (
    select distinct value from {{ ref('placeholder_values') }}
    where kind in ('name', 'whole_name')
),

delivered as (
    select distinct
        kind,
        raw_value,
        {{ collapsed('raw_value') }} as name
    from {{ ref('person_values') }}
    where kind in ('name', 'whole_name')
),

whole_name_words as (
    select
        raw_value,
        unnest(string_split(lower(name), ' ')) as word
    from delivered
    where kind = 'whole_name'
),

meaningless as (
    select words.raw_value
    from whole_name_words as words
    left join placeholder_words on words.word = placeholder_words.value
    group by words.raw_value
    having count(*) = count(placeholder_words.value)
),

with_reason as (
    select
        kind,
        raw_value,
        name,
        case
            when not regexp_matches(name, '\p{L}') then 'no_letter'
            when contains(name, '@') then 'email_address'
            when lower(name) in (select placeholders.value from placeholders) then 'placeholder'
            when kind = 'whole_name' and raw_value in (select meaningless.raw_value from meaningless) then 'placeholder'
        end as reason
    from delivered
),

standard_names as (
    select
        kind,
        raw_value,
        if(reason is null, name, null) as standard_value,
        reason is null as is_valid,
        reason
    from with_reason
)

select * from standard_names
