"""Asset checks of the identity stage: they warn about the model in force and its results, and never stop a run."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import dagster as dg

from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.identity_stage.decisions import read_limits
from cdp_orchestration.identity_stage.labels import read_labels

if TYPE_CHECKING:
    from identity.quality.reviewed_pairs import ReviewedPairs, Share

NO_CANDIDATE_WAITS = "no_candidate_model_waits"


def reviewed_links_check() -> dg.AssetChecksDefinition:
    """Return the check that compares the model's decisions with the labels of the reviews."""

    @dg.asset_check(
        asset=dg.AssetKey(["identity", "match_edges"]),
        name="reviewed_links",
        description="Precision and recall on the reviewed pairs, the hardest pairs of all, with 95 % intervals. Warns "
        "when the model's probabilities are outside of the intervals of the answers.",
    )
    def reviewed_links(home: Home) -> dg.AssetCheckResult:
        from identity.quality.reviewed_pairs import evaluate_labels

        labels = read_labels(home.settings)
        with home.warehouse() as connection:
            edges = connection.execute("select * from identity.match_edges").to_arrow_table()
        return _as_check_result(evaluate_labels(labels, edges, read_limits(home.settings)), labels.num_rows)

    return reviewed_links


def waiting_candidate_check() -> dg.AssetChecksDefinition:
    """Return the check that warns while a candidate model waits for approval."""

    @dg.asset_check(
        asset=dg.AssetKey(["identity", "profile_assignments"]),
        name=NO_CANDIDATE_WAITS,
        description="A newly trained model that would move more records than the churn budget is not in force until "
        "`cdp identity approve`; `cdp identity compare` shows what it would change.",
    )
    def no_candidate_model_waits(home: Home) -> dg.AssetCheckResult:
        from cdp_orchestration.identity_stage.models import waiting_candidate

        found = waiting_candidate(home.settings)
        return dg.AssetCheckResult(
            passed=found is None, severity=dg.AssetCheckSeverity.WARN, metadata=asdict(found) if found else {}
        )

    return no_candidate_model_waits


def incremental_matches_full_check() -> dg.AssetChecksDefinition:
    """Return the check that resolves a sample of records again and compares the results with the stored ones."""

    @dg.asset_check(
        asset=dg.AssetKey(["identity", "profile_assignments"]),
        name="incremental_matches_full",
        description="Some 500 records, others in each run, are resolved again from scratch, as if all of them had "
        "changed. Warns when their profiles, or the stored state about them, are different: then run "
        "`cdp sync --full`, which resolves everything again.",
    )
    def incremental_matches_full(home: Home) -> dg.AssetCheckResult:
        from cdp_orchestration.identity_stage.verifying import verify_last_run

        with home.warehouse() as connection:
            found = verify_last_run(connection, home.settings)
        return dg.AssetCheckResult(
            passed=found is None or found.is_equal,
            severity=dg.AssetCheckSeverity.WARN,
            metadata=asdict(found) if found else {},
        )

    return incremental_matches_full


def _as_check_result(found: "ReviewedPairs", label_count: int) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        passed=not (found.is_overconfident or found.is_too_careful),
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "labels": label_count,
            **_share_metadata("precision", found.precision, found.linked_probability),
            **_share_metadata("recall", found.recall, None),
            **_share_metadata("same_among_unlinked", found.unlinked_same, found.unlinked_probability),
            "is_overconfident": found.is_overconfident,
            "is_too_careful": found.is_too_careful,
        },
    )


def _share_metadata(name: str, share: "Share", expected: float | None) -> dict[str, Any]:
    if share.value is None:
        return {}
    low, high = share.interval
    figures: dict[str, Any] = {name: round(share.value, 4), f"{name}_interval": f"{low:.3f} to {high:.3f}"}
    return figures if expected is None else {**figures, f"{name}_expected_by_the_model": round(expected, 4)}
