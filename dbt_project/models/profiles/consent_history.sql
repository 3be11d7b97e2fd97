with

consent_history as (
    select
        profile_records.profile_id,
        statements.person_record_id,
        profile_records.source_system,
        profile_records.source_record_type,
        profile_records.source_record_id,
        sources.channel,
        sources.purpose,
        statements.source_field,
        statements.statement_number,
        statements.state,
        statements.stated_at,
        lead(statements.stated_at) over (
            partition by statements.person_record_id, statements.source_field order by statements.statement_number
        ) as replaced_at,
        lead(statements.statement_number) over (
            partition by statements.person_record_id, statements.source_field order by statements.statement_number
        ) is null as is_current
    from {{ ref('consent_statements') }} as statements
    inner join {{ ref('consent_sources') }} as sources on statements.source_field = sources.source_field
    inner join {{ ref('profile_records') }} as profile_records
        on statements.person_record_id = profile_records.person_record_id
)

select * from consent_history
