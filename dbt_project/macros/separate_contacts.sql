{#
  The e-mail addresses of a list whose texts may hold several, as a CRM exports them ("a@x.com; b@x.com"), a name
  ("Ann <a@x.com>"), a list of JSON, or objects of JSON ([{"label": "work", "value": "a@x.com"}]). A text is only divided
  where each part has one @: else it is one that is misspelt.
#}
{% macro separate_emails(emails) -%}
    {{ separated(
        emails,
        '[;,|<:\\s\\[]',
        '^[^@]*@[^@]*$',
        ['\\s*[;|\\n]\\s*', '\\s*,\\s*', '\\s+/\\s+|\\s+'],
        ':\\s*"([^"@]+@[^"@]+)"'
    ) }}
{%- endmacro %}

{#
  A list of addresses with the identifiers of another type that are plainly addresses: where people sign in by e-mail, it
  is what a call of the site or a ticket names them by.
#}
{% macro with_addresses_among_identifiers(emails) -%}
    {%- set identifiers -%}
        list_concat(
            coalesce(shop_customer_ids, []::varchar[]),
            list_transform(coalesce(other_identifiers, []::varchar[]), lambda each: regexp_extract(each, '^[^:]*:(.*)$', 1))
        )
    {%- endset %}
    {%- set named -%}
        list_filter(
            {{ identifiers }},
            lambda each:
                contains(each, '@')
                and not list_contains(coalesce({{ emails }}, []::varchar[]), each)
                and regexp_full_match(trim(each), '[^@\s,;:<>"/]+@[^@\s,;:<>"/]+\.\pL{2,}')
        )
    {%- endset -%}
    if(len({{ named }}) = 0, {{ emails }}, list_concat(coalesce({{ emails }}, []::varchar[]), {{ named }}))
{%- endmacro %}

{#
  The phone numbers of a list whose texts may hold several; a part of fewer than six figures, or of more than 15, is no
  number. Of an object of JSON a number is what is called so: it may have an id as well.
#}
{% macro separate_phones(phones) -%}
    {{ separated(
        phones,
        '[;,|\\n\\[{]',
        '^([^0-9]*[0-9]){6,15}[^0-9]*$',
        ['\\s*[;|\\n]\\s*', '\\s*,\\s*'],
        '(?i)"[^"]*(?:value|phone|number|mobile|e164)[^"]*"\\s*:\\s*"?([^",}]*[0-9][^",}]*)'
    ) }}
{%- endmacro %}

{#
  The parts of each text of a list, divided by the first pattern of signs that leaves only parts of the wanted form.
  Most lists have no such sign: these stay as they are, at the cost of one look.
#}
{% macro separated(texts, signs, part, separators, in_object) -%}
    case
        when coalesce(len(list_filter({{ texts }}, lambda whole: regexp_matches(trim(whole), '{{ signs }}'))), 0) = 0
            then {{ texts }}
        else flatten(list_transform({{ texts }}, lambda whole: list_transform(
            case
                when regexp_matches(whole, '^\s*\[?\s*\{')
                    then regexp_extract_all(whole, '{{ in_object }}', 1)
                when regexp_matches(whole, '<[^<>@]+@[^<>]+>') then regexp_extract_all(whole, '<([^<>@]+@[^<>]+)>', 1)
                {% for separator in separators -%}
                    when {{ all_parts(separator, part) }} then {{ parts_of(separator) }}
                {% endfor -%}
                else [whole]
            end,
            lambda each: trim(regexp_replace(each, '^\s*mailto:', '', 'i'), ' []"''')
        )))
    end
{%- endmacro %}

{% macro parts_of(separator) -%}
    list_filter(regexp_split_to_array(whole, '{{ separator }}'), lambda each: each <> '')
{%- endmacro %}

{% macro all_parts(separator, part) -%}
    len(list_filter({{ parts_of(separator) }}, lambda each: not regexp_matches(each, '{{ part }}'))) = 0
{%- endmacro %}
