"""The only module that uses Great Expectations: a gate's suite, and its validation on the computed statistics.

Its import takes seconds and 200 MB, so the first validation imports it, not the start of the process.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from expectations.gates import COLUMNS_CHECK, Check, Gate, Measure, Severity

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from great_expectations.datasource.fluent.interfaces import Batch


@dataclass(frozen=True)
class ExpectationResult:
    """Whether one expectation was met; ``broken_by`` is the reason why it could not be evaluated."""

    is_passed: bool
    broken_by: str | None = None


def bounds_of(check: Check) -> tuple[float | None, float | None]:
    """Return the smallest and the largest value that passes; for a rule about rows, of the share of good rows."""
    return (check.minimum, check.maximum) if isinstance(check, Measure) else (check.mostly, None)


def build_suite(gate: Gate) -> "ExpectationSuite":
    """Return the gate as a Great Expectations suite: one expectation a check, on the column with the check's name."""
    import great_expectations as gx
    import great_expectations.expectations as gxe
    from great_expectations.expectations.metadata_types import FailureSeverity

    def between(name: str, severity: Severity, low: float | None, high: float | None) -> Any:
        return gxe.ExpectColumnValuesToBeBetween(  # type: ignore[attr-defined] # exported by a star import
            column=name, min_value=low, max_value=high, severity=FailureSeverity(severity), description=name
        )

    return gx.ExpectationSuite(
        name=f"{gate.stage}.{gate.table}",
        expectations=[
            between(COLUMNS_CHECK, "critical", None, 0),
            *(between(check.check_name, check.severity, *bounds_of(check)) for check in gate.checks),
        ],
    )


def validate(gate: Gate, values: Mapping[str, float | None]) -> dict[str, ExpectationResult]:
    """Return one result a check, by check name; a check without a value cannot be evaluated and is broken."""
    context = _quiet_context()
    batch = _one_row_batch(context, values)
    report = batch.validate(build_suite(gate), result_format="BOOLEAN_ONLY")
    return {
        str(result.expectation_config.kwargs["column"]): _result(bool(result.success), result.exception_info)
        for result in report.results
        if result.expectation_config is not None
    }


def _quiet_context() -> "EphemeralDataContext":
    """Return a new context without usage statistics, progress bars or log messages."""
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    return gx.get_context(
        mode="ephemeral",
        project_config=DataContextConfig(
            store_backend_defaults=InMemoryStoreBackendDefaults(),
            analytics_enabled=False,
            progress_bars=ProgressBarsConfig(globally=False),
        ),
    )


def _one_row_batch(context: "EphemeralDataContext", values: Mapping[str, float | None]) -> "Batch":
    import pandas as pd

    frame = pd.DataFrame([dict(values)], dtype="float64")
    asset = context.data_sources.add_pandas("statistics").add_dataframe_asset("statistics")
    return asset.add_batch_definition_whole_dataframe("whole").get_batch(batch_parameters={"dataframe": frame})


def _result(is_passed: bool, exception_info: Mapping[str, Any] | None) -> ExpectationResult:
    """Return the result of one expectation; an exception, reported once or by metric, breaks it."""
    info = exception_info or {}
    reports = [info, *(part for part in info.values() if isinstance(part, Mapping))]
    for report in reports:
        if report.get("raised_exception"):
            last_line = str(report.get("exception_traceback") or "").strip().rpartition("\n")[2]
            return ExpectationResult(False, last_line.partition(":")[0] or "exception in Great Expectations")
    return ExpectationResult(is_passed)
