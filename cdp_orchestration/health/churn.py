"""Whether one release has merged, split and moved more than the churn budget: readers see other customers then."""

from dataclasses import dataclass
from functools import cache

import duckdb

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.models import ALLOWED_IN_ANY_CASE, waiting_candidate
from cdp_orchestration.notifications import Finding
from cdp_orchestration.release.bundle import MANIFEST
from cdp_orchestration.release.reader import Release, live_release, open_release

_MOVED_SQL = """
with kept as (
    select former.profile_id as former_profile_id, live.profile_id
    from read_parquet(?) as former
    inner join read_parquet(?) as live using (person_record_id)
),

merged as (
    select count(*) as profile_count
    from (select profile_id from kept group by profile_id having count(distinct former_profile_id) > 1)
),

split as (
    select count(*) as profile_count
    from (select former_profile_id from kept group by former_profile_id having count(distinct profile_id) > 1)
)

select
    count(*),
    count(*) filter (profile_id <> former_profile_id),
    (select profile_count from merged),
    (select profile_count from split)
from kept
"""


@dataclass(frozen=True)
class Churn:
    """What a release changed of the records that the release before it had as well."""

    record_count: int
    moved_record_count: int
    merged_profile_count: int
    split_profile_count: int

    def allowed(self, share: float) -> int:
        """Return how many records may move: the budget of candidate models (``CDP_IDENTITY_CHURN_SHARE``)."""
        return max(ALLOWED_IN_ANY_CASE, int(self.record_count * share))


def churn_of(live: Release, former: Release) -> Churn:
    """Compare the crosswalks of two releases."""
    files = [str(each.folder / each.manifest["tables"]["profile_records"]["file"]) for each in (former, live)]
    return _churn_between(*files)


@cache  # a release never changes, and the sensor asks every minute
def _churn_between(former_file: str, live_file: str) -> Churn:
    with duckdb.connect() as connection:
        return Churn(*connection.execute(_MOVED_SQL, [former_file, live_file]).fetchall()[0])


def candidate_findings(settings: Settings) -> list[Finding]:
    """Return a finding while a candidate model waits, because it would move more records than the budget."""
    found = waiting_candidate(settings) if settings.models.exists() else None
    if found is None:
        return []
    return [
        Finding(
            kind="churn_budget",
            subject="candidate model",
            severity="warning",
            what=f"A candidate model would move {found.moved_record_count:,} of {found.record_count:,} records to "
            f"other profiles, where {found.allowed_record_count:,} may move by themselves: "
            f"{found.merged_profile_count:,} profiles would be merged, {found.split_profile_count:,} split. It waits.",
            remedy="`cdp identity compare` shows the difference, `cdp identity approve` puts it into force.",
            occurrence=found.model_version,
            counts={
                "records": found.record_count,
                "moved_records": found.moved_record_count,
                "allowed_records": found.allowed_record_count,
                "merged_profiles": found.merged_profile_count,
                "split_profiles": found.split_profile_count,
            },
        )
    ]


def churn_findings(settings: Settings) -> list[Finding]:
    """Return a finding where the live release moved more records than the budget; none without a release before it."""
    live = live_release(settings.releases)
    former_id = live.manifest.get("previous_release_id") if live else None
    former = settings.releases / str(former_id)
    if live is None or former_id is None or not (former / MANIFEST).exists():
        return []
    if not all("profile_records" in each.manifest["tables"] for each in (live, open_release(former))):
        return []
    churn = churn_of(live, open_release(former))
    allowed = churn.allowed(settings.identity_churn_share)
    if churn.moved_record_count <= allowed:
        return []
    return [
        Finding(
            kind="churn_budget",
            subject="profiles",
            severity="warning",
            what=f"Release {live.release_id} moved {churn.moved_record_count:,} of {churn.record_count:,} records to "
            f"other profiles, where {allowed:,} are usual: {churn.merged_profile_count:,} profiles were merged, "
            f"{churn.split_profile_count:,} split.",
            remedy="Read `profile_events` of the release; `cdp explain A B` says why two records are one, "
            "`cdp identity unlink A B` separates them.",
            occurrence=live.release_id,
            since=str(live.manifest["created_at"]),
            counts={
                "records": churn.record_count,
                "moved_records": churn.moved_record_count,
                "allowed_records": allowed,
                "merged_profiles": churn.merged_profile_count,
                "split_profiles": churn.split_profile_count,
            },
        )
    ]
