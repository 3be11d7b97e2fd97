with stated as (
    select
        person_record_id,
        source_field,
        state,
        evidence,
        stated_at,
        statement_number
    from {{ ref('consent_versions') }}
    where is_statement
    union all
    select
        person_record_id,
        source_field,
        'refused' as state,
        'opt_out' as evidence,
        stated_at,
        statement_number
    from {{ ref('unsubscriptions') }}
),

-- what a refusal of an unlisted channel meant is not known, and e-mail is where most campaigns go
statements as (
    select
        stated.person_record_id,
        stated.source_field,
        coalesce(sources.channel, 'email') as channel,
        coalesce(sources.purpose, 'marketing') as purpose,
        stated.state,
        stated.evidence,
        stated.state <> 'refused' and coalesce(evidence.lifts_refusal, false) as lifts_refusal,
        stated.stated_at,
        stated.statement_number
    from stated
    left join {{ ref('consent_sources') }} as sources on stated.source_field = sources.source_field
    left join {{ ref('consent_evidence') }} as evidence on stated.evidence = evidence.evidence
    where sources.source_field is not null or stated.state = 'refused'
)

select * from statements
