with placeholders as (
    select distinct
        kind,
        if(kind = 'identifier', {{ identifier_word('value') }}, value) as value
    from {{ ref('placeholder_values') }}
),

-- today as the data knows it: a build must not depend on the clock
newest as (
    select {{ day_of('max(updated_at)') }} as updated_on
    from {{ ref('delivered_person_records') }}
),

delivered as (
    select distinct
        kind,
        raw_value
    from {{ ref('person_values') }}
    where kind in ('address', 'date', 'identifier', 'other_identifier')
),

collapsed as (
    select
        kind,
        raw_value,
        {{ collapsed(without_entities('raw_value')) }} as detail,
        -- the type before the value of an identifier is never a placeholder
        {{ identifier_value('kind', 'detail') }} as value_alone,
        if(kind = 'other_identifier', 'identifier', kind) as placeholder_kind,
        if(kind = 'date', try_cast(raw_value as date), null) as detail_date
    from delivered
),

with_reason as (
    select
        collapsed.kind,
        collapsed.raw_value,
        collapsed.detail,
        case
            when placeholders.value is not null then 'placeholder'
            when collapsed.kind = 'address' and not regexp_matches(collapsed.detail, '[\p{L}\p{N}]') then 'no_letter'
            when
                collapsed.placeholder_kind = 'identifier' and {{ is_no_identifier('collapsed.value_alone') }}
                then 'placeholder'
            when collapsed.detail_date < date '1900-01-01' then 'before_1900'
            when collapsed.detail_date > newest.updated_on then 'in_the_future'
        end as reason
    from collapsed
    left join placeholders
        on
            collapsed.placeholder_kind = placeholders.kind
            and if(
                collapsed.placeholder_kind = 'identifier',
                {{ identifier_word('collapsed.value_alone') }}, lower(collapsed.value_alone)
            ) = placeholders.value
    cross join newest
),

standard_details as (
    select
        kind,
        raw_value,
        if(reason is null, detail, null) as standard_value,
        reason is null as is_valid,
        reason
    from with_reason
)

select * from standard_details
