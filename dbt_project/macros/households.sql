{#
  A street and number as they are compared: lower case without accents and signs, the usual words short, so that
  "12, Church Road" and "12 church rd." are one, and so are "Lindenstraße 7" and "Lindenstr. 7".
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
  The words of a family name as they are compared: lower case without accents and particles, the endings of women's
  names as men bear them (Kowalska as Kowalski, Ivanova as Ivanov, Papadopoulou as Papadopoulos). Families are
  compatible where they share a word, so a double name goes with each of its halves.
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

{# Whether two records tell one address: the same street and number, and the same postcode or, without one, the city. #}
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

{# A postcode or a city as they are compared. #}
{% macro place_key(column) -%}
    lower(strip_accents(regexp_replace({{ column }}, '[^\p{L}\p{N}]+', '', 'g')))
{%- endmacro %}
