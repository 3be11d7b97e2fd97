{#
  Where a time becomes a day, a month or an hour. Times are UTC; a day is that of a clock on a wall, so it needs a time
  zone: the company's, or that of a store. No other place cuts days (tests/dbt_project/test_days.py proves it).
#}

{# Name of the company's time zone. #}
{% macro company_time_zone() -%}
    {{- var('company_time_zone') -}}
{%- endmacro %}

{# Runs before each dbt run: a name that DuckDB does not know stops it, with the remedy. #}
{% macro check_company_time_zone() -%}
    {%- set zone = company_time_zone() -%}
    {%- set found = "select count(*) from pg_timezone_names() where name = '" ~ zone | replace("'", "''") ~ "'" -%}
    {%- if execute and not run_query(found).columns[0].values()[0] -%}
        {{- exceptions.raise_compiler_error(
            "The variable company_time_zone is '" ~ zone ~ "', which is no time zone; expected a name such as UTC, "
            ~ "Europe/Berlin or America/New_York, written exactly so. Correct it in dbt_project.yml; `select name "
            ~ "from pg_timezone_names()` in DuckDB lists all names."
        ) -}}
    {%- endif -%}
{%- endmacro %}

{# What the company's clocks show at a time. #}
{% macro local_time(time) -%}
    {%- set zone = company_time_zone() -%}
    {%- if zone == 'UTC' -%} ({{ time }})
    {%- else -%} timezone('{{ zone }}', ({{ time }}) at time zone 'UTC')
    {%- endif -%}
{%- endmacro %}

{# The day of a time, as the company's clocks show it. #}
{% macro day_of(time) -%}
    {{ local_time(time) }}::date
{%- endmacro %}

{# When the month of a time began by the company's clocks, UTC. #}
{% macro month_start_of(time) -%}
    timezone('UTC', timezone('{{ company_time_zone() }}', date_trunc('month', {{ local_time(time) }})))
{%- endmacro %}

{#
  For times of many zones: one row per zone and day of UTC, with what the zone is ahead of UTC at both ends of that day.
  To convert a time is expensive; once per day is enough, except on days on which the clocks change.
#}
{% macro clocks_of(times) -%}
    select
        time_zone,
        utc_day,
        timezone(time_zone, utc_day at time zone 'UTC') - utc_day as utc_offset,
        timezone(time_zone, (utc_day + interval '1 day') at time zone 'UTC') - utc_day - interval '1 day' as next_offset
    from (
        select distinct
            time_zone,
            {{ utc_day_of('occurred_at') }} as utc_day
        from {{ times }}
    ) as days
{%- endmacro %}

{# What the clocks of a zone show at a time; the row of clocks_of for it is joined by time_zone and utc_day_of. #}
{% macro time_on(clocks, time) -%}
    if(
        {{ clocks }}.utc_offset = {{ clocks }}.next_offset,
        {{ time }} + {{ clocks }}.utc_offset,
        timezone({{ clocks }}.time_zone, {{ time }} at time zone 'UTC')
    )
{%- endmacro %}

{# The day of UTC, the key of clocks_of; no figure counts by it. #}
{% macro utc_day_of(time) -%}
    date_trunc('day', {{ time }})
{%- endmacro %}

{# The day and the hour, 0 to 23, of what clocks show. #}
{% macro day_shown(local_time) -%}
    {{ local_time }}::date
{%- endmacro %}

{% macro hour_shown(local_time) -%}
    hour({{ local_time }})
{%- endmacro %}

{# Each day from the first to the last one, a row each. #}
{% macro each_day(first_on, last_on) -%}
    unnest(range({{ first_on }}::timestamp, {{ last_on }} + interval '1 day', interval '1 day'))::date
{%- endmacro %}
