"""What Great Expectations found, as the outcomes of a gate; and its results, cleared of what an error may quote."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from expectations.gates import Severity
from expectations.results import Outcome

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult

_ERROR = re.compile(r"\w*(?:Error|Exception)")


def outcome_of(result: "ExpectationValidationResult", causes: Mapping[str, str]) -> Outcome:
    """Return one outcome.

    Args:
        result: the result of one expectation.
        causes: why a metric could not be computed, by its id; each such text also stands for itself.

    Returns:
        The outcome. An expectation that could not be evaluated has failed as critical, whatever its severity.

    Raises:
        ValueError: if the expectation has no description, which would name the outcome.
    """
    configuration = result.expectation_config
    if configuration is None or not configuration.description:
        raise ValueError(f"A result without a description: {configuration}. Describe the expectation.")
    broken_by = broken_cause(result.exception_info, causes)
    found: Mapping[str, Any] = result.result or {}
    severity: Severity = "critical" if broken_by or configuration.severity == "critical" else "warning"
    return Outcome(
        check_name=configuration.description,
        severity=severity,
        is_passed=bool(result.success) and not broken_by,
        observed_value=None if broken_by else _observed(found),
        threshold=_threshold(configuration.type, configuration.kwargs),
        failed_row_count=None if broken_by else found.get("unexpected_count"),
        sample_keys=() if broken_by else _samples(found),
        is_share="unexpected_count" in found,
        broken_by=broken_by,
    )


def broken_cause(exception_info: Mapping[str, Any] | None, causes: Mapping[str, str]) -> str | None:
    """Return why an expectation could not be evaluated, None if it was.

    Great Expectations reports an exception once, or by metric. The text of an exception that is not the engine's own
    may quote a value, so that its kind alone is said.
    """
    info = exception_info or {}
    by_metric = {metric: report for metric, report in info.items() if isinstance(report, Mapping)}
    for metric, report in {"": info, **by_metric}.items():
        if report.get("raised_exception"):
            return causes.get(metric) or _kind_or_cause(str(report.get("exception_traceback") or ""), causes)
    return None


def _kind_or_cause(traceback: str, causes: Mapping[str, str]) -> str:
    kind, _, text = traceback.strip().rpartition("\n")[2].partition(": ")
    # The last line of a long text is not the name of an error, and may be anything.
    name = _ERROR.fullmatch(kind.rpartition(".")[2])
    return causes.get(text) or (name[0] if name else "exception in Great Expectations")


def without_tracebacks(result: "ExpectationValidationResult", causes: Mapping[str, str]) -> None:
    """Put the cause in place of the error's text and traceback, in a result that is about to be stored and shown."""
    cause = broken_cause(result.exception_info, causes)
    if cause is not None:
        result.exception_info = {"raised_exception": True, "exception_message": cause, "exception_traceback": ""}


def _observed(found: Mapping[str, Any]) -> float | str | None:
    if "unexpected_count" in found:
        evaluated = found["element_count"] - (found.get("missing_count") or 0)
        return (evaluated - found["unexpected_count"]) / evaluated if evaluated else None
    mismatched = _mismatched(found)
    value = found.get("observed_value")
    if mismatched is not None or isinstance(value, list):
        return float(len(mismatched or ()))
    if isinstance(value, dict):
        return ", ".join(map(str, value.get("values", ())))
    return value if value is None or isinstance(value, str) else _number(value)


def _number(value: Any) -> float | str:
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)


def _samples(found: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(found.get("partial_unexpected_list") or _mismatched(found) or ())


def _mismatched(found: Mapping[str, Any]) -> list[str] | None:
    """Return the columns at fault, None where the expectation is not about columns."""
    details = (found.get("details") or {}).get("mismatched")
    if details is None:
        return None
    missing = [each if each.endswith(")") else f"{each} (missing)" for each in details.get("missing", ())]
    return missing + list(details.get("retyped", ()))


def _threshold(kind: str, asked: Mapping[str, Any]) -> str:
    if kind in ("expect_table_columns_to_match_set", "expect_column_types_to_be"):
        return "at most 0"
    if kind == "unexpected_rows_expectation":
        return "none"
    if "mostly" in asked or kind.startswith(("expect_column_values_", "expect_column_pair_", "expect_compound_")):
        share = asked.get("mostly", 1)
        return "every row" if share == 1 else f"at least {share:.2%} of rows"
    low, high = asked.get("min_value"), asked.get("max_value")
    if kind.endswith("_to_equal"):
        low = high = asked.get("value")
    return _between(low, high)


def _between(low: Any, high: Any) -> str:
    if low is None and high is None:
        return "as described"
    if low == high:
        return f"exactly {_shown(low)}"
    if low is not None and high is not None:
        return f"between {_shown(low)} and {_shown(high)}"
    return f"at least {_shown(low)}" if low is not None else f"at most {_shown(high)}"


def _shown(bound: Any) -> str:
    return f"{bound:,.10g}" if isinstance(bound, int | float) else str(bound)
