"""Limits that people set by hand, in place of learned ones: ``$CDP_HOME/overrides/figure_limits.yml``.

```yaml
limits:
  - of: landing.crm_contacts      # the stream or table
    figure: filled                # the kind of figure
    value: Email                  # what it is about; without it every value of the subject
    minimum: 0.6
    severity: critical            # or warning
```
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from cdp_orchestration.errors import CdpError
from cdp_orchestration.figures.bounds import Compared
from cdp_orchestration.figures.families import FAMILIES
from cdp_orchestration.home.yaml_faults import yaml_fault


class LimitsError(CdpError):
    """The file of the limits is not what it should be."""


class Limit(BaseModel):
    """The limits of some figures, in the unit of the figure: a part from 0 to 1, a number, days, letters."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    of: str = Field(pattern=r"^[a-z_]+\.[a-z0-9_]+$", description="landing.<source>_<stream>, or a stage's table.")
    figure: str
    value: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    severity: Literal["critical", "warning"] = "critical"

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if self.figure not in FAMILIES:
            raise ValueError(f"found figure {self.figure}, expected one of {', '.join(sorted(FAMILIES))}")
        if self.minimum is None and self.maximum is None:
            raise ValueError("expected minimum, maximum or both")
        return self


class Limits(BaseModel):
    """The file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    limits: tuple[Limit, ...] = ()


def read_limits(path: Path) -> Sequence[Limit]:
    """Return the limits of a home; none without the file.

    Raises:
        LimitsError: the file cannot be read; the message names the line where it can.
    """
    if not path.exists():
        return ()
    try:
        return Limits.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {}).limits
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise LimitsError(f"{path}: {yaml_fault(error)}. Correct the file.") from None


def limited(subject: str, comparison: Compared, limits: Sequence[Limit]) -> Compared:
    """Return a comparison by the limits that people set for it; without any, as it was."""
    for limit in limits:
        figure = comparison.figure
        if (limit.of, limit.figure) != (subject, figure.name) or limit.value not in (None, figure.of):
            continue
        unit = FAMILIES[figure.name].unit
        low = comparison.low if limit.minimum is None else unit.back(limit.minimum)
        high = comparison.high if limit.maximum is None else unit.back(limit.maximum)
        value = unit.of(figure.value)
        is_within = (limit.minimum is None or value >= limit.minimum) and (
            limit.maximum is None or value <= limit.maximum
        )
        comparison = replace(
            comparison, low=low, high=high, is_usual=is_within, is_credible=is_within or limit.severity == "warning"
        )
    return comparison
