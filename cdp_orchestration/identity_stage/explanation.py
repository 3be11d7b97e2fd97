"""Why two terms of a user (records, e-mails, phones, profiles) name one customer or two, by the live release."""

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
    """The explanation of two terms.

    Attributes:
        left_records: the keys of the records that the first term names.
        right_records: the keys of the records that the second term names.
        profile_ids: the profiles of both.
        values: the standard values of all records of both profiles, by key.
        explanation: the explanation.
        decisions: the overrides about two records of these profiles, as the file is now; the newest may wait for the
            next sync.
    """

    left_records: list[str]
    right_records: list[str]
    profile_ids: tuple[str, str]
    values: dict[str, dict[str, Any]]
    explanation: "Explanation"
    decisions: tuple[Override, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return everything but the records' values (suppressed ones stay), as plain lists and dictionaries."""
        explanation = asdict(self.explanation)
        explanation["links"] = [{**link, "pair": pair} for link, pair in explanation["links"]]
        return {
            "left": {"profile_id": self.profile_ids[0], "person_record_ids": self.left_records},
            "right": {"profile_id": self.profile_ids[1], "person_record_ids": self.right_records},
            "decisions": [asdict(override) for override in self.decisions],
            **explanation,
        }


def explain_terms(settings: Settings, left: str, right: str) -> Explained:
    """Explain two terms by the live release and its model.

    Fails with NoReleaseError when no release is published or it holds no evidence, and with ProfileNotFoundError when
    a term names no profile or several.

    Args:
        settings: the home.
        left: a record key, or an e-mail, phone or profile id for a whole profile.
        right: the same of the other side.

    Returns:
        The explanation, with the records and profiles that the terms name.

    Raises:
        ExplanationError: the model of the release is missing, or a profile is too large to be explained as a whole.
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
    """Make sure that a release can explain its links.

    Args:
        release: the release.

    Raises:
        NoReleaseError: a table of evidence or the model version is missing.
    """
    missing = [name for name in _EVIDENCE_TABLES if name not in release.manifest["tables"]]
    if not release.manifest.get("model_version"):
        missing.append("a model version")
    if missing:
        raise NoReleaseError(
            f"release {release.release_id} cannot explain its links: it lacks {', '.join(missing)}; expected the "
            f"tables {', '.join(_EVIDENCE_TABLES)} and a model version. Run `cdp sync --full` for a new release."
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
            f"the value names {len(profiles)} profiles; expected one. Explain two of them by their ids: "
            f"{', '.join(profiles[:10])}"
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
    """Draw how the weight of the explained pair adds up.

    Args:
        explained: an explanation with one weighed pair.
        path: the file to write; SVG when its name ends with .svg, else PNG.

    Raises:
        ExplanationError: there is no single pair to draw.
    """
    from identity.quality.charts import waterfall_chart

    found = explained.explanation
    pairs = [*found.closest, *(pair for _, pair in found.links if pair is not None)]
    if not pairs or (found.is_one_profile and not found.closest and len(found.links) > 1):
        raise ExplanationError(
            f"there is no single pair to draw: the explanation has {len(found.links)} link(s), {len(pairs)} of them "
            "weighed; expected one weighed pair. Name the two record keys of one weighed link."
        )
    write_chart(waterfall_chart(pairs[0]), path)
