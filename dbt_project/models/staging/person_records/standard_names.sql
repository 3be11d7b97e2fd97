-- a part of a name is a placeholder if the whole part is one; a whole name is one if each of its words is:
-- 'Guest' is a placeholder, 'Ann Guest' is a name
with placeholders as (
    select value from {{ ref('placeholder_values') }}
    where kind = 'name'
),

placeholder_words as (
    select
        value,
        bool_or(kind = 'erased_word') as is_erased,
        bool_or(kind = 'post_word') as is_post,
        bool_or(kind = 'test_word') as is_test,
        bool_or(kind in ('name', 'whole_name')) as is_placeholder
    from {{ ref('placeholder_values') }}
    where kind in ('name', 'whole_name', 'erased_word', 'post_word', 'test_word', 'filler_word')
    group by value
),

post_phrases as (
    select value || ' ' as phrase from {{ ref('placeholder_values') }}
    where kind = 'post_phrase'
),

delivered as (
    select distinct
        kind,
        raw_value,
        {{ collapsed(without_entities('raw_value')) }} as name,
        -- brackets, numbers and underscores around the words do not count: [deleted], deleted_user_4711
        {{ words_alone('name') }} as words
    from {{ ref('person_values') }}
    where kind in ('name', 'whole_name')
),

whole_name_words as (
    select
        raw_value,
        unnest(string_split(words, ' ')) as word
    from delivered
    where kind = 'whole_name'
),

-- a department goes before the firm's name: "Accounts Payable Northgate Ltd", but "Ann Roe (Accounts Payable)" is Ann
departments as (
    select distinct
        delivered.kind,
        delivered.raw_value
    from delivered
    inner join post_phrases on split_part(delivered.words, ' ', 1) = split_part(post_phrases.phrase, ' ', 1)
    where delivered.kind = 'whole_name' and starts_with(delivered.words || ' ', post_phrases.phrase)
),

meaningless as (
    select
        'whole_name' as kind,
        words.raw_value,
        case
            when bool_or(placeholder_words.is_erased) then 'erased'
            when bool_or(placeholder_words.is_post) then 'post'
            when bool_or(placeholder_words.is_test) then 'test'
            when bool_or(placeholder_words.is_placeholder) then 'placeholder'
        end as reason
    from whole_name_words as words
    left join placeholder_words on words.word = placeholder_words.value
    group by words.raw_value
    having count(*) = count(placeholder_words.value)
),

with_reason as (
    select
        delivered.kind,
        delivered.raw_value,
        delivered.name,
        case
            when not regexp_matches(delivered.name, '\p{L}') then 'no_letter'
            when contains(delivered.name, '@') then 'email_address'
            when meaningless.reason is not null then meaningless.reason
            when departments.raw_value is not null then 'post'
            when {{ is_no_name_by_form('delivered.name') }} then 'placeholder'
            when lower(delivered.name) in (select placeholders.value from placeholders) then 'placeholder'
        end as reason
    from delivered
    left join meaningless on delivered.kind = meaningless.kind and delivered.raw_value = meaningless.raw_value
    left join departments on delivered.kind = departments.kind and delivered.raw_value = departments.raw_value
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
