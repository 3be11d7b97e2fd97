with words as (
    select ' ' || {{ words_alone('status') }} || ' ' as word from {{ ref('refusal_words') }}
),

statuses as (
    select distinct
        "Status" as status,
        ' ' || {{ words_alone('"Status"') }} || ' ' as words
    from {{ source('landing', 'crm_campaign_members') }}
),

-- programs say how or of what as well: "Global Unsubscribe", "Unsubscribed - Spam"; "Not opted out" is no refusal
refusing as (
    select distinct statuses.status
    from statuses
    inner join words on contains(statuses.words, words.word)
    where not regexp_matches(statuses.words, ' (not|never|nicht|pas|no|non|niet) ' || trim(words.word) || ' ')
),

delivered as (
    select
        'crm:contact:' || {{ filled('"ContactId"') }} as person_record_id,
        concat_ws(
            '.', 'crm.campaign_member', coalesce({{ event_word('"CampaignType"') }}, 'unknown'), 'unsubscribed'
        ) as source_field,
        "Id" as campaign_member_id,
        -- a response may be a click before the refusal; of two possible times of a refusal the later one is safe
        greatest("FirstRespondedDate", "SystemModstamp") as stated_at,
        "SystemModstamp" as delivered_at,
        _source_file,
        _loaded_at,
        _source_line,
        "Status" is not null and "Status" in (select refusing.status from refusing) as is_refusal
    from {{ source('landing', 'crm_campaign_members') }}
),

compared as (
    select
        *,
        lag(is_refusal, 1, false) over (
            partition by campaign_member_id
            order by delivered_at asc nulls first, _source_file asc, _loaded_at asc, _source_line asc
        ) as was_refusal
    from delivered
),

unsubscriptions as (
    select
        person_record_id,
        source_field,
        stated_at,
        row_number() over (
            partition by person_record_id, source_field order by stated_at, campaign_member_id
        ) as statement_number
    from compared
    where is_refusal and not was_refusal and person_record_id is not null
)

select * from unsubscriptions
