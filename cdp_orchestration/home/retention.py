"""How long old releases, runs and refused rows are kept: ``$CDP_HOME/retention.yml``; without it, the defaults below.

```yaml
releases:
  keep: 24             # the newest; the live one, pinned ones and those that a reader holds stay in any case
  keep_daily: 30       # for how many days the last release of the day stays
runs:
  keep_days: 90        # Dagster's runs with their events
refusals:
  keep_days: 365       # rows of the quarantine; their counts stay
people:                # off: for how many days without activity people are kept; `cdp privacy inactive` erases them
  customers: 3650      # who have ordered
  contacts: 1095       # who are known by name or contact, and have not
  visitors: 395        # devices and cards of people who are not known
texts:                 # off: then texts of tickets and answers, with what is private beside them, leave old rows
  keep_days: 1095
```
"""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from cdp_orchestration.errors import SettingsError
from cdp_orchestration.home.yaml_faults import yaml_fault


class _Block(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class KeptReleases(_Block):
    """Which releases are kept."""

    keep: int = Field(default=24, ge=1, description="How many of the newest releases stay.")
    keep_daily: int = Field(default=30, ge=0, description="For how many days the last release of the day stays.")


class KeptRuns(_Block):
    """Which of Dagster's runs are kept."""

    keep_days: int = Field(default=90, ge=1, description="For how many days runs and their events stay.")


class KeptRefusals(_Block):
    """Which rows of the quarantine are kept."""

    keep_days: int = Field(default=365, ge=1, description="For how many days refused rows stay.")


class KeptPeople(_Block):
    """For how many days without activity people are kept, by kind; None for ever."""

    customers: int | None = Field(default=None, ge=1, description="Who have ordered.")
    contacts: int | None = Field(default=None, ge=1, description="Who are known by name or contact, and have not.")
    visitors: int | None = Field(default=None, ge=1, description="Devices and cards of people who are not known.")


class KeptTexts(_Block):
    """For how many days tickets and answers keep what people wrote, and whatever a source declares as private."""

    keep_days: int | None = Field(default=None, ge=1, description="For how many days; None for ever.")


class Retention(_Block):
    """What a home keeps."""

    releases: KeptReleases = KeptReleases()
    runs: KeptRuns = KeptRuns()
    refusals: KeptRefusals = KeptRefusals()
    people: KeptPeople = KeptPeople()
    texts: KeptTexts = KeptTexts()

    def with_releases(self, keep: int | None, keep_daily: int | None) -> "Retention":
        """Return it with other numbers of releases; None leaves a number as it is."""
        asked = {"keep": keep, "keep_daily": keep_daily}
        chosen = {name: number for name, number in asked.items() if number is not None}
        return self.model_copy(update={"releases": self.releases.model_copy(update=chosen)})

    def __str__(self) -> str:
        """Return it in one sentence."""
        return (
            f"the {self.releases.keep} newest releases and the last of {self.releases.keep_daily} days stay, "
            f"Dagster's runs of {self.runs.keep_days} days, and refused rows of {self.refusals.keep_days} days"
        )


def read_retention(path: Path) -> Retention:
    """Return what a home keeps.

    Args:
        path: the file; it may be missing.

    Returns:
        What the file says, and the defaults for what it does not say.

    Raises:
        SettingsError: the file is not as expected; nothing is removed then.
    """
    if not path.exists():
        return Retention()
    try:
        return Retention.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SettingsError(
            f"{path}: {yaml_fault(error)}. Expected releases: {{keep, keep_daily}}, runs: {{keep_days}}, refusals: "
            "{keep_days}, people: {customers, contacts, visitors} and texts: {keep_days} with whole numbers. Correct "
            "the file; until then nothing is removed"
        ) from None
