"""The session of Spark that all of this process share: of a Connect server, of a cluster, or of this machine.

Imported only where Spark is used: pyspark is an extra, and needs Java 17. Executors need the environment of the driver
(Python and the libraries in the same versions, and this project), and the home under the same path.
"""

import os
import sys
from typing import TYPE_CHECKING

from cdp_orchestration.errors import SettingsError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_SETTINGS = {
    # a bucket is a task of its own: Spark must not take the small ones together
    "spark.sql.adaptive.coalescePartitions.enabled": "false",
    "spark.sql.ansi.enabled": "true",
}
_SETTINGS_OF_THIS_MACHINE = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "8",
}


def spark_session(master: str | None) -> "SparkSession":
    """Open a session: of the Connect server in ``SPARK_REMOTE``, of a master, or of this machine.

    Args:
        master: the master of a cluster; None for all cores of this machine, unless ``SPARK_REMOTE`` is set.

    Returns:
        The session, which is the one of this process, if it has one.

    Raises:
        SettingsError: pyspark is not installed.
    """
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise SettingsError(
            "CDP_ENGINE is 'spark', but pyspark is not installed; expected the extra [spark], and Java 17. Install it "
            "with `make setup-spark`, or take CDP_ENGINE=loop."
        ) from None
    # the workers of this machine need the environment of this process
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("cdp")
    if not os.environ.get("SPARK_REMOTE"):
        builder = builder.master(master or "local[*]")
    for name, value in {**_SETTINGS, **(_SETTINGS_OF_THIS_MACHINE if _is_local(master) else {})}.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _is_local(master: str | None) -> bool:
    return (os.environ.get("SPARK_REMOTE") or master or "local").startswith("local")
