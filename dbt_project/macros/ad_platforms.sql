{#
  What Google hashes of an e-mail: of its own mailboxes the name without dots and without what follows a plus; of a
  phone E.164. See "Format user data" of Google's Data Manager API.
#}
{% macro google_form(identifier_type, value) -%}
    case
        when {{ identifier_type }} = 'email' and split_part({{ value }}, '@', 2) in ('gmail.com', 'googlemail.com')
            then
                replace(split_part(split_part({{ value }}, '@', 1), '+', 1), '.', '')
                || '@' || split_part({{ value }}, '@', 2)
        when {{ identifier_type }} in ('email', 'phone') then {{ value }}
    end
{%- endmacro %}

{# What Meta hashes: the e-mail as it is, of a phone the digits alone. See its "Customer information parameters". #}
{% macro meta_form(identifier_type, value) -%}
    case {{ identifier_type }}
        when 'email' then {{ value }}
        when 'phone' then ltrim({{ value }}, '+')
    end
{%- endmacro %}
