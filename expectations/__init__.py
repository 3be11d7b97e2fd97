"""The gates on the boundaries between the stages: suites of Great Expectations as typed Python.

A gate states what a table must be like before the next stage may read it. dbt has tested rows, keys and joins by then;
a gate checks the table as a whole: volume, rates of completeness and format, distributions, group sizes, agreement
with the stage before. A failed critical expectation stops the run, a failed warning is reported.

The expectations are plain values in one module a stage: ``landing``, ``staging``, ``identity``, ``profiles``,
``journeys`` and ``release``; ``figures`` compares with what was accepted before. ``gates`` says what a gate is,
``checking`` evaluates one, ``warehouse`` lets DuckDB answer Great Expectations, ``project`` and ``data_docs`` keep what
was found for people. Here belongs no place of a file, no environment variable and no Dagster; ``README.md`` explains
the design and how to add an expectation.

Great Expectations is imported with the first name of ``_FROM`` that is asked for, not with the package.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

from expectations.gated_tables import GATED_TABLES
from expectations.gates import FIGURES, Gate, Severity
from expectations.load_counts import LoadCounts
from expectations.results import SHOWN_KEYS, GateResult, Outcome, listed_keys

if TYPE_CHECKING:
    from expectations.checking import check_table
    from expectations.every_gate import GATES
    from expectations.figures import figures_gate
    from expectations.landing import landing_gate
    from expectations.release import release_gate

_FROM = {
    "GATES": "expectations.every_gate",
    "check_table": "expectations.checking",
    "figures_gate": "expectations.figures",
    "landing_gate": "expectations.landing",
    "release_gate": "expectations.release",
}


_SPARK = "pyspark"


def __getattr__(name: str) -> Any:
    if name not in _FROM:
        raise AttributeError(f"module 'expectations' has no attribute '{name}'")
    with _without_spark():
        return getattr(import_module(_FROM[name]), name)


@contextmanager
def _without_spark() -> Iterator[None]:
    """Hide Spark from what is imported meanwhile, unless it is loaded already.

    Great Expectations imports all of it where it is installed, with warnings; no gate of this project asks it.
    """
    if _SPARK in sys.modules:
        yield
        return
    sys.modules[_SPARK] = None  # type: ignore[assignment] # how Python says that there is none
    try:
        yield
    finally:
        del sys.modules[_SPARK]


__all__ = [
    "FIGURES",
    "GATED_TABLES",
    "GATES",
    "SHOWN_KEYS",
    "Gate",
    "GateResult",
    "LoadCounts",
    "Outcome",
    "Severity",
    "check_table",
    "figures_gate",
    "landing_gate",
    "listed_keys",
    "release_gate",
]
