"""Where this installation keeps its data: read once from the environment, passed on as one value."""

import math
import os
from dataclasses import dataclass, field
from pathlib import Path

from cdp_orchestration.home.engine_settings import EngineSettings
from cdp_orchestration.home.environment import number_of
from cdp_orchestration.home.home_folder import home_folder

PROJECT_ROOT = Path(__file__).resolve().parents[2]  # the folder that holds the packages
DEFAULT_HOME = ".cdp"
SHORT_WAIT_SECONDS = 60.0
_SHARE, _SECONDS = "a number between 0 and 1", "a number of seconds, 0 or more"


def dbt_project_below(root: Path) -> Path:
    """Return the dbt project of the packages in a folder: inside one where a wheel is installed, else next to them."""
    installed = root / "cdp_orchestration" / "dbt_project"
    return installed if installed.is_dir() else root / "dbt_project"


DBT_PROJECT_DIR = dbt_project_below(PROJECT_ROOT)


@dataclass(frozen=True)
class Settings:
    """The folders and files below ``$CDP_HOME``; nothing is created here."""

    home: Path
    # Share of changed records from which a candidate identity model is trained
    identity_training_share: float = 0.05
    # Share of records moved to other profiles above which a candidate waits for approval
    identity_churn_share: float = 0.02
    company_name: str | None = None  # whose customers they are, in the title of the customer report
    # How long a sync waits for another process that writes the home
    writer_wait_seconds: float = 3600.0
    # A group of this machine whose members may read releases; without it, the user who runs the platform alone
    readers_group: str | None = None
    engine: EngineSettings = field(default_factory=EngineSettings)

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read ``CDP_HOME``; without it the data lies in ``.cdp/`` of the current folder.

        ``CDP_IDENTITY_TRAINING_SHARE`` and ``CDP_IDENTITY_CHURN_SHARE`` (0 to 1) replace the defaults above; another
        value raises ``SettingsError``. ``CDP_COMPANY_NAME`` names the company. ``CDP_WRITER_WAIT_SECONDS`` (0 or more)
        says how long a sync waits for another process that writes the home. ``CDP_READERS_GROUP`` names a group of
        this machine that may read releases.

        Returns:
            The settings of the environment.
        """
        return cls(
            home=home_folder(os.environ.get("CDP_HOME") or DEFAULT_HOME),
            identity_training_share=number_of("CDP_IDENTITY_TRAINING_SHARE", cls.identity_training_share, 1, _SHARE),
            identity_churn_share=number_of("CDP_IDENTITY_CHURN_SHARE", cls.identity_churn_share, 1, _SHARE),
            company_name=" ".join(os.environ.get("CDP_COMPANY_NAME", "").split()) or None,
            writer_wait_seconds=number_of("CDP_WRITER_WAIT_SECONDS", cls.writer_wait_seconds, math.inf, _SECONDS),
            readers_group=os.environ.get("CDP_READERS_GROUP", "").strip() or None,
            engine=EngineSettings.from_environment(),
        )

    @property
    def short_wait_seconds(self) -> float:
        """How long a command that a person waits for waits for another process that writes the home."""
        return min(self.writer_wait_seconds, SHORT_WAIT_SECONDS)

    @property
    def inbox(self) -> Path:
        """What the sources deliver: ``inbox/<source>/<stream>/*``."""
        return self.home / "inbox"

    @property
    def own_sources(self) -> Path:
        """Declarations of this installation's own sources, a YAML file each."""
        return self.home / "sources"

    @property
    def paused_sources(self) -> Path:
        """Sources that are paused, with the time since when."""
        return self.home / "positions" / "paused.json"

    @property
    def withdrawn_deliveries(self) -> Path:
        """Delivered files that a person took back."""
        return self.home / "overrides" / "withdrawn_deliveries.json"

    @property
    def confirmed_snapshots(self) -> Path:
        """Snapshots that a person confirmed although they had shrunk."""
        return self.home / "overrides" / "confirmed_snapshots.json"

    @property
    def positions(self) -> Path:
        """How far each stream has been fetched from its system, a JSON file each."""
        return self.home / "positions"

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
    def identity_steps(self) -> Path:
        """What a resolution in partitions has finished, a folder each, until its results are stored."""
        return self.home / "identity_steps"

    @property
    def identity_overrides(self) -> Path:
        """Decisions of people about pairs of person records (must link, cannot link)."""
        return self.home / "overrides" / "identity_overrides.csv"

    @property
    def withdrawn_overrides(self) -> Path:
        """Decisions about pairs of person records that were taken back, with who did it and why."""
        return self.home / "overrides" / "withdrawn_overrides.csv"

    @property
    def identifier_blocklist(self) -> Path:
        """Suppressed identifier values: they never link records."""
        return self.home / "overrides" / "identifier_blocklist.csv"

    @property
    def identity_limits(self) -> Path:
        """Limits of identity resolution that this installation sets, instead of the defaults of the library."""
        return self.home / "overrides" / "identity_limits.csv"

    @property
    def figure_limits(self) -> Path:
        """Limits of figures that people set by hand, in place of those learned from accepted deliveries."""
        return self.home / "overrides" / "figure_limits.yml"

    @property
    def accepted_figures(self) -> Path:
        """Figures far from what was usual that a person accepted."""
        return self.home / "overrides" / "accepted_figures.json"

    @property
    def privacy(self) -> Path:
        """What people asked for."""
        return self.home / "privacy"

    @property
    def releases(self) -> Path:
        """Published releases and ``CURRENT.json``."""
        return self.home / "releases"

    @property
    def open_releases(self) -> Path:
        """The open tiers of releases, which name no customer, and their own ``CURRENT.json``."""
        return self.releases / "open"

    @property
    def open_tier(self) -> Path:
        """Whether releases have an open tier, and what it says."""
        return self.home / "open_tier.yml"

    @property
    def audit(self) -> Path:
        """What people decided and what became live, a line each."""
        return self.home / "audit.jsonl"

    @property
    def retention(self) -> Path:
        """How long old releases and runs are kept."""
        return self.home / "retention.yml"

    @property
    def reports(self) -> Path:
        """Pages and charts for people; rewritten by every sync, read by no program."""
        return self.home / "reports"

    @property
    def data_docs(self) -> Path:
        """The first page of what the gates found: suites of Great Expectations, their results and histories."""
        return self.reports / "data_docs" / "index.html"

    @property
    def customer_report(self) -> Path:
        """The customer report: one page about the live release."""
        return self.reports / "customer_360.html"

    @property
    def table_documentation(self) -> Path:
        """The documentation of tables, columns and lineage: dbt's own pages in one file."""
        return self.reports / "dbt_docs.html"

    @property
    def identity_labels(self) -> Path:
        """Answers of people who reviewed pairs of person records."""
        return self.home / "overrides" / "identity_labels.csv"

    @property
    def identity_review(self) -> Path:
        """Pairs near the threshold that wait for review, unless another file is named."""
        return self.home / "overrides" / "identity_review.csv"

    @property
    def writer_lock(self) -> Path:
        """The lock that the one writing process holds."""
        return self.home / "writer.lock"

    @property
    def notifications(self) -> Path:
        """Who is to hear of what: the targets of notifications."""
        return self.home / "notifications.yml"

    @property
    def sent_notifications(self) -> Path:
        """What stands, what was sent to which target, and what waits: apart from the warehouse, which may be locked."""
        return self.home / "notifications.sqlite"

    @property
    def dagster_home(self) -> Path:
        """Dagster's own storage: runs, events, schedules."""
        return self.home / "dagster"

    @property
    def living_runs(self) -> Path:
        """A lock file a run of Dagster, which its process holds for as long as it lives."""
        return self.dagster_home / "living_runs"

    @property
    def dbt_target(self) -> Path:
        """Artifacts of dbt runs."""
        return self.home / "dbt"

    @property
    def composed_dbt_project(self) -> Path:
        """The dbt project of a home that declares sources of its own: the one that ships, with what these add."""
        return self.home / "dbt_project"
