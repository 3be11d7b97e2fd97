with

answers as (
    select
        statements.channel,
        statements.purpose,
        addresses.identifier_type,
        addresses.identifier_value,
        max(coalesce(statements.stated_at, 'infinity'::timestamp)) filter (
            where statements.state = 'refused'
        ) as refused_at,
        max(statements.stated_at) filter (where statements.lifts_refusal) as lifted_at,
        max({
            'refused_at': coalesce(statements.stated_at, 'infinity'::timestamp),
            'person_record_id': statements.person_record_id,
            'source_field': statements.source_field
        }) filter (where statements.state = 'refused') as refusal
    from {{ ref('consent_statements') }} as statements
    inner join {{ ref('consent_addresses') }} as addresses
        on
            statements.person_record_id = addresses.person_record_id
            and statements.source_field = addresses.source_field
            and statements.statement_number = addresses.statement_number
            and {{ is_reached_by('statements.channel', 'addresses.identifier_type') }}
    group by
        statements.channel, statements.purpose, addresses.identifier_type, addresses.identifier_value
),

refused_addresses as (
    select
        answers.channel,
        answers.purpose,
        answers.identifier_type,
        answers.identifier_value,
        nullif(answers.refused_at, 'infinity'::timestamp) as refused_at,
        answers.refusal.person_record_id,
        answers.refusal.source_field
    from answers
    where answers.refused_at is not null and not coalesce(answers.lifted_at > answers.refused_at, false)
)

select * from refused_addresses
