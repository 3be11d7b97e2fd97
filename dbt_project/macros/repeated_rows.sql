{#
  Whether rows of a table may have the same values in these columns: false only where all differ.

  As many hashes as rows are as many values. To count hashes takes half of what it takes to group by the values, which
  then has to be done only where something repeats.
#}
{% macro may_repeat(relation, columns) -%}
    (select count(*) > count(distinct hash({{ columns | join(', ') }})) from {{ relation }})
{%- endmacro %}
