"""On what identity resolves all records: in memory, in a loop over partitions, or on Spark."""

import math
import os
from dataclasses import dataclass

from cdp_orchestration.home.environment import number_of, one_of

ENGINES = ("memory", "loop", "spark")
_GIB_OF_A_TASK = 2.0


@dataclass(frozen=True)
class EngineSettings:
    """What the environment says of the engine.

    Attributes:
        name: one of ENGINES; None to take memory while the records fit in it, and the loop beyond.
        memory_gib: the memory that a resolution may take, in GiB; 0 for half of what DuckDB may take. On Spark it is
            that of one task, and 0 stands for 2.
        spark_master: the master of a Spark cluster; None for ``local[*]``. ``SPARK_REMOTE`` names a Spark Connect
            server instead, as for every program of Spark.
    """

    name: str | None = None
    memory_gib: float = 0.0
    spark_master: str | None = None

    @property
    def task_memory(self) -> int:
        """Bytes that the Python process of one task of Spark may use."""
        return int((self.memory_gib or _GIB_OF_A_TASK) * (1 << 30))

    @classmethod
    def from_environment(cls) -> "EngineSettings":
        """Read ``CDP_ENGINE``, ``CDP_ENGINE_MEMORY`` and ``CDP_SPARK_MASTER``; SettingsError for what is no value."""
        return cls(
            one_of("CDP_ENGINE", ENGINES),
            number_of("CDP_ENGINE_MEMORY", cls.memory_gib, math.inf, "a number of GiB"),
            os.environ.get("CDP_SPARK_MASTER", "").strip() or None,
        )
