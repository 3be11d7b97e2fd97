{# Text without outer blanks; null if nothing is left. #}
{% macro filled(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}

{# Filled text with each run of inner blanks (tabs, line breaks, no-break spaces) as one space. #}
{% macro collapsed(column) -%}
    nullif(trim(regexp_replace({{ column }}, '[\s\p{Z}]+', ' ', 'g')), '')
{%- endmacro %}

{#
  Text whose letters and signs a web form wrote as entities of HTML (S&eacute;verine, O&#39;Hara, Tom &amp; Beth), as
  they are read. What is escaped twice is read as well.
#}
{% macro without_entities(column) -%}
    {%- set names = [
        'amp', 'quot', 'apos', 'rsquo', 'lsquo', 'nbsp', 'szlig', 'aelig', 'AElig', 'oelig', 'oslash', 'Oslash',
    ] -%}
    {%- set signs = ['&', '"', "''", '’', '‘', ' ', 'ß', 'æ', 'Æ', 'œ', 'ø', 'Ø'] -%}
    {#- of a letter with a mark the mark follows, and nfc joins the two; each part of the text follows an ampersand -#}
    {%- set marks = {
        'grave': '\u0300', 'acute': '\u0301', 'circ': '\u0302', 'tilde': '\u0303', 'uml': '\u0308', 'ring': '\u030a',
        'caron': '\u030c', 'cedil': '\u0327',
    } -%}
    {%- set known = namespace(names=names, signs=signs) -%}
    {%- for letter in 'AEIOUYNCSZaeiouyncsz' -%}
        {%- for name, mark in marks.items() -%}
            {%- set known.names = known.names + [letter ~ name] -%}
            {%- set known.signs = known.signs + [letter ~ mark] -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set known_signs = "map(['" ~ known.names | join("', '") ~ "'], ['" ~ known.signs | join("', '") ~ "'])" -%}
    {%- set sign = known_signs ~ "[split_part(part, ';', 1)]" -%}
    case
        when not regexp_matches({{ column }}, '&(#[0-9]|[A-Za-z]{2,7};)') then {{ column }}
        else nfc_normalize(array_to_string(
            list_transform(
                string_split(replace({{ column }}, '&amp;', '&'), '&'),
                lambda part: case
                    when {{ sign }} is not null then {{ sign }} || substr(part, strpos(part, ';') + 1)
                    when regexp_matches(part, '^#[0-9]{2,6};')
                        then chr(regexp_extract(part, '[0-9]+')::integer) || substr(part, strpos(part, ';') + 1)
                    else '&' || part
                end
            ),
            ''
        )[2:])
    end
{%- endmacro %}

{# The words of a text in lower case, each run of other signs between them as one space. #}
{% macro words_alone(column) -%}
    trim(regexp_replace(lower(nfc_normalize({{ column }})), '[^\p{L}\p{M}]+', ' ', 'g'))
{%- endmacro %}

{# Whether a text of words has any of a list of words; both have a space at each end. #}
{% macro has_any_word(words, any_of) -%}
    coalesce(len(list_filter({{ any_of }}, lambda one: contains({{ words }}, one))) > 0, false)
{%- endmacro %}

{# Lower case text whose letters, digits and signs of full width, as East Asian keyboards write them, are narrow. #}
{% macro in_narrow_letters(column) -%}
    translate(
        {{ column }},
        'ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ０１２３４５６７８９＠．＿－＋',
        'abcdefghijklmnopqrstuvwxyz0123456789@._-+'
    )
{%- endmacro %}

{# An e-mail address in lower case without what was copied along: quotes, brackets, a full stop, unseen signs. #}
{% macro address_alone(column) -%}
    regexp_replace(
        regexp_replace(
            {{ in_narrow_letters("lower(regexp_replace(" ~ column ~ ", '\\p{Cf}+', '', 'g'))") }},
            '^[\s\p{Z}<"''‘“(\[]*(mailto:)?', ''
        ),
        '[\s\p{Z}>"''’”)\].,;]+$', ''
    )
{%- endmacro %}

{# Whether a text in lower case is one letter three times or more. #}
{% macro is_one_letter_again(column) -%}
    (length({{ column }}) >= 3 and replace({{ column }}, left({{ column }}, 1), '') = '')
{%- endmacro %}

{# One part of a taxonomy key: lower case, each run of other characters than letters and digits as one underscore. #}
{% macro event_word(column) -%}
    nullif(trim(regexp_replace(lower(nfc_normalize({{ column }})), '[^\p{L}\p{N}\p{M}]+', '_', 'g'), '_'), '')
{%- endmacro %}

{# One field of a JSON document as filled text. #}
{% macro json_text(column, path) -%}
    nullif(trim(json_extract_string({{ column }}, '{{ path }}')), '')
{%- endmacro %}

{# The domain of a website address: without scheme, www, port and path. #}
{% macro website_domain(column) -%}
    nullif(regexp_extract(lower(trim({{ column }})), '^(?:[a-z]+://)?(?:www\.)?([^/:?#\s]+\.[^/:?#\s]+)', 1), '')
{%- endmacro %}
