{#
  Whether rows of a table may have the same hash, an expression over its columns: false only where all differ, and none
  is null.

  As many hashes as rows are as many values. To count hashes takes half of what it takes to group by the values, which
  then has to be done only where something repeats.
#}
{% macro may_repeat(relation, row_hash) -%}
    (select count(*) > count(distinct {{ row_hash }}) from {{ relation }})
{%- endmacro %}
