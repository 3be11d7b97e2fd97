"""Where this installation keeps its data: read once from the environment, passed on as one value."""

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
DEFAULT_HOME = ".cdp"


@dataclass(frozen=True)
class Settings:
    """The folders and files below ``$CDP_HOME``; nothing is created here."""

    home: Path

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read ``CDP_HOME``; without it the data lies in ``.cdp/`` of the current folder."""
        return cls(home=Path(os.environ.get("CDP_HOME") or DEFAULT_HOME).expanduser().resolve())

    @property
    def inbox(self) -> Path:
        """What the sources deliver: ``inbox/<source>/<stream>/*``."""
        return self.home / "inbox"

    @property
    def landing(self) -> Path:
        """Immutable Parquet batches, one per delivered file."""
        return self.home / "landing"

    @property
    def quarantine(self) -> Path:
        """Refused rows and files, with the reason."""
        return self.home / "quarantine"

    @property
    def warehouse(self) -> Path:
        """The one read-write database."""
        return self.home / "warehouse.duckdb"

    @property
    def models(self) -> Path:
        """Trained identity models, a folder a version."""
        return self.home / "models"

    @property
    def releases(self) -> Path:
        """Published releases and ``CURRENT.json``."""
        return self.home / "releases"

    @property
    def reports(self) -> Path:
        """Charts for people; written anew by every sync, read by no program."""
        return self.home / "reports"

    @property
    def overrides(self) -> Path:
        """What people decided about identity: overrides and labels, as CSV."""
        return self.home / "overrides"

    @property
    def writer_lock(self) -> Path:
        """Held by the one process that writes."""
        return self.home / "writer.lock"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own storage: runs, events, schedules."""
        return self.home / "dagster"

    @property
    def dbt_target(self) -> Path:
        """Artifacts of dbt runs."""
        return self.home / "dbt"
