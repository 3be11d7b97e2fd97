{#
  Condition that a row belongs to a touched profile: one whose inputs changed since this table was last built.

  int_profile_inputs numbers the builds in which a profile's inputs changed. operations.profile_table_builds stores, for
  each table of the folders by_profile, the number up to which it was built; it is written in the transaction of the
  rows. So after a run that was killed between two tables, each table continues from its own number.

  Rows without a profile have no inputs. A table that holds such rows selects them by a condition of its own and renews
  them in each build: in this condition, they would make each join with the touched profiles one with all profiles.

  A full build takes all profiles, or, where they are many, one bucket of them after another (profile_buckets.sql).
#}
{% macro touched_profiles_only(profile_id) -%}
    {#- parsing must see the ref, so that dbt knows the dependency; a unit test has no table of its own #}
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
    {%- elif execute and profile_bucket_count() > 1 -%}
        {{ profile_id }} in (select bucket.profile_id from profiles_of_bucket as bucket)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{# Incremental strategy: delete the rows of touched profiles and those without a profile, then insert the new rows. #}
{% macro get_incremental_touched_profiles_sql(arguments) -%}
    {%- set columns = get_quoted_csv(arguments['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arguments['target_relation'] }} where profile_id is null or {{ touched_profiles_only('profile_id') }};
    insert into {{ arguments['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arguments['temp_relation'] }}
{%- endmacro %}

{# Runs before each dbt run: creates the table of builds. #}
{% macro create_profile_table_builds() -%}
    create table if not exists operations.profile_table_builds (
        table_name varchar, built_to bigint, code_version varchar
    )
{%- endmacro %}

{#
  The number of a build in which the inputs of profiles change: higher than any before. An erasure removes rows of
  int_profile_inputs, maybe those with the highest number, up to which tables were built.
#}
{% macro next_profile_build(known) -%}
    (
        select greatest(max(former.changed_in), (select max(built_to) from operations.profile_table_builds), 0) + 1
        from {{ known }} as former
    )::bigint
{%- endmacro %}

{#
  Runs after each build, full or by touched profile: stores the number and the code up to which the table was built, and
  what its rows are now, for the tables that read it. The number never falls.
#}
{% macro note_profile_build() -%}
    {%- set of_this = "table_name = '" ~ this.schema ~ '.' ~ this.identifier ~ "'" -%}
    insert into operations.profile_table_builds
    select
        '{{ this.schema }}.{{ this.identifier }}',
        greatest(max(changed_in), (select max(built_to) from operations.profile_table_builds where {{ of_this }}), 0),
        '{{ var("code_version") }}'
    from {{ ref('int_profile_inputs') }};
    delete from operations.profile_table_builds
    where {{ of_this }} and rowid < (select max(rowid) from operations.profile_table_builds where {{ of_this }});
    {{ note_content_by_profile(of_this) if execute and notes_contents() }}
{%- endmacro %}

{#
  Statements that note what a table by touched profile holds. A full build hashes all rows. A later one names that hash,
  the number up to which it was built since then, and the rows without a profile, which each build renews: to hash the
  rows of all profiles would cost as much as to build those of the touched ones.
#}
{% macro note_content_by_profile(of_this) -%}
    {%- set name = this.schema ~ '.' ~ this.identifier -%}
    {%- set noted = contents_of([name]) if not flags.FULL_REFRESH else {} -%}
    {%- set hashed -%}
        select count(*) || ' ' || coalesce(sum(hash(*columns(*))::hugeint), 0) from {{ this }}
    {%- endset -%}
    {%- set fully_built = "'" ~ noted[name][0].split(' to ')[0] ~ "'" if name in noted else '(' ~ hashed ~ ')' -%}
    delete from operations.table_contents where {{ of_this }};
    insert into operations.table_contents
    select
        '{{ name }}',
        {{ fully_built }} || ' to ' || built_to || ' and ' || ({{ hashed }} where profile_id is null),
        'touched profiles'
    from operations.profile_table_builds where {{ of_this }}
{%- endmacro %}
