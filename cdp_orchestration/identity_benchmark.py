"""Measure identity resolution at size: everything, one per cent of change, and bare Splink on the same records.

The records are those of a synced home, multiplied: each copy of the population gets other names, dates, contacts and
places by the same rule for all records of a person, so that copies are strangers who resemble each other as people do.
"""

import resource
import time
from pathlib import Path

import duckdb
from rich.console import RenderableType

from cdp_orchestration.report import table
from identity import PLATFORM_MAPPING, resolve, resolve_changes
from identity.splink_session import quiet_splink

_BARE_COLUMNS = ("given_name", "family_name", "birth_date", "email", "phone", "postcode")


def measure_identity(warehouse: Path, record_count: int) -> RenderableType:
    """Return seconds and memory of resolving ``record_count`` records made from the warehouse's person records.

    Memory is the process's greatest so far, bare Splink last, so that it cannot be blamed on Splink's run.
    """
    with duckdb.connect() as connection:
        _multiply(connection, warehouse, record_count)
        rows = connection.execute("select count(*) from people").fetchall()[0][0]
        started = time.perf_counter()
        full = resolve(connection, "main.people", PLATFORM_MAPPING, keep_state_in="main")
        full_seconds = time.perf_counter() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
        _change_one_in_a_hundred(connection)
        started = time.perf_counter()
        changed = resolve_changes(connection, "main.people", PLATFORM_MAPPING, model=full.model, state_schema="main")
        changed_seconds = time.perf_counter() - started
        with quiet_splink():
            bare_seconds = _bare_splink(connection)
    steps = ", ".join(f"{name} {seconds:.0f}" for name, seconds in full.seconds.items() if seconds >= 1)
    told = [
        ("records", f"{rows:,}"),
        ("pairs compared", f"{full.counts['candidate_pairs']:,}"),
        ("everything, seconds", f"{full_seconds:.1f} ({steps})"),
        ("bare Splink (six columns, five rules), seconds", f"{bare_seconds:.1f}"),
        ("everything / bare Splink", f"{full_seconds / bare_seconds:.1f}"),
        ("1 % changed, seconds", f"{changed_seconds:.1f} ({changed.counts['touched']:,} records touched)"),
        ("1 % changed / everything", f"{changed_seconds / full_seconds:.1%}"),
        ("greatest memory, GiB", f"{peak:.1f}"),
    ]
    return table(f"Identity at {rows:,} records", ("what", "value"), told)


def _multiply(connection: duckdb.DuckDBPyConnection, warehouse: Path, record_count: int) -> None:
    connection.execute(f"attach '{warehouse}' as home (read_only)")
    base = connection.execute("select count(*) from home.staging.person_records").fetchall()[0][0]
    copies = -(-record_count // base)
    connection.execute(
        f"""
        create table family_names as
        select family_name, row_number() over (order by md5(family_name)) - 1 as place, count(*) over () as name_count
        from (select distinct family_name from home.staging.person_records where family_name is not null);
        create table people as
        with copied as (
            select record.*, copy
            from home.staging.person_records as record
            cross join (select unnest(range({copies})) as copy)
        )

        select
            copied.* exclude (copy) replace (
                copied.person_record_id || '/' || copy as person_record_id,
                if(copy = 0, full_name, null) as full_name,
                coalesce(other.family_name, copied.family_name) as family_name,
                date_of_birth + cast(copy * 37 % 9000 as integer) as date_of_birth,
                list_transform(emails, lambda x: if(copy = 0, x, copy || x)) as emails,
                list_transform(phones, lambda x: if(copy = 0, x, left(x, -4) || lpad(
                    cast((cast(right(x, 4) as integer) + copy * 7) % 10000 as varchar), 4, '0')
                    || cast(copy // 1000 as varchar))) as phones,
                if(copy = 0, address_line, cast(copy * 3 as varchar) || ' ' || address_line) as address_line,
                if(copy = 0, postcode, left(postcode, 2) || copy || substr(postcode, 3)) as postcode,
                list_transform(loyalty_numbers, lambda x: x || '/' || copy) as loyalty_numbers,
                list_transform(shop_customer_ids, lambda x: x || '/' || copy) as shop_customer_ids,
                list_transform(card_fingerprints, lambda x: x || '/' || copy) as card_fingerprints
            )
        from copied
        left join family_names as own on copied.family_name = own.family_name
        left join family_names as other on (own.place + copy * 101) % own.name_count = other.place
        qualify row_number() over (order by copy, copied.person_record_id) <= {record_count};
        detach home
        """
    )


def _change_one_in_a_hundred(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "update people set city = 'Elsewhere', postcode = 'E1 ' || right(person_record_id, 3) "
        "where hash(person_record_id) % 100 = 7"
    )


def _bare_splink(connection: duckdb.DuckDBPyConnection) -> float:
    """Train, predict and cluster as a plain script would, on the same records; return its seconds."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    connection.execute(
        """
        create table bare as
        select
            person_record_id as unique_id, lower(given_name) as given_name, lower(family_name) as family_name,
            cast(date_of_birth as varchar) as birth_date, emails[1] as email, phones[1] as phone, postcode
        from people
        """
    )
    rules = [
        block_on("email"),
        block_on("phone"),
        block_on("family_name", "birth_date"),
        block_on("given_name", "family_name", "postcode"),
        block_on("given_name", "birth_date"),
    ]
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[*rules],
        comparisons=[cl.ExactMatch(column) for column in _BARE_COLUMNS],
    )
    started = time.perf_counter()
    linker = Linker(DuckDBAPI(connection=connection).register("bare"), settings)
    linker.training.estimate_probability_two_random_records_match([*rules[:3]], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("email"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("family_name", "birth_date"))
    predicted = linker.inference.predict(threshold_match_probability=0.5)
    linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_probability=0.95)
    return time.perf_counter() - started
