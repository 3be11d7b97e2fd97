"""Which engine resolves all records: the one that the environment names, or what the number of records asks for.

Memory is right while the records fit in it. Beyond that the loop resolves them in partitions, on this machine as well.
Spark is chosen by name alone, because it needs Java and a cluster to be worth its costs.
"""

import re
import shutil
from typing import TYPE_CHECKING

import duckdb

from cdp_orchestration.home.settings import Settings
from identity import LoopEngine
from identity.partitioned.loop_engine import BYTES_PER_RECORD

if TYPE_CHECKING:
    from identity.partitioned.engine import Engine

_UNITS = {"bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
# The other half is for what runs at the same time, and for what DuckDB does not count
_SHARE_OF_MEMORY = 0.5


def chosen_engine(connection: duckdb.DuckDBPyConnection, settings: Settings, person_records: str) -> "Engine | None":
    """Return the engine that resolves all records; None to resolve them in memory.

    Args:
        connection: the warehouse, whose memory limit is the machine's unless someone set another.
        settings: the home, with what the environment says of engines.
        person_records: the table of the records.

    Returns:
        The engine; its partitions spill below the home.
    """
    memory = _memory(connection, settings)
    name = settings.engine.name
    if name is None:
        count = connection.execute(f"select count(*) from {person_records}").fetchall()[0][0]
        name = "loop" if count * BYTES_PER_RECORD > memory else "memory"
    if name == "memory":
        return None
    spill = settings.identity_steps / "spill"
    if name == "spark":
        # imported when it is chosen: pyspark is an extra
        from cdp_orchestration.identity_stage.spark_engine import open_spark

        return open_spark(settings.engine.spark_master, settings.engine.task_memory, memory, spill)
    return LoopEngine(memory, spill)


def remove_steps(settings: Settings) -> None:
    """Remove what resolutions in partitions left, which is personal data: nothing reads it once it is stored."""
    if settings.identity_steps.exists():
        shutil.rmtree(settings.identity_steps)


def _memory(connection: duckdb.DuckDBPyConnection, settings: Settings) -> int:
    """Return the bytes that a resolution may take."""
    if settings.engine.memory_gib:
        return int(settings.engine.memory_gib * _UNITS["GiB"])
    limit = connection.execute("select current_setting('memory_limit')").fetchall()[0][0]
    number, unit = re.fullmatch(r"([0-9.]+) ?(\w+)", limit).groups()  # type: ignore[union-attr]
    return int(float(number) * _UNITS[unit] * _SHARE_OF_MEMORY)
