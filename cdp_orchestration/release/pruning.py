"""Remove old releases: the newest are kept, then the last of each day; the live, pinned and read ones always."""

import shutil
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cdp_orchestration.release.bundle import MANIFEST, release_time
from cdp_orchestration.release.kept import KeptRelease, kept_releases
from cdp_orchestration.release.leases import unleased
from cdp_orchestration.release.pointer import PRUNED_PREFIX, point_to, read_pointer


@dataclass(frozen=True)
class Pruned:
    """What pruning did, or would do.

    Attributes:
        removed: the ids of the removed releases, the newest first.
        in_use: those that a reader holds, which are kept until it ends.
        freed_bytes: the size of their files; one that another release shares counts where it is freed.
    """

    removed: tuple[str, ...]
    in_use: tuple[str, ...]
    freed_bytes: int


def releases_to_remove(kept: Iterable[KeptRelease], keep: int, keep_daily: int) -> list[str]:
    """Return which releases may go.

    Args:
        kept: all releases, the live one among them.
        keep: how many of the newest stay, the live one included.
        keep_daily: for how many days with a release, the newest ones, its last one stays.

    Returns:
        Their ids, the newest first. None of them is live or pinned.
    """
    newest_first = sorted(kept, key=lambda each: each.release_id, reverse=True)
    stay = {each.release_id for each in newest_first if each.is_live or each.pin}
    others = [each.release_id for each in newest_first if each.release_id not in stay]
    stay |= set(others[: max(keep - 1, 0)])
    last_of_day: dict[str, str] = {}
    for each in newest_first:
        last_of_day.setdefault(f"{release_time(each.release_id):%Y-%m-%d}", each.release_id)
    stay |= set(list(last_of_day.values())[:keep_daily])
    return [each.release_id for each in newest_first if each.release_id not in stay]


def prune_releases(releases: Path, keep: int, keep_daily: int, *, is_trial: bool = False) -> Pruned:
    """Remove the releases that need not be kept; the caller holds the writer's lock.

    Args:
        releases: the folder of all releases.
        keep: how many of the newest stay.
        keep_daily: for how many days the last release of the day stays.
        is_trial: only say what would be removed.

    Returns:
        What was removed, and what was kept because somebody reads it.
    """
    return remove_releases(releases, releases_to_remove(kept_releases(releases), keep, keep_daily), is_trial=is_trial)


def remove_releases(releases: Path, ids: Iterable[str], *, is_trial: bool = False) -> Pruned:
    """Remove releases that no reader holds; none of them is the live one. The caller holds the writer's lock.

    Args:
        releases: the folder of all releases.
        ids: the releases.
        is_trial: only say what would be removed.

    Returns:
        What was removed, and what was kept because somebody reads it.
    """
    removed, in_use, freed = [], [], 0
    for each in ids:
        folder = releases / each
        with unleased(folder / MANIFEST) as is_free:
            if not is_free:
                in_use.append(each)
                continue
            removed.append(each)
            freed += _freed_bytes(folder)
            if not is_trial:
                folder.rename(releases / f"{PRUNED_PREFIX}{each}")
    if not is_trial:
        _forget(releases, removed)
        for each in removed:
            shutil.rmtree(releases / f"{PRUNED_PREFIX}{each}")
    return Pruned(tuple(removed), tuple(in_use), freed)


def _forget(releases: Path, removed: Collection[str]) -> None:
    pointer = read_pointer(releases)
    if pointer and removed:
        former = tuple(each for each in pointer.former if each not in removed)
        published_at = datetime.now(UTC)
        with suppress(ValueError):
            published_at = datetime.fromisoformat(pointer.published_at)
        point_to(releases, pointer.release_id, published_at, former=former, rollback=pointer.rollback)


def _freed_bytes(folder: Path) -> int:
    about = [file.stat() for file in folder.iterdir() if file.is_file()]
    return sum(each.st_size for each in about if each.st_nlink == 1)
