{#
  Shortfall of a name, an address and a date of birth for the rule validity: 0 is complete, more is worse. A name in
  capitals or in lower case only was typed without care, one of two people is no one's; the first of January is often a
  default of a form.
#}
{% macro name_shortfall() -%}
    case
        when {{ names_several_people('full_name', "'whole_name'") }} then 4
        when given_name is not null and family_name is not null
            then (full_name in (upper(full_name), lower(full_name)) and upper(full_name) <> lower(full_name))::integer
        when contains(full_name, ' ') then 2
        else 3
    end
{%- endmacro %}

{% macro address_shortfall() -%}
    case when coalesce(postcode, city) is null then 2 when address_line is null then 1 else 0 end
{%- endmacro %}

{% macro birth_shortfall() -%}
    (month(date_of_birth) = 1 and day(date_of_birth) = 1)::integer
{%- endmacro %}

{# How many of the eight most useful fields a record has. #}
{% macro completeness() -%}
    len(list_filter(
        [given_name, family_name, date_of_birth::varchar, emails[1], phones[1], address_line, city, postcode],
        lambda part: part is not null
    ))
{%- endmacro %}

{# One row per value that a record offers, with the attribute's name in seed survivorship_rules. #}
{% macro offered_values(records) -%}
    {%- set address = "nullif(concat_ws(', ', address_line, postcode, city, region, country_code), '')" -%}
    {%- set values = {
        'name': ('full_name', name_shortfall()), 'address': (address, address_shortfall()),
        'date_of_birth': ('date_of_birth::varchar', birth_shortfall()), 'preferred_language': ('preferred_language', 0),
        'account_id': ('unnest(accounts).account_id', 'unnest(accounts).account_shortfall'),
        'email': ('unnest(emails)', 0), 'phone': ('unnest(phones)', 0),
        'loyalty_number': ('unnest(loyalty_numbers)', 0), 'shop_customer_id': ('unnest(shop_customer_ids)', 0),
        'card_fingerprint': ('unnest(card_fingerprints)', 0), 'other_identifier': ('unnest(other_identifiers)', 0),
    } -%}
    {%- for attribute, (value, shortfall) in values.items() %}
        select
            *,
            '{{ attribute }}' as attribute,
            {{ value }} as attribute_value,
            {{ shortfall }} as own_shortfall
        from {{ records }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#
  How well an offered value meets one rule of seed survivorship_rules: the lowest number is best, an unknown source or
  time comes last.
#}
{% macro survivorship_score(rule, sources) -%}
    case {{ rule }}
        when 'validity' then shortfall
        when 'own_value' then is_shared::double
        when 'source_priority'
            then coalesce(list_position({{ sources }}, source_system || '.' || source_record_type), 1000)
        when 'recency' then coalesce(-epoch(observed_at), 'infinity'::double)
        when 'frequency' then -supporting_count::double
        when 'completeness' then -completeness::double
    end
{%- endmacro %}

{# The first rule of a list of (rule, own score, golden score) in which an offer is worse; null for the golden one. #}
{% macro first_worse_rule(comparisons) -%}
    if(offer_rank = 1, null, coalesce(list_filter({{ comparisons }}, lambda rule: rule[2] <> rule[3])[1][1], 'order'))
{%- endmacro %}

{# Why a value won or lost by a rule: the published texts, written for data stewards. #}
{% macro survivorship_reason(rule, has_won) -%}
    {%- set words = {
        'validity': ('whole and well formed, others are not', 'incomplete or doubtful'),
        'own_value': ('used by few, others are shared by many people', 'shared by many people'),
        'source_priority': ('from a more trusted source', 'from a less trusted source'),
        'recency': ('told more recently', 'told longer ago'),
        'frequency': ('told by more records', 'told by fewer records'),
        'completeness': ('from a fuller record', 'from a less full record'),
        'order': ('no rule decides, first in the alphabet', 'no rule decides, later in the alphabet'),
    } -%}
    case {{ rule }}
        {%- for word, (won, lost) in words.items() %}
            when '{{ word }}' then '{{ won if has_won else lost }}'
        {%- endfor %}
    end
{%- endmacro %}

{# Why a ranked value has its rank: the rule by which it lost, or by which the next value lost to it. #}
{% macro why_ranked(rows) -%}
    case
        when {{ rows }}.is_golden and {{ rows }}.best_rank > 1
            then 'the chosen address lacks it, this record of the same address tells it'
        when not {{ rows }}.is_golden then {{ survivorship_reason(rows ~ '.lost_by', has_won=false) }}
        when {{ rows }}.runner_up_lost_by is null then 'the only value told'
        else {{ survivorship_reason(rows ~ '.runner_up_lost_by', has_won=true) }}
    end
{%- endmacro %}

{#
  The published attributes: the ranked values that records tell, behind one that a person set of the same attribute.

  ranked: a row a profile, attribute and value with its rank. rectified: a row a profile and attribute that a person set.
  records: the person records.
#}
{% macro attributes_as_set(ranked, rectified, records) -%}
    select
        ranked.profile_id,
        ranked.attribute,
        ranked.value,
        ranked.is_golden and rectified.attribute is null as is_golden,
        if(rectified.attribute is null, ranked.rank, 1 + row_number() over by_rank) as rank,
        records.source_system,
        records.source_record_type,
        records.source_record_id,
        ranked.observed_at,
        ranked.record_count,
        if(rectified.attribute is null, {{ why_ranked('ranked') }}, 'a person set another value') as reason
    from {{ ranked }} as ranked
    inner join {{ records }} as records on ranked.person_record_id = records.person_record_id
    left join {{ rectified }} as rectified
        on ranked.profile_id = rectified.profile_id and ranked.attribute = rectified.attribute
    where ranked.value is distinct from rectified.value
    window by_rank as (partition by ranked.profile_id, ranked.attribute order by ranked.rank)
    union all
    select
        rectified.profile_id,
        rectified.attribute,
        rectified.value,
        true as is_golden,
        1 as rank,
        'rectification' as source_system,
        'decision' as source_record_type,
        rectified.person_record_id as source_record_id,
        rectified.decided_at as observed_at,
        coalesce(ranked.record_count, 0) as record_count,
        concat_ws(': ', 'set by a person', nullif(rectified.why, '')) as reason
    from {{ rectified }} as rectified
    left join {{ ranked }} as ranked
        on
            rectified.profile_id = ranked.profile_id
            and rectified.attribute = ranked.attribute
            and rectified.value = ranked.value
{%- endmacro %}
