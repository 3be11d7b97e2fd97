"""Expectations where no stock one fits: types of columns, quantiles that can be stored, a figure by SQL."""

from collections.abc import Mapping
from typing import Any, ClassVar

import great_expectations.expectations as gxe
from great_expectations.compatibility import pydantic
from great_expectations.expectations.expectation import BatchExpectation

Verdict = dict[str, Any]


class ExpectColumnTypesToBe(BatchExpectation):
    """Expect the table to have these columns with these types; it may have further ones.

    The stock expectations about types know the engines of Great Expectations alone.

    Args:
        types: each column with its DuckDB type, as ``describe`` names it.
    """

    types: dict[str, str]

    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.column_types",)
    success_keys: ClassVar[tuple[str, ...]] = ("types",)
    args_keys: ClassVar[tuple[str, ...]] = ("types",)

    def _validate(self, metrics: Mapping[str, Any], *_: Any, **__: Any) -> Verdict:
        found = {each["name"]: str(each["type"]).lower() for each in metrics["table.column_types"]}
        missing = [f"{name} (missing)" for name in self.types if name not in found]
        retyped = [
            f"{name} ({found[name]} instead of {expected.lower()})"
            for name, expected in self.types.items()
            if name in found and found[name] != expected.lower()
        ]
        result: Verdict = {"observed_value": len(missing + retyped)}
        if missing or retyped:
            result["details"] = {"mismatched": {"missing": missing, "retyped": retyped}}
        return {"success": not (missing or retyped), "result": result}


class ExpectFigureToBeBetween(BatchExpectation):
    """Expect a number about the whole batch to be between two bounds, both included; nothing to measure passes.

    The stock expectations about numbers fail on an empty table, and ask for a column.

    Args:
        figure: an SQL aggregate over the batch, or a plain number.
        min_value: the smallest number that passes.
        max_value: the largest number that passes.
    """

    figure: str
    min_value: float | None = None
    max_value: float | None = None

    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.figure",)
    success_keys: ClassVar[tuple[str, ...]] = ("figure", "min_value", "max_value")
    args_keys: ClassVar[tuple[str, ...]] = ("figure", "min_value", "max_value")

    @pydantic.root_validator
    def _has_a_bound(cls, values: dict[str, Any]) -> dict[str, Any]:  # noqa: N805 # a validator is a class method
        if values.get("min_value") is None and values.get("max_value") is None:
            raise ValueError("a figure needs min_value, max_value or both")
        return values

    def _validate(self, metrics: Mapping[str, Any], *_: Any, **__: Any) -> Verdict:
        found = metrics["table.figure"]
        low, high = self.min_value, self.max_value
        good = found is None or ((low is None or found >= low) and (high is None or found <= high))
        return {"success": good, "result": {"observed_value": found}}


class ExpectColumnQuantilesToBeBetween(gxe.ExpectColumnQuantileValuesToBeBetween):
    """As ``ExpectColumnQuantileValuesToBeBetween``, whose verdict, a numpy boolean, no store of results can write."""

    def _validate(self, *args: Any, **kwargs: Any) -> Verdict:
        report = super()._validate(*args, **kwargs)
        return {**report, "success": bool(report["success"])}
