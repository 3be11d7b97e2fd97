{#
  Tables that are built by touched profile (the folders by_profile) hold what a profile's inputs gave when it was last
  touched. int_profile_inputs numbers the builds in which a profile's inputs changed; the table of builds tells for each
  table up to which of them it was built, in the transaction of its rows. So a run that is killed between two tables
  leaves each with its own place to go on from.

  What nobody is known to have done is nobody's input: a table that holds rows without a profile asks for them as well,
  and they are renewed each time. Asked for here, they would make a join with everybody of each join with the touched.
#}
{% macro touched_profiles_only(profile_id) -%}
    {#- dbt learns of the dependency before it executes anything; a unit test has no table of its own #}
    {%- if not execute or (this and is_incremental()) -%}
        {{ profile_id }} in (
            select inputs.profile_id from {{ ref('int_profile_inputs') }} as inputs
            where inputs.changed_in > coalesce(
                (
                    select builds.built_to from operations.profile_table_builds as builds
                    where builds.table_name = '{{ this.schema }}.{{ this.identifier }}'
                ),
                0
            )
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{# The strategy of these tables: rows of touched profiles and of nobody go, also where nothing comes in their place. #}
{% macro get_incremental_touched_profiles_sql(arguments) -%}
    {%- set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arguments['target_relation'] }} where profile_id is null or {{ touched_profiles_only('profile_id') }};
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}

{# Before any run: the table of builds is there. #}
{% macro create_profile_table_builds() -%}
    create table if not exists operations.profile_table_builds (
        table_name varchar, built_to bigint, code_version varchar
    )
{%- endmacro %}

{# After a build, whole or by touched profile: up to where the table was built, and by which code. #}
{% macro note_profile_build() -%}
    delete from operations.profile_table_builds where table_name = '{{ this.schema }}.{{ this.identifier }}';
    insert into operations.profile_table_builds
    select '{{ this.schema }}.{{ this.identifier }}', coalesce(max(changed_in), 0), '{{ var("code_version") }}'
    from {{ ref('int_profile_inputs') }}
{%- endmacro %}
