"""Publish to a folder or bucket: the files of a release below its id, then the object that names it.

The names are those of the folder ``releases`` of a home, so that whatever reads a home reads a copy of it, too.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from cdp_orchestration.destinations.declaration import Delta, Files
from cdp_orchestration.destinations.faults import DestinationError, PassingDestinationError
from cdp_orchestration.destinations.sending import Contents, Sent, SentTable
from cdp_orchestration.destinations.stores import Store, opened_store
from cdp_orchestration.release.bundle import MANIFEST, RELEASE_ID
from cdp_orchestration.release.pointer import POINTER


class FilesPublisher:
    """Writes objects; a reader that has opened a release goes on reading it until it is pruned."""

    def __init__(self, name: str, declared: Files) -> None:
        """Take the declaration; nothing is opened."""
        self._name = name
        self._declared = declared

    def shown(self) -> str | None:
        """Return the fingerprint that the pointer names."""
        return shown_contents(self._name, self._declared)

    def send(self, contents: Contents) -> Sent:
        """Write what is missing, read all of it back, let the pointer name it, and remove old releases."""
        release_id = contents.release_id
        with opened_store(self._name, self._declared) as store:
            former = _former_files(store)
            sent = [each for each in contents.tables.values() if self._bring(store, release_id, each, former)]
            store.put_bytes(f"{release_id}/{MANIFEST}", json.dumps(contents.manifest, indent=2).encode())
            point_at(store, contents, {})
            _remove_undeclared(store, contents)
            removed = _prune(store, release_id, self._declared.keep)
        return Sent(
            release_id=release_id,
            is_new=True,
            table_count=len(contents.tables),
            row_count=contents.row_count,
            sent_tables=tuple(each.name for each in sent),
            sent_bytes=sum(each.size_bytes for each in sent),
            removed=removed,
        )

    def _bring(self, store: Store, release_id: str, table: SentTable, former: Mapping[str, str]) -> bool:
        """Let the release have the file of a table; return whether it was sent, or was in the store already."""
        name = f"{release_id}/{table.file.name}"
        if store.sha256(name) == table.sha256:
            return False  # of a publication that was killed
        same = former.get(table.sha256)
        if same and same != name and store.copy(same, name) and store.sha256(name) == table.sha256:
            return False
        store.put_file(name, table.file)
        if store.sha256(name) != table.sha256:
            raise PassingDestinationError(
                f"{self._name} at {self._declared.place} has other bytes of {table.name} than were sent; the next sync "
                "sends them again"
            )
        return True


def shown_contents(name: str, declared: Files | Delta) -> str | None:
    """Return the fingerprint that the pointer of a store names; None where it has none.

    Args:
        name: the name of the destination.
        declared: the destination.
    """
    with opened_store(name, declared) as store:
        contents = pointed_at(store).get("contents")
    return str(contents) if contents else None


def pointed_at(store: Store) -> Mapping[str, object]:
    """Return what the pointer of a store says; nothing where there is none.

    Args:
        store: the store.

    Raises:
        DestinationError: the object of that name is something else.
    """
    content = store.read(POINTER)
    if content is None:
        return {}
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise DestinationError(
            f"{POINTER} of the destination is no pointer of this platform; name another folder, or remove the object"
        )
    return found


def point_at(store: Store, contents: Contents, more: Mapping[str, object]) -> None:
    """Let the pointer of a store name a release, in one step."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    pointer = {"release_id": contents.release_id, "published_at": now, "contents": contents.fingerprint, **more}
    store.put_bytes(POINTER, json.dumps(pointer, indent=2).encode())


def _former_files(store: Store) -> dict[str, str]:
    """Return where the files of the release that is shown are, by their SHA-256."""
    release_id = pointed_at(store).get("release_id")
    manifest = store.read(f"{release_id}/{MANIFEST}") if release_id else None
    tables = json.loads(manifest)["tables"] if manifest else {}
    return {each["sha256"]: f"{release_id}/{each['file']}" for each in tables.values()}


def _remove_undeclared(store: Store, contents: Contents) -> None:
    """Remove the tables of this release that the destination is not to have any more."""
    wanted = {MANIFEST, *(table.file.name for table in contents.tables.values())}
    for each in store.objects(contents.release_id):
        if each.rpartition("/")[2] not in wanted:
            store.remove(each)


def _prune(store: Store, shown: str, keep: int) -> tuple[str, ...]:
    """Remove the releases that need not be kept, and those of publications that were killed; return their names."""
    others = sorted((each for each in store.folders() if RELEASE_ID.fullmatch(each) and each != shown), reverse=True)
    # Without its manifest a release has never been shown, or has been removed in part
    whole = [each for each in others if store.read(f"{each}/{MANIFEST}") is not None]
    removed = [each for each in others if each not in whole[: keep - 1]]
    for each in removed:
        if each in whole:
            store.remove(f"{each}/{MANIFEST}")
        store.remove_folder(each)
    return tuple(removed)
