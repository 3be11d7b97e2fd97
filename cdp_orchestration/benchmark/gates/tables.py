"""Invented tables of every gated stage, in SQL, at a size that is asked for."""

from pathlib import Path

import duckdb

_TABLES = {
    "staging.person_records": """
        select
            'crm:contact:' || n as person_record_id, 'crm' as source_system, 'contact' as source_record_type,
            n::varchar as source_record_id, 'Ida Lund ' || n % 90000 as full_name, 'Ida' as given_name,
            'Lund' as family_name, date '1950-01-01' + (n % 20000)::integer as date_of_birth,
            ['ida.lund' || n // 2 || '@post.dk'] as emails, ['+4532' || (100000 + n // 2)] as phones,
            case when n % 3 = 0 then ['L' || n] else [] end as loyalty_numbers, []::varchar[] as shop_customer_ids,
            []::varchar[] as card_fingerprints, []::varchar[] as other_identifiers,
            case when n % 4 > 0 then 'DK' end as country_code, case when n % 3 > 0 then '2100' end as postcode
        from range({persons}) as numbers(n)
    """,
    "identity.profile_events": """
        select
            'run-' || n % 2 as run_id, ['created', 'merged'][n % 2 + 1] as event_type, 'profile-' || n as profile_id,
            timestamp '2026-01-01' + to_days((n % 2)::integer) as occurred_at
        from range({persons} // 100) as numbers(n)
    """,
    "identity.profile_assignments": """
        select
            'crm:contact:' || n as person_record_id, 'profile-' || n // 2 as profile_id,
            'profile-' || n // 2 as profile_id_first, 'same_loyalty_number' as link_reason, 0.97 as match_probability
        from range({persons}) as numbers(n)
    """,
    "identity.match_edges": """
        select
            'crm:contact:' || 2 * n as person_record_id_left, 'crm:contact:' || 2 * n + 1 as person_record_id_right,
            'probabilistic_match' as reason, 0.97 as match_probability, true as is_used
        from range({persons} // 2) as numbers(n)
    """,
    "profiles.profiles": """
        select
            'profile-' || n as profile_id, 'Ida Lund' as full_name, date '1984-02-29' as date_of_birth,
            'ida.lund' || n || '@post.dk' as email, '+4532' || (100000 + n) as phone, 'DK' as country_code,
            2::bigint as record_count, 1::bigint as source_count, timestamp '2025-01-01' as first_seen_at,
            timestamp '2026-01-01' as last_seen_at, 0.97 as identity_confidence, true as email_consent,
            true as call_consent
        from range({persons} // 2) as numbers(n)
    """,
    "profiles.profile_records": """
        select person_record_id, profile_id, match_probability from identity.profile_assignments
    """,
    "profiles.profile_identifiers": """
        select
            'profile-' || n // 2 as profile_id, ['email', 'phone'][n % 2 + 1] as identifier_type,
            ['ida.lund' || n || '@post.dk', '+4532' || (100000 + n)][n % 2 + 1] as identifier_value,
            sha256(n::varchar) as identifier_sha256, true as is_primary, n % 50 = 0 as is_shared,
            1::bigint as record_count, timestamp '2025-01-01' as first_seen_at, timestamp '2026-01-01' as last_seen_at
        from range({persons}) as numbers(n)
    """,
    "staging.interactions": """
        select
            'shop:visit:' || n as interaction_id, 'shop' as source_system, 'visit' as source_record_type,
            n::varchar as source_record_id, 'crm:contact:' || n % {persons} as person_record_id,
            timestamp '2025-01-01' + to_seconds(n * 7) as occurred_at, 'web' as channel, 'research' as stage,
            case when n % 5 = 0 then 20.5 end as amount, case when n % 5 = 0 then 'EUR' end as currency,
            case when n % 9 = 0 then 80.0 end as satisfaction_score, null::double as effort_score,
            null::double as duration_minutes, 'parcel' as topic, 'Spring' as campaign,
            case when n % 9 = 0 then 8 end as survey_score, case when n % 9 = 0 then 'da' end as text_language
        from range({touchpoints}) as numbers(n)
    """,
    "journeys.touchpoints": """
        select
            interaction_id as touchpoint_id, 'profile-' || n % ({persons} // 2) as profile_id, occurred_at, channel,
            stage, amount, satisfaction_score, effort_score, 1 as effort_weight,
            'journey-' || n % ({touchpoints} // 3) as journey_id
        from (select *, source_record_id::bigint as n from staging.interactions)
    """,
    "journeys.journeys": """
        select
            journey_id, min(profile_id) as profile_id, min(occurred_at) as started_at, max(occurred_at) as ended_at,
            count(*) as touchpoint_count, count(distinct channel) as channel_count, false as is_converted,
            null::timestamp as converted_at, null::double as minutes_to_conversion,
            min(satisfaction_score) as lowest_satisfaction_score
        from journeys.touchpoints
        group by journey_id
    """,
    "journeys.profile_metrics": """
        select
            profile_id, 3::bigint as recency_days, 2::bigint as order_count, 0.1 as return_rate, 5 as recency_score,
            1 as frequency_score, 3 as monetary_score, 'loyal' as segment, 9 as nps_score, 1::bigint as ticket_count,
            0::bigint as reopened_ticket_count
        from profiles.profiles
    """,
    "journeys.orders": """
        select 'order-' || n as order_id, 20.5::decimal(18, 2) as net_reporting_amount
        from range({touchpoints} // 10) as numbers(n)
    """,
    "journeys.journey_attribution": """
        select
            order_id, rule, 'web' as channel, 1::decimal(18, 6) as credit, net_reporting_amount as credited_amount
        from journeys.orders
        cross join (select unnest(['first', 'last', 'linear']) as rule)
    """,
    "journeys.moments": """
        select
            'moment-' || n as moment_id, 'profile-' || n as profile_id, 'email' as suggested_channel,
            'marketing' as purpose, true as is_contactable, timestamp '2026-01-01' as occurred_at,
            timestamp '2026-02-01' as expires_at
        from range({persons} // 10) as numbers(n)
    """,
    "landing.bench_contacts": """
        select
            'id' || n as id, timestamp '2026-01-01' + to_seconds(n) as changed_at, 'Ida' || n % 500 as given_name,
            'Lund' || n % 9000 as family_name, 'ida.lund' || n || '@post.dk' as email, '+4532' || (100000 + n) as phone,
            lpad((n % 9000)::varchar, 4, '0') as postcode, n % 3 = 0 as has_opt_in,
            'b' || n * 4 // {persons} as _batch_id, timestamp '2026-03-01' as _loaded_at,
            'contacts.csv' as _source_file, n as _source_line, null::varchar as _extra
        from range({persons}) as numbers(n)
    """,
    "landing.bench_events": """
        select
            'id' || n as id, timestamp '2026-01-01' + to_seconds(n) as changed_at, 'v' || n // 12 as visitor,
            ['page', 'track', 'identify'][n % 3 + 1] as kind, (n % 9000 / 100)::decimal(18, 4) as price,
            timestamp '2025-12-31' + to_seconds(n) as happened_at, 'b' || n * 4 // {touchpoints} as _batch_id,
            timestamp '2026-03-01' as _loaded_at, 'events.jsonl' as _source_file, n as _source_line,
            null::varchar as _extra
        from range({touchpoints}) as numbers(n)
    """,
}
EXPORTED = {
    "profiles.profiles": ("profile_id",),
    "profiles.profile_identifiers": ("profile_id", "identifier_type", "identifier_value"),
    "journeys.touchpoints": ("touchpoint_id",),
    "journeys.journeys": ("journey_id",),
}
"""Tables that are files of a release, too, with their keys."""


def fill(connection: duckdb.DuckDBPyConnection, persons: int, touchpoints: int) -> None:
    """Make every table in an empty warehouse.

    Args:
        connection: open on the warehouse.
        persons: how many person records there are.
        touchpoints: how many touchpoints.
    """
    for schema in dict.fromkeys(table.partition(".")[0] for table in _TABLES):
        connection.execute(f"create schema if not exists {schema}")
    for table, query in _TABLES.items():
        connection.execute(f"create table {table} as {query.format(persons=persons, touchpoints=touchpoints)}")


def export(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, Path]:
    """Write the files of a release; return each by its table."""
    files = {table: folder / f"{table.partition('.')[2]}.parquet" for table in EXPORTED}
    for table, file in files.items():
        connection.execute(f"copy {table} to '{file}' (format parquet)")
    return files
