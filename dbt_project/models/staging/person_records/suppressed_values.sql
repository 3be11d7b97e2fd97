with suppressed as (
    select
        person_values.kind,
        person_values.raw_value,
        standard_values.reason,
        count(distinct person_values.person_record_id) as record_count
    from {{ ref('person_values') }} as person_values
    inner join {{ ref('standard_values') }} as standard_values
        on
            person_values.kind = standard_values.kind
            and person_values.raw_value = standard_values.raw_value
            and person_values.country_hint is not distinct from standard_values.country_hint
    where not standard_values.is_valid
    group by person_values.kind, person_values.raw_value, standard_values.reason
)

select * from suppressed
