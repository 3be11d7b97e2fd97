{%- set contacts, customers = source('landing', 'crm_contacts'), source('landing', 'ecommerce_customers') -%}
{%- set members = source('landing', 'in_store_loyalty_members') -%}
{%- set of_contact = {'emails': '["Email"]', 'phones': '["Phone", "MobilePhone"]', 'country': '"MailingCountry"'} -%}
{%- set of_customer = {
    'emails': '[email]', 'phones': "[phone, " ~ json_text('default_address', '$.phone') ~ "]",
    'country': json_text('default_address', '$.country_code'),
} -%}
{%- set of_member = {'emails': '[email]', 'phones': '[phone]', 'country': 'country'} -%}
{%- set in_order = 'partition by person_record_id, source_field
        order by delivered_at asc nulls first, _source_file, _loaded_at, _source_line' -%}
with delivered as (
    {% for field in ['HasOptedOutOfEmail', 'DoNotCall'] -%}
        {{ delivered_consent(contacts, 'crm.contact.' ~ field, '"Id"', '"SystemModstamp"', of_contact,
            refusal('"' ~ field ~ '"'), 'if("' ~ field ~ '", \'opt_out\', \'withdrawn_opt_out\')') }}
        union all
    {% endfor -%}
    {% for field in ['email_marketing_consent', 'sms_marketing_consent'] -%}
        {{ delivered_consent(customers, 'ecommerce.customer.' ~ field, 'id', 'updated_at', of_customer,
            shop_consent(field), shop_evidence(field), consent_time(field)) }}
        union all
    {% endfor -%}
    {{ delivered_consent(members, 'in_store.loyalty_member.email_opt_in', 'member_id', 'updated_at', of_member,
        answer('email_opt_in'), "if(email_opt_in, 'form_answer', 'opt_out')") }}
    {% for own in own_consents() -%}
        union all
        {{ delivered_consent(source('landing', own.table), own.source_field, own.record_id, own.cursor, own, own.state,
            own.evidence, own.stated_at) }}
    {% endfor %}
),

-- a second refusal or confirmation at a time of its own is a statement; a version that does not say is none
stated as (
    select
        *,
        if(state is null, null, {
            'state': state,
            'evidence': if(state = 'unknown', null, evidence),
            'stated_at': if(state = 'refused' or evidence = 'confirmed_opt_in', own_stated_at, null)
        }) as statement
    from delivered
),

held as (
    select
        *,
        last_value(statement ignore nulls) over (
            {{ in_order }} rows between unbounded preceding and current row
        ) as held_statement
    from stated
),

compared as (
    select
        *,
        coalesce(
            lag(held_statement) over ({{ in_order }}),
            { 'state': 'unknown', 'evidence': null::varchar, 'stated_at': null::timestamp }
        ) as former_statement
    from held
),

consent_versions as (
    select
        person_record_id,
        source_field,
        state,
        evidence,
        coalesce(own_stated_at, delivered_at) as stated_at,
        emails,
        phones,
        country,
        coalesce(held_statement <> former_statement, false) as is_statement,
        sum(coalesce(held_statement <> former_statement, false)::integer) over (
            {{ in_order }} rows between unbounded preceding and current row
        )::bigint as statement_number,
        delivered_at,
        _source_file as source_file,
        _loaded_at as loaded_at,
        _source_line as source_line
    from compared
)

select * from consent_versions
