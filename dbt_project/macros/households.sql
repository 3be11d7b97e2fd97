{#
  Comparison key of a street and number: lower case, without accents and punctuation, common words abbreviated.
  "12, Church Road" and "12 church rd." have one key, and so have "Lindenstraße 7" and "Lindenstr. 7".
#}
{% macro address_key(column) -%}
    {%- set short_forms = {
        'street': 'st', 'road': 'rd', 'avenue': 'ave', 'av': 'ave', 'lane': 'ln', 'drive': 'dr', 'close': 'cl',
        'court': 'ct', 'square': 'sq', 'boulevard': 'blvd', 'bd': 'blvd', 'place': 'pl', 'apartment': 'apt',
        'strasse': 'str', 'calle': 'c', 'rue': 'r', 'via': 'v', 'ulica': 'ul',
    } -%}
    array_to_string(
        list_transform(
            string_split(
                trim(regexp_replace(
                    replace(lower(strip_accents({{ column }})), 'straße', 'str'),
                    '[^\p{L}\p{N}/]+', ' ', 'g'
                )),
                ' '
            ),
            lambda word: case word
                {%- for long, short in short_forms.items() %}
                    when '{{ long }}' then '{{ short }}'
                {%- endfor %}
                else regexp_replace(word, '(\p{L}{2})strasse$', '\1str')
            end
        ),
        ' '
    )
{%- endmacro %}

{#
  Comparison keys of a family name, one per word: lower case, without accents and particles, feminine endings in their
  masculine form (Kowalska as Kowalski, Ivanova as Ivanov, Papadopoulou as Papadopoulos). Two family names match if they
  share a key, so a double name matches each of its parts.
#}
{% macro family_name_keys(column) -%}
    list_distinct(list_transform(
        list_filter(
            regexp_split_to_array(
                regexp_replace(replace(lower(strip_accents({{ column }})), '''', ''), '[^\p{L}]+', ' ', 'g'), ' '
            ),
            lambda word: length(word) > 1 and word not in (
                'von', 'van', 'der', 'den', 'de', 'la', 'le', 'del', 'di', 'da', 'dos', 'du', 'el', 'al', 'bin', 'zu'
            )
        ),
        lambda word: regexp_replace(
            regexp_replace(
                regexp_replace(word, '(sk|ck|dzk)(a|aya|aja|y)$', '\1i'),
                '(ov|ev|in|yn|ов|ев|ин)(a|а)$', '\1'
            ),
            '(ск|цк|зьк)(а|ая)$|(poul|πουλ)(ou|ου)$', '\1\3'
        )
    ))
{%- endmacro %}

{# Whether two records have the same address: street and number, and postcode, or city where a postcode is missing. #}
{% macro same_address(record, other) -%}
    case
        when not coalesce(
            {{ place_key(record ~ '.postcode') }} = {{ place_key(other ~ '.postcode') }},
            {{ place_key(record ~ '.city') }} = {{ place_key(other ~ '.city') }},
            false
        ) then false
        when {{ record }}.address_line = {{ other }}.address_line then true
        else coalesce({{ address_key(record ~ '.address_line') }} = {{ address_key(other ~ '.address_line') }}, false)
    end
{%- endmacro %}

{# Comparison key of a postcode or a city. #}
{% macro place_key(column) -%}
    lower(strip_accents(regexp_replace({{ column }}, '[^\p{L}\p{N}]+', '', 'g')))
{%- endmacro %}
