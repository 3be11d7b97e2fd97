"""A signal that comes while DuckDB runs a query ends the query, and is no error of the query.

Who opens a database again that a query of the same process holds waits without end, so each case has its own process.
"""

import subprocess
import sys
from pathlib import Path

import pytest

OPENED_AGAIN = """
import signal
import sys
from pathlib import Path

from cdp_orchestration.home.warehouse import open_warehouse, read_warehouse


class AskedToEnd(BaseException): ...


def end(number, frame):
    raise AskedToEnd


opened = {"read": read_warehouse, "write": open_warehouse}[sys.argv[2]]
path = Path(sys.argv[1])
with open_warehouse(path):
    pass
signal.signal(signal.SIGALRM, end)
for seconds in (0.1, 0.2, 0.3):
    try:
        with opened(path) as connection:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            connection.execute("select sum(hash(a.range) % 7) from range(10000000) a, range(1000) b")
        raise SystemExit("the query was not interrupted")
    except AskedToEnd as request:
        kept = request
    with open_warehouse(path) as connection:
        connection.execute("create or replace table operations.after as select 1 as number")
print("opened again")
"""


@pytest.mark.parametrize("way", ["read", "write"])
def test_a_query_that_a_signal_stops_raises_what_the_signal_asked_and_leaves_the_database(
    tmp_path: Path, way: str
) -> None:
    command = [sys.executable, "-c", OPENED_AGAIN, str(tmp_path / "warehouse.duckdb"), way]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.stdout == "opened again\n", ended.stderr


def test_an_error_that_is_no_request_stays_what_it_is(tmp_path: Path) -> None:
    from cdp_orchestration.home.warehouse import open_warehouse

    with pytest.raises(RuntimeError, match="of the caller"), open_warehouse(tmp_path / "warehouse.duckdb"):
        raise RuntimeError("of the caller") from OSError("no space left")
