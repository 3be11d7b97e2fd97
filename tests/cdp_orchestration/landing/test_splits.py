"""How rows are split into files, formats and runs makes no difference to the newest version of each key."""

import tempfile
from pathlib import Path

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import create_landing_views, land_stream
from cdp_orchestration.sources import shipped_streams

ACCOUNTS = next(stream for stream in shipped_streams() if stream.table == "crm_accounts")
NEWEST = """
    select Id, Name, SystemModstamp
    from landing.crm_accounts
    qualify row_number() over (
        partition by Id
        order by SystemModstamp desc nulls last, _source_file desc, _loaded_at desc, _source_line desc
    ) = 1
    order by Id
"""

versions = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 28)), min_size=1, max_size=12, unique=True)


@pytest.mark.slow
@given(versions=versions, cuts=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["csv", "jsonl"])), min_size=12))
@settings(max_examples=examples(3), deadline=None)
def test_any_split_into_files_and_runs_has_the_same_newest_versions(versions, cuts):
    newest = {}
    for key, day in versions:
        newest[key] = max(day, newest.get(key, 0))
    with tempfile.TemporaryDirectory() as folder:
        home = Settings(home=Path(folder))
        for run in range(3):
            rows = [(version, ending) for version, (turn, ending) in zip(versions, cuts, strict=False) if turn == run]
            for ending in ("csv", "jsonl"):
                deliver(home, f"{run}.{ending}", [version for version, kind in rows if kind == ending])
            land_stream(ACCOUNTS, home)
        with open_warehouse(home.warehouse) as connection:
            create_landing_views(connection, home, [ACCOUNTS])
            found = connection.execute(NEWEST).fetchall()
    assert [(row[0], row[2].day) for row in found] == [(str(key), day) for key, day in sorted(newest.items())]


def deliver(home, name, versions):
    path = home.inbox / "crm" / "accounts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = ["Id,SystemModstamp"] if name.endswith("csv") else []
    for key, day in versions:
        moment = f"2026-01-{day:02}T00:00:00Z"
        is_csv = name.endswith("csv")
        lines.append(f"{key},{moment}" if is_csv else f'{{"Id": {key}, "SystemModstamp": "{moment}"}}')
    if versions:
        path.write_text("\n".join(lines) + "\n")
