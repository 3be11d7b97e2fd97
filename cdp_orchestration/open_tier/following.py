"""Keep the open tier in step with the live release: written where it is new, changed or damaged, else left as it is."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cdp_orchestration.errors import DamagedReleaseError
from cdp_orchestration.home.permissions import let_readers_pass, share_file, share_folder
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.open_tier.declaration import OpenTier, read_open_tier
from cdp_orchestration.open_tier.key import open_tier_key, own_key
from cdp_orchestration.open_tier.writing import made_from, write_open_candidate
from cdp_orchestration.release.integrity import damaged_files, require_sound
from cdp_orchestration.release.pointer import (
    POINTER,
    PRUNED_PREFIX,
    current_release_id,
    link_current,
    point_to,
)
from cdp_orchestration.release.pruning import remove_releases
from cdp_orchestration.release.publication import candidate_folder, publish_as, release_ids
from cdp_orchestration.release.reader import Release, live_release, open_release
from cdp_orchestration.release.shared_files import share_unchanged


@dataclass(frozen=True)
class Followed:
    """What became of the open tier.

    Attributes:
        release: the open tier of the live release; None where the home has none.
        is_new: whether it was written now.
    """

    release: Release | None
    is_new: bool = False


def is_in_step(settings: Settings) -> bool:
    """Return whether readers find the open tier of the live release, as the home declares it; its files are not read.

    A home that declares none is in step where it has none.
    """
    declared, live = read_open_tier(settings.open_tier), live_release(settings.releases)
    if declared is None or live is None:
        return not settings.open_releases.exists()
    if _shown_id(settings.open_releases) != live.release_id:
        return False
    return _tier_made_from(live, declared, settings) is not None


def follow_live_release(settings: Settings) -> Followed:
    """Let readers of the open tier find that of the live release; the caller holds the writer's lock.

    A home that declares no open tier any more loses the one that it had.

    Args:
        settings: the home.

    Returns:
        What became of it.
    """
    releases = settings.open_releases
    declared, live = read_open_tier(settings.open_tier), live_release(settings.releases)
    if declared is None or live is None:
        if releases.exists():
            shutil.rmtree(releases)
        return Followed(None)
    for left in (each for each in releases.glob(".*") if each.is_dir()):
        shutil.rmtree(left)
    tier = _tier_made_from(live, declared, settings)
    is_new = tier is None or bool(damaged_files(tier))
    if is_new:
        _write(settings, live, declared)
    elif _shown_id(releases) != live.release_id:
        point_to(releases, live.release_id, datetime.now(UTC), former=release_ids(releases))
    link_current(releases, live.release_id)
    _share(settings, declared, live.release_id)
    remove_tiers_of_pruned(settings)
    return Followed(open_release(releases / live.release_id), is_new)


def remove_tiers_of_pruned(settings: Settings) -> None:
    """Remove the open tiers of releases that are there no more; the caller holds the writer's lock."""
    kept = {*release_ids(settings.releases), _shown_id(settings.open_releases)}
    remove_releases(settings.open_releases, [each for each in release_ids(settings.open_releases) if each not in kept])


def passing_group(settings: Settings) -> str | None:
    """Return the group that may pass through the home and list the names of releases, if one is declared.

    A folder has one group, so that where both tiers are declared to be read, it is that of the open tier: members of
    ``CDP_READERS_GROUP`` have to be members of it as well.
    """
    declared = read_open_tier(settings.open_tier)
    return (declared.readers_group if declared else None) or settings.readers_group


def _write(settings: Settings, live: Release, declared: OpenTier) -> None:
    require_sound(live)
    releases, now = settings.open_releases, datetime.now(UTC)
    releases.mkdir(parents=True, exist_ok=True)
    manifest = write_open_candidate(live, releases, declared, open_tier_key(declared, own_key(settings.open_tier)), now)
    if former := _former(releases):
        damaged = {each.table for each in damaged_files(former)}
        share_unchanged(candidate_folder(releases, live.release_id), manifest, former, damaged)
    folder, replaced = releases / live.release_id, releases / f"{PRUNED_PREFIX}{live.release_id}"
    if folder.exists():
        folder.rename(replaced)
    publish_as(releases, manifest, release_ids(releases), now)
    if replaced.exists():
        shutil.rmtree(replaced)


def _shown_id(releases: Path) -> str | None:
    """Return the release that readers of the open tier find; None also where its pointer is damaged: it is replaced."""
    try:
        return current_release_id(releases)
    except DamagedReleaseError:
        return None


def _former(releases: Path) -> Release | None:
    try:
        return live_release(releases)
    except DamagedReleaseError:
        return None


def _tier_made_from(live: Release, declared: OpenTier, settings: Settings) -> Release | None:
    """Return the open tier of a release if it was made as it would be now, and opens."""
    folder = settings.open_releases / live.release_id
    has_key = declared.key is not None or own_key(settings.open_tier).exists()
    if not folder.exists() or not has_key:
        return None
    try:
        tier = open_release(folder)
    except DamagedReleaseError:
        return None
    wanted = made_from(live, declared, open_tier_key(declared, own_key(settings.open_tier)))
    return tier if tier.manifest.get("made_from") == wanted else None


def _share(settings: Settings, declared: OpenTier, release_id: str) -> None:
    group, releases = declared.readers_group, settings.open_releases
    if group:
        let_readers_pass(settings.home, [settings.releases, releases], group)
        share_folder(releases / release_id, group)
        share_file(releases / POINTER, group)
