"""After an erasure no schema of a real PostgreSQL that releases were published to holds a value of the person."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from live_homes import copy_home
from postgres_server import running_postgres
from release_comparison import release_of
from test_erasure import NAMING

from cdp_orchestration.connectors.databases.scanners import scanner_of
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sql_text import text_literal
from cdp_orchestration.release.pointer import point_to
from cdp_orchestration.release.publication import release_ids

pytestmark = [pytest.mark.slow, pytest.mark.scenario]

DECLARED = "destinations:\n  warehouse: {kind: postgres, url: env:CDP_POSTGRES, keep: 2, retries: 0}\n"
# Everything that is no part of the server itself, views and what the platform notes included
RELATIONS = """
    select format('%I.%I', nspname, relname)
    from pg_class inner join pg_namespace on relnamespace = pg_namespace.oid
    where relkind in ('r', 'v', 'm', 'p') and nspname not like 'pg\\_%' and nspname <> 'information_schema'
    order by 1
"""


# What somebody else bears, such as the same street with its kind before it, is not the person's alone
OF_OTHERS = """
    select lower(value) from profile_attributes where profile_id <> ? and value is not null
    union
    select lower(identifier_value) from profile_identifiers where profile_id <> ?
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running_postgres() as found:
        yield found


def _dump(address: str) -> dict[str, str]:
    """Return every relation of the server with all of its rows as text, in small letters."""
    with duckdb.connect() as engine:
        engine.load_extension(str(scanner_of("postgres")))
        engine.execute(f"attach {text_literal(address)} as server (type postgres, read_only)")

        def ask(query: str) -> list[str]:
            found = engine.execute(f"from postgres_query('server', {text_literal(query)})").fetchall()
            return [str(row[0]) for row in found]

        relations = ask(RELATIONS)
        return {name: "\n".join(ask(f"select each::text from {name} as each")).lower() for name in relations}


def _places(dump: dict[str, str], values: list[str]) -> set[str]:
    return {relation for relation, text in dump.items() for value in values if value.lower() in text}


def test_no_schema_of_a_server_holds_anything_of_who_was_erased(
    grown_home: Path, tmp_path: Path, cdp: Callable[..., Any], address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDP_POSTGRES", address)
    home = copy_home(grown_home, tmp_path / "home")
    (home / "destinations.yml").write_text(DECLARED, encoding="utf-8")
    releases = Settings(home).releases
    for release_id in reversed(release_ids(releases)[:2]):
        point_to(releases, release_id, datetime.now(UTC), former=())
        published = cdp(home, "releases", "publish")
        assert published.returncode == 0, published.stdout + published.stderr
    with release_of(home).connect() as release:
        found = "select profile_id from profiles where source_count >= 3 order by record_count desc, profile_id limit 1"
        ((profile_id,),) = release.execute(found).fetchall()
        others = "\n".join(value for (value,) in release.execute(OF_OTHERS, [profile_id, profile_id]).fetchall())
        values = [
            value for (value,) in release.execute(NAMING, [[profile_id]]).fetchall() if value.lower() not in others
        ]
    assert len(values) > 5
    before = _places(_dump(address), values)
    assert len({place.partition(".")[0] for place in before}) == 3, "two releases and the views of the newest"
    erased = cdp(home, "privacy", "erase", profile_id, "--request-id", "T-1", "--yes")
    assert erased.returncode == 0, erased.stdout + erased.stderr
    assert "Published again, without anything older: warehouse" in erased.stdout
    after = _dump(address)
    assert _places(after, values) == set()
    live = release_of(home)
    assert len({name.partition(".")[0] for name in after if name.endswith(".profiles")}) == 2
    with live.connect() as release:
        ((count,),) = release.execute("select count(*) from profiles").fetchall()
    assert len(after["cdp.profiles"].splitlines()) == count
