-- A record that identity omits has no profile: its customer is missing from every list, and no error is raised. A
-- record in two profiles is the opposite harm: two people see each other's data.
{{ config(meta={'dagster': {'ref': {'name': 'profile_records'}}}) }}
with

person_records as (
    select
        person_record_id,
        1 as record_count
    from {{ ref('person_records') }}
),

crosswalk as (
    select
        person_record_id,
        count(*) as profile_count
    from {{ ref('profile_records') }}
    group by person_record_id
),

differences as (
    select
        person_records.record_count,
        crosswalk.profile_count,
        coalesce(person_records.person_record_id, crosswalk.person_record_id) as person_record_id
    from person_records
    full join crosswalk on person_records.person_record_id = crosswalk.person_record_id
    where person_records.record_count is distinct from crosswalk.profile_count
)

select * from differences
