"""The gates on the boundaries between the stages: Great Expectations suites as typed Python.

A gate says what a batch must be like before it may cross into the next stage. dbt has tested single rows, keys
and joins by then; a gate asks about the batch: volume, completeness and format rates, distributions, group sizes,
agreement with the stage before. Critical checks stop the run, warnings report.

One builder module a stage. Rules live in ``landing``, ``staging``, ``identity``, ``profiles``, ``journeys`` and
``release``; what a gate is in ``gates``; how DuckDB and Great Expectations are asked in ``checking``,
``statistics`` and ``suites``; the answer in ``results``. Nothing here knows a path, the environment or Dagster.
"""

from expectations.checking import check_table
from expectations.gates import Gate, Measure, RowRule
from expectations.identity import IDENTITY_GATES
from expectations.journeys import JOURNEY_GATES
from expectations.landing import LoadCounts, landing_gate
from expectations.profiles import PROFILE_GATES
from expectations.release import release_gate
from expectations.results import QUALITY_SCHEMA, GateResult, Outcome, quality_rows
from expectations.staging import STAGING_GATES

GATES: dict[str, dict[str, Gate]] = {
    "staging": STAGING_GATES,
    "identity": IDENTITY_GATES,
    "profiles": PROFILE_GATES,
    "journeys": JOURNEY_GATES,
}
"""Stage to table to gate. Landing and release gates depend on the stream or the table: see their builders."""

__all__ = [
    "GATES",
    "QUALITY_SCHEMA",
    "Gate",
    "GateResult",
    "LoadCounts",
    "Measure",
    "Outcome",
    "RowRule",
    "check_table",
    "landing_gate",
    "quality_rows",
    "release_gate",
]
