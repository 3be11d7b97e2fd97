"""Files that are cut or flipped, one place of a home after another, mended by ``cdp repair`` and ``cdp sync``."""

import random
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path

from cdp_orchestration.benchmark.faults.damages import cut, flip
from cdp_orchestration.benchmark.faults.homes import FaultHomes, Tally
from cdp_orchestration.benchmark.faults.processes import command, run

PLACES = (
    "releases/*/*.parquet",
    "releases/*/manifest.json",
    "releases/*/.manifest.json",
    "releases/*/cdp.duckdb",
    "releases/CURRENT.json",
    "landing/*/*/*.parquet",
    "landing/ledger.jsonl",
    "landing/hashes.jsonl",
    "quarantine/**/*.parquet",
    "models/IN_FORCE",
    "models/*/*",
    "audit.jsonl",
    "notifications.sqlite",
    "dagster/dagster.yaml",
    "dagster/history/*.db",
    "dagster/storage/*.db",
    "gx/great_expectations.yml",
    "gx/expectations/*.json",
    "reports/customer_360.html",
    "warehouse.duckdb",
)
"""Everything that a home writes; the warehouse comes last, since what it holds is built anew."""

_DAMAGES: dict[str, Callable[[Path], None]] = {"cut": cut, "flipped": flip}


def damage_files(homes: FaultHomes, chosen: random.Random) -> Tally:
    """Damage a file of each place, cut and flipped, and repair and sync after each.

    Args:
        homes: the homes.
        chosen: chooses the file where a place has several.

    Returns:
        The count.
    """
    tally = Tally("a file cut or flipped")
    home = homes.synced("files")
    for place, damage in product(PLACES, _DAMAGES):
        files = sorted(file for file in home.glob(place) if file.is_file() and file.stat().st_size > 1)
        if not files:
            continue
        file = chosen.choice(files)
        _DAMAGES[damage](file)
        found = [*_said(home, "status"), *_said(home, "repair"), *_said(home, "sync"), *homes.problems(home)]
        tally.note(f"{file.relative_to(home)} {damage}", found)
        if found:  # the next damage is tried in a home that is whole
            homes.drop(home)
            home = homes.synced("files")
    tally.add("after all of them", homes.after_sync(home))
    homes.drop(home)
    return tally


def _said(home: Path, name: str) -> list[str]:
    """Run a command: it may find something wrong, but it says so in its own words, and a sync succeeds."""
    ended = run(partial(command(name)), home)
    is_failed = ended.code != 0 if name == "sync" else ended.code not in {0, 1, 2}
    is_failed = is_failed or "Traceback" in ended.output
    return [f"`cdp {name}` ended with {ended.code}: {ended.last_line}"] if is_failed else []
