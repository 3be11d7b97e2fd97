"""What the commands about releases show, for people and for programs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypedDict

from rich.console import Group, RenderableType

from cdp_orchestration.home.retention import Retention
from cdp_orchestration.release.comparison import Moved, ReleaseDifference
from cdp_orchestration.release.integrity import Verified
from cdp_orchestration.release.kept import KeptRelease
from cdp_orchestration.release.reader import Release
from cdp_orchestration.terminal.tables import facts, table

if TYPE_CHECKING:
    from cdp_orchestration.dagster.pruning import HomePruned

_MIB = 1024 * 1024
_ROUNDED_FROM = 1_000


class ReleaseJson(TypedDict):
    """One published release; ``cdp releases list --json`` prints a list of them, the live one first."""

    release_id: str
    is_live: bool
    pinned_by: str | None
    pinned_why: str | None
    problem: str | None
    created_at: str | None
    folder: str | None
    profile_count: int | None
    code_version: str | None
    model_version: str | None
    sources: list[dict[str, Any]]


def releases_json(kept: Iterable[KeptRelease]) -> list[ReleaseJson]:
    """Return the releases in their order; of one that cannot be read, why."""
    return [_release_json(each) for each in kept]


def _release_json(kept: KeptRelease) -> ReleaseJson:
    release = kept.release
    manifest = release.manifest if release else {}
    return ReleaseJson(
        release_id=kept.release_id,
        is_live=kept.is_live,
        pinned_by=kept.pin.by if kept.pin else None,
        pinned_why=kept.pin.why if kept.pin else None,
        problem=kept.problem,
        created_at=manifest.get("created_at"),
        folder=str(release.folder) if release else None,
        profile_count=manifest["tables"].get("profiles", {}).get("rows") if release else None,
        code_version=manifest.get("code_version"),
        model_version=manifest.get("model_version"),
        sources=manifest.get("sources", []),  # releases of earlier versions say nothing of them
    )


def releases_table(kept: Iterable[KeptRelease]) -> RenderableType:
    """Return the published releases, the live one first."""
    rows = [
        (
            each["release_id"],
            " ".join(_marks(each)),
            (each["created_at"] or "")[:19],
            each["profile_count"],
            each["code_version"],
            each["model_version"],
            ", ".join(
                f"{'/'.join(filter(None, (source['source'], source['stream'])))} {source['state']}"
                for source in each["sources"]
            ),
        )
        for each in releases_json(kept)
    ]
    return table("Releases", ("release", "", "created (UTC)", "profiles", "code", "model", "sources"), rows)


def _marks(found: ReleaseJson) -> Iterator[str]:
    if found["is_live"]:
        yield "live"
    if found["pinned_by"]:
        yield "pinned"
    if found["problem"]:
        yield "damaged"


def release_details(release: Release) -> RenderableType:
    """Return one release: when and from what it was cut, and its tables."""
    manifest = release.manifest
    about = {
        "created (UTC)": str(manifest.get("created_at"))[:19],
        "folder": str(release.folder),
        "contract": manifest.get("contract_version"),
        "code": manifest.get("code_version"),
        "model": manifest.get("model_version"),
        "run": manifest.get("run_id"),
        "before it": manifest.get("previous_release_id"),
        "gates": len(manifest.get("gates", {})),
    }
    rows = (
        (name, f"{entry['rows']:,}", f"{entry.get('size_bytes', 0) / _MIB:,.1f}", len(entry["columns"]))
        for name, entry in manifest["tables"].items()
    )
    return Group(
        facts(f"Release {release.release_id}", about), table("Tables", ("table", "rows", "MiB", "columns"), rows)
    )


def difference_json(found: ReleaseDifference) -> dict[str, Any]:
    """Return a difference for programs."""
    return asdict(found)


def difference_tables(found: ReleaseDifference) -> RenderableType:
    """Return a difference for people: profiles first, then tables, audiences and measures that differ."""
    counts = {name.replace("_", " "): f"{count:,}" for name, count in found.profiles.items()}
    parts: list[RenderableType] = [facts(f"Profiles from {found.before} to {found.after}", counts)]
    rows = (
        (each.table, _number(each.rows_before), _number(each.rows_after), "; ".join(each.columns))
        for each in found.tables
    )
    parts.append(table("Tables that differ", ("table", "rows before", "after", "columns"), rows))
    for title, moved in (("Audiences that differ", found.audiences), ("Measures that differ", found.measures)):
        if moved:
            parts.append(table(title, ("name", "unit", "before", "after"), map(_moved, moved)))
    return Group(*parts)


def _moved(each: Moved) -> tuple[str, str, str, str]:
    return each.name, each.unit, _number(each.before), _number(each.after)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, int) or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) >= _ROUNDED_FROM else f"{value:.4g}"


def damage_lines(found: Sequence[Verified]) -> list[str]:
    """Return a line a release: that its files are what was published, or which are not."""
    sound = "{} files are what was published"
    return [f"{each.release_id}: {'; '.join(each.damage) or sound.format(each.file_count)}" for each in found]


def pruned_lines(pruned: "HomePruned", retention: Retention, *, is_trial: bool) -> list[str]:
    """Return what was removed, what is still read, and what is kept."""
    did = "Would remove" if is_trial else "Removed"
    removed = pruned.releases.removed
    size = f"{pruned.releases.freed_bytes / _MIB:,.0f} MiB"
    counts = f"{len(removed):,} releases ({size}), {pruned.run_count:,} runs and {pruned.refusal_count:,} refused rows"
    first = f"{did} {counts}; {retention}."
    lines = [first, *(f"  {each}" for each in removed)]
    if pruned.releases.in_use:
        lines.append(f"Kept, because somebody reads them: {', '.join(pruned.releases.in_use)}.")
    return lines
