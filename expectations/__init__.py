"""The gates on the boundaries between the stages: Great Expectations suites as typed Python.

A gate states what a table must be like before the next stage may read it. dbt has tested rows, keys and joins by then;
a gate checks the table as a whole: volume, rates of completeness and format, distributions, group sizes, agreement
with the stage before. A failed critical check stops the run, a failed warning is reported.

The checks are plain values in one module a stage: ``landing``, ``staging``, ``identity``, ``profiles``, ``journeys``
and ``release``. ``gates`` defines their types, ``checking`` evaluates them with ``statistics`` (DuckDB) and ``suites``
(Great Expectations), ``results`` holds the outcomes. Here belongs no path, no environment variable and no Dagster;
``README.md`` explains the design and how to add a check.
"""

from expectations.checking import check_table
from expectations.gates import Gate, Measure, RowRule, Severity
from expectations.identity import IDENTITY_GATES
from expectations.journeys import JOURNEY_GATES
from expectations.landing import LoadCounts, landing_gate
from expectations.profiles import PROFILE_GATES
from expectations.release import release_gate
from expectations.results import SHOWN_KEYS, GateResult, Outcome, listed_keys
from expectations.staging import STAGING_GATES

GATES: dict[str, dict[str, Gate]] = {
    "staging": STAGING_GATES,
    "identity": IDENTITY_GATES,
    "profiles": PROFILE_GATES,
    "journeys": JOURNEY_GATES,
}
"""Stage to table to gate. The gates of landing and release depend on a stream or a table: see their functions."""

__all__ = [
    "GATES",
    "SHOWN_KEYS",
    "Gate",
    "GateResult",
    "LoadCounts",
    "Measure",
    "Outcome",
    "RowRule",
    "Severity",
    "check_table",
    "landing_gate",
    "listed_keys",
    "release_gate",
]
