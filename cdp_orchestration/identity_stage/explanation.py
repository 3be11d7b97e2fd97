"""Two things that a user names, and why they are one customer or two: read from the live release and its model."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from cdp_orchestration.errors import ExplanationError, NoReleaseError, ProfileNotFoundError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.charts import write_chart
from cdp_orchestration.identity_stage.decisions import Override, read_limits, read_overrides
from cdp_orchestration.release.lookup import find_profile_ids
from cdp_orchestration.release.reader import Release, require_live_release

if TYPE_CHECKING:
    from identity import Evidence, Explanation

_EVIDENCE_TABLES = ("match_edges", "shared_identifiers", "person_record_values")


@dataclass(frozen=True)
class Explained:
    """What was asked for: both groups of records, their profiles, the records' values, the explanation and decisions.

    decisions are those that people made about two records of these profiles, as their file stands now: the newest may
    wait for the next sync.
    """

    left_records: list[str]
    right_records: list[str]
    profile_ids: tuple[str, str]
    values: dict[str, dict[str, Any]]
    explanation: "Explanation"
    decisions: tuple[Override, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return everything but the records' values (suppressed ones stay), as plain lists and dictionaries."""
        told = asdict(self.explanation)
        told["links"] = [{**link, "pair": pair} for link, pair in told["links"]]
        return {
            "left": {"profile_id": self.profile_ids[0], "person_record_ids": self.left_records},
            "right": {"profile_id": self.profile_ids[1], "person_record_ids": self.right_records},
            "decisions": [asdict(override) for override in self.decisions],
            **told,
        }


def explain_terms(settings: Settings, left: str, right: str) -> Explained:
    """Explain what two terms name: a record key each, or an e-mail, phone or profile id for a whole profile.

    Raises:
        NoReleaseError: nothing is published, or the release or its model is from before explanations.
        ProfileNotFoundError: a term names no profile, or several.
        ExplanationError: the model of the release is gone, or a profile is too large to be explained as a whole.
    """
    from identity import IdentityError, explain

    release = require_live_release(settings.releases)
    with release.connect() as connection:
        require_evidence(release)
        groups = [_named(connection, term) for term in (left, right)]
        try:
            evidence = _evidence(connection, settings, release, sorted({profile for profile, _ in groups}))
            found = explain(evidence, groups[0][1], groups[1][1])
        except IdentityError as error:
            raise ExplanationError(str(error)) from error
    values = {row["person_record_id"]: row for row in evidence.person_records.to_pylist()}
    decisions = tuple(override for override in read_overrides(settings) if override.pair <= values.keys())
    return Explained(groups[0][1], groups[1][1], (groups[0][0], groups[1][0]), values, found, decisions)


def require_evidence(release: Release) -> None:
    """Make sure that a release tells why.

    Raises:
        NoReleaseError: it lacks the tables of evidence or names no model.
    """
    missing = [name for name in _EVIDENCE_TABLES if name not in release.manifest["tables"]]
    if missing or not release.manifest["model_version"]:
        raise NoReleaseError(
            f"release {release.release_id} cannot explain its links: it lacks {', '.join(missing) or 'any link'}; "
            "run `cdp sync --full` for a new one"
        )


def _named(connection: duckdb.DuckDBPyConnection, term: str) -> tuple[str, list[str]]:
    by_key = connection.execute(
        "select profile_id, person_record_id from profile_records where person_record_id = $1 or source_record_id = $1",
        [term.strip()],
    ).fetchall()
    if len(by_key) == 1:
        return by_key[0][0], [by_key[0][1]]
    profiles = find_profile_ids(connection, term)
    if len(profiles) > 1:
        raise ProfileNotFoundError(
            f"{len(profiles)} profiles share that value; explain two of them by their ids: {', '.join(profiles[:10])}"
        )
    return profiles[0], records_of(connection, profiles)


def records_of(connection: duckdb.DuckDBPyConnection, profiles: Sequence[str]) -> list[str]:
    """Return the keys of the records of some profiles, in order."""
    query = "select person_record_id from profile_records where profile_id in (select unnest(?)) order by 1"
    return [row[0] for row in connection.execute(query, [list(profiles)]).fetchall()]


def _evidence(
    connection: duckdb.DuckDBPyConnection, settings: Settings, release: Release, profiles: Sequence[str]
) -> "Evidence":
    from identity import Evidence, TrainedModel

    records = records_of(connection, profiles)

    def rows(query: str) -> Any:
        return connection.execute(query, {"records": records} if "$records" in query else None).to_arrow_table()

    chosen = "(select unnest($records))"
    return Evidence(
        person_records=rows(f"select * from person_record_values where person_record_id in {chosen}"),
        assignments=rows(
            f"select person_record_id, profile_id from profile_records where person_record_id in {chosen}"
        ),
        edges=rows(
            f"select * from match_edges where person_record_id_left in {chosen} or person_record_id_right in {chosen}"
        ),
        shared_identifiers=rows("select * from shared_identifiers"),
        model=TrainedModel.load(settings.models / release.manifest["model_version"]),
        limits=read_limits(settings),
    )


def draw_pair(explained: Explained, path: Path) -> None:
    """Draw how the weight of the explained pair adds up, as PNG or SVG by the file's ending.

    Raises:
        ExplanationError: there is no single pair to draw.
    """
    from identity.quality.charts import waterfall_chart

    told = explained.explanation
    pairs = [*told.closest, *(pair for _, pair in told.links if pair is not None)]
    if not pairs or (told.is_one_profile and not told.closest and len(told.links) > 1):
        raise ExplanationError(
            f"there is no single pair to draw: the explanation holds {len(told.links)} link(s) by rule or in a group; "
            "name the two record keys of one weighed link"
        )
    write_chart(waterfall_chart(pairs[0]), path)
