with users as (
    select * from {{ ref('stg_support__users') }}
),

survey_responses as (
    select * from {{ ref('stg_support__survey_responses') }}
),

user_records as (
    select
        {{ person_record_id('support', 'user', 'user_id') }} as person_record_id,
        'user' as source_record_type,
        user_id as source_record_id,
        full_name,
        [email] as emails,
        [phone] as phones,
        [customer_id] as shop_customer_ids,
        -- 'en-GB', 'zh_Hant_TW': the language stands first, a region of two letters last
        nullif(regexp_extract(locale, '^([A-Za-z]{2})(?:[-_]|$)', 1), '') as preferred_language,
        nullif(regexp_extract(locale, '[-_]([A-Za-z]{2})$', 1), '') as phone_country,
        created_at,
        updated_at
    from users
    -- agents and administrators are staff; who was deleted or suspended is no customer
    where user_role = 'end-user' and is_active and not is_suspended
),

respondent_records as (
    select
        {{ person_record_id('support', 'survey_respondent', 'response_id') }} as person_record_id,
        'survey_respondent' as source_record_type,
        response_id as source_record_id,
        [email] as emails,
        responded_at as created_at,
        responded_at as updated_at
    from survey_responses
    where email is not null and user_id is null
),

all_records as (
    select * from user_records
    union all by name
    select * from respondent_records
),

person_records as (
    select
        *,
        'support' as source_system
    from all_records
)

select * from person_records
