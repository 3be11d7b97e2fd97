"""Benchmark of identity resolution at size: everything, small changes, and plain Splink on the same records.

The records are those of a synced home, multiplied: each copy of the population gets other names, dates, contacts and
places, by the same rule for all records of a person, so that copies are strangers with realistic similarities. As in a
home, the records and the state are stored in a database file.
"""

import importlib
import logging
import multiprocessing
import resource
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import duckdb
import pyarrow as pa
from rich.console import RenderableType

from cdp_orchestration.benchmark.stopwatch import Took, timed
from cdp_orchestration.terminal.tables import table
from identity import PLATFORM_MAPPING, Resolution, resolve, resolve_changes
from identity.model.splink_session import quiet_splink

_PLAIN_COLUMNS = ("given_name", "family_name", "date_of_birth", "email", "phone", "postcode")
# One per cent of the records move to one town, a thousand others get a new mailbox
_MOVED = """
    update people set city = 'Elsewhere', postcode = 'E1 ' || right(person_record_id, 3)
    where hash(person_record_id) % 100 = 7
"""
_NEW_MAILBOXES = """
    update people set emails = [replace(person_record_id, '/', '.') || '@elsewhere.example']
    where person_record_id in (
        select person_record_id from people
        where hash(person_record_id) % 100 <> 7
        order by md5(person_record_id)
        limit 1000
    )
"""


def measure_identity(warehouse: Path, record_count: int) -> RenderableType:
    """Return seconds and memory of resolving ``record_count`` records made from the warehouse's person records."""
    # a process of its own, so that its memory is that of identity alone
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
        rows = process.submit(_measure, warehouse, record_count).result()
    return table(f"Identity at {record_count:,} records", ("what", "value"), rows)


def _measure(warehouse: Path, record_count: int) -> list[tuple[str, str]]:
    """Measure; plain Splink is last, so that its memory is not counted, and works in memory alone."""
    # importing it takes a second, which would count for the first resolution
    importlib.import_module("splink")
    with tempfile.TemporaryDirectory(prefix="cdp-identity-") as folder, duckdb.connect(f"{folder}/people") as opened:
        multiply(opened, warehouse, record_count)
        full, everything = timed(lambda: resolve(opened, "main.people", PLATFORM_MAPPING, store_state_in="main"))
        share, of_share = _change(opened, full, _MOVED)
        few, of_few = _change(opened, full, _NEW_MAILBOXES)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
        people = opened.execute(PLAIN_PEOPLE_SQL).to_arrow_table()
    with quiet_splink():
        plain = plain_splink(people)
    steps = ", ".join(f"{name} {seconds:.0f}" for name, seconds in full.seconds.items() if seconds >= 1)
    return [
        ("pairs compared", f"{full.counts['candidate_pairs']:,}"),
        ("everything, seconds", str(everything)),
        ("of which", steps),
        ("plain Splink (six columns, five rules), seconds", str(plain)),
        ("everything / plain Splink", everything.relative_to(plain)),
        ("1 % changed, seconds", f"{of_share}, {share.counts['touched']:,} records touched"),
        ("1 % changed / everything", of_share.relative_to(everything)),
        ("1,000 changed, seconds", f"{of_few}, {few.counts['touched']:,} records touched"),
        ("peak memory, GiB", f"{peak:.1f}"),
    ]


def _change(connection: duckdb.DuckDBPyConnection, full: Resolution, update: str) -> tuple[Resolution, Took]:
    """Change some of the people, and resolve what changed."""
    connection.execute(update)
    return timed(
        lambda: resolve_changes(connection, "main.people", PLATFORM_MAPPING, model=full.model, state_schema="main")
    )


def multiply(connection: duckdb.DuckDBPyConnection, warehouse: Path, record_count: int) -> None:
    """Create table `people` of so many records from the person records of a warehouse; copies are strangers."""
    connection.execute(f"attach '{warehouse}' as home (read_only)")
    base = connection.execute("select count(*) from home.staging.person_records").fetchall()[0][0]
    copies = -(-record_count // base)
    connection.execute(_PEOPLE_SQL.format(copies=copies, record_count=record_count))


_PEOPLE_SQL = """
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
            -- numbers far enough apart that no two copies look like a typo of each other
            list_transform(emails, lambda x: if(copy = 0, x,
                lpad(cast(copy * 7919 % 1000000 as varchar), 6, '0') || x)) as emails,
            list_transform(phones, lambda x: if(copy = 0, x, left(x, -4) || lpad(
                cast((cast(right(x, 4) as integer) + copy * 3571) % 10000 as varchar), 4, '0')
                || cast(copy // 1000 as varchar))) as phones,
            if(copy = 0, address_line, cast(copy * 3 as varchar) || ' ' || address_line) as address_line,
            if(copy = 0, postcode, left(postcode, 2) || copy || substr(postcode, 3)) as postcode,
            list_transform(loyalty_numbers, lambda x: x || '/' || copy) as loyalty_numbers,
            list_transform(shop_customer_ids, lambda x: x || '/' || copy) as shop_customer_ids,
            list_transform(card_fingerprints, lambda x: x || '/' || copy) as card_fingerprints,
            list_transform(other_identifiers, lambda x: x || '/' || copy) as other_identifiers
        )
    from copied
    left join family_names as own on copied.family_name = own.family_name
    left join family_names as other on (own.place + copy * 101) % own.name_count = other.place
    qualify row_number() over (order by copy, copied.person_record_id) <= {record_count};
    detach home
"""

PLAIN_PEOPLE_SQL = """
    select
        person_record_id as unique_id, lower(given_name) as given_name, lower(family_name) as family_name,
        cast(date_of_birth as varchar) as date_of_birth, emails[1] as email, phones[1] as phone, postcode
    from people
"""


def plain_splink(people: pa.Table) -> Took:
    """Train, predict and cluster the same records as a short Splink script does; return the time."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    rules = [
        block_on("email"),
        block_on("phone"),
        block_on("family_name", "date_of_birth"),
        block_on("given_name", "family_name", "postcode"),
        block_on("given_name", "date_of_birth"),
    ]
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[*rules],
        comparisons=[cl.ExactMatch(column) for column in _PLAIN_COLUMNS],
    )

    connection = duckdb.connect()
    connection.register("people_arrow", people)
    connection.execute("create table plain as select * from people_arrow")

    def run() -> None:
        linker = Linker(DuckDBAPI(connection=connection).register("plain"), settings, log_level=logging.CRITICAL)
        linker.training.estimate_probability_two_random_records_match([*rules[:3]], recall=0.7)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
        linker.training.estimate_parameters_using_expectation_maximisation(block_on("email"))
        linker.training.estimate_parameters_using_expectation_maximisation(block_on("family_name", "date_of_birth"))
        predicted = linker.inference.predict(threshold_match_probability=0.5)
        linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_probability=0.95)

    return timed(run)[1]
