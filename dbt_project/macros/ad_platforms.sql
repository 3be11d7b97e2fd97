{#
  The form that Google hashes: an e-mail, at Google's own domains without the dots and the plus suffix of the mailbox
  name; a phone as E.164. See "Format user data" in Google's Data Manager API.
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

{# The form that Meta hashes: the e-mail, or the digits of the phone. See Meta's "Customer information parameters". #}
{% macro meta_form(identifier_type, value) -%}
    case {{ identifier_type }}
        when 'email' then {{ value }}
        when 'phone' then ltrim({{ value }}, '+')
    end
{%- endmacro %}
