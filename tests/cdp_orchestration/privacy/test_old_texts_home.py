"""A command takes old texts out of a whole home: out of what landed, the inbox, the warehouse and all that follows.

Marked ``long``: what leaves a batch and a delivery is tried every time by ``landing/test_coarsened_rows.py``, and the
command by ``test_old_texts.py``.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from live_homes import copy_home
from release_comparison import release_of

_TEXTS = """
    select distinct description
    from landing.support_tickets
    where updated_at < (select as_of_at from profiles.as_of) - to_days(30) and description is not null
    except
    select description
    from landing.support_tickets
    where updated_at >= (select as_of_at from profiles.as_of) - to_days(30)
    order by all
"""
_TICKETS = """
    select count(*), count(topic), count(text_language), count(duration_minutes), count(profile_id)
    from touchpoints
    where source_record_type = 'ticket'
"""


def _ask(home: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def _files_with(home: Path, texts: list[bytes]) -> set[str]:
    """Return the files that hold one of the texts, except the packed ones: batches are asked by SQL."""
    files = (path for path in home.rglob("*") if path.is_file() and path.suffix != ".parquet")
    return {path.suffix for path in files if any(text in path.read_bytes() for text in texts)}


@pytest.mark.slow
@pytest.mark.long
def test_old_texts_leave_the_home_and_what_happened_stays(
    live_home: Path, tmp_path: Path, cdp: Callable[..., Any]
) -> None:
    home = copy_home(live_home, tmp_path / "home")
    (home / "retention.yml").write_text("texts: {keep_days: 30}\n", encoding="utf-8")
    texts = [text.encode() for (text,) in _ask(home, _TEXTS)]
    assert ".jsonl" in _files_with(home, texts)
    with release_of(home).connect() as release:
        (before,) = release.execute(_TICKETS).fetchall()
    counted = cdp(home, "privacy", "inactive")
    assert counted.returncode == 0, counted.stderr
    assert "support/tickets" in counted.stdout
    assert len(_ask(home, _TEXTS)) == len(texts), "to count changes nothing"
    removed = cdp(home, "privacy", "inactive", "--yes")
    assert removed.returncode == 0, removed.stdout + removed.stderr
    assert "rows have lost their texts" in removed.stdout
    assert _ask(home, _TEXTS) == []
    assert _files_with(home, texts) == set()
    with release_of(home).connect() as release:
        (after,) = release.execute(_TICKETS).fetchall()
        logged = release.execute("select request_type, system_name from compliance_log").fetchall()
    assert (after[0], *after[3:]) == (before[0], *before[3:])
    assert after[1] < before[1]
    assert ("coarsen", "support") in logged
    again = cdp(home, "privacy", "inactive", "--yes")
    assert "No text is too old" in again.stdout
