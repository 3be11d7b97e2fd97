"""People who were erased and must not come back: keyed hashes of what named them, in ``privacy/suppressed.jsonl``.

Whoever has the list without its key, which stands in a file of its own, cannot find out who it names. A new export
that still holds the person is recognised by the hash of what its rows name them by.
"""

import json
import secrets
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import duckdb
import pyarrow as pa

from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.durable_files import append_durably, replace_file
from cdp_orchestration.home.keyed_hashes import create_keyed_hash
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.erasure.erasure import register_names

HASHED = "keyed_hash(named.kind || chr(31) || named.value)"
"""SQL of the hash of what names a person."""


class LostSuppressionKeyError(CdpError):
    """The list of erased people is there, the key of its hashes is not."""


@dataclass(frozen=True)
class SuppressedName:
    """One thing that named an erased person.

    Attributes:
        hash: the keyed hash of its kind and value.
        kind: what it is.
        request_id: the request to erase the person.
        since: the time, ISO 8601 in UTC.
        is_learnt: whether it is the id of a row that was refused for another of these names. What names that id is a
            fact of the person; the row itself lands once it has no other of the names, since a mailbox or a phone
            number may come to belong to somebody else.
        is_sought: of such an id, whether what had landed before has been searched for facts of it.
    """

    hash: str
    kind: str
    request_id: str
    since: str
    is_learnt: bool = False
    is_sought: bool = False


def suppressed_file(settings: Settings) -> Path:
    """Return where the hashes of a home are."""
    return settings.privacy / "suppressed.jsonl"


def key_file(settings: Settings) -> Path:
    """Return where the key of these hashes is."""
    return settings.privacy / "suppression.key"


def read_suppressed(settings: Settings) -> tuple[SuppressedName, ...]:
    """Return what erased people were named by; the same object while the file has not changed."""
    path = suppressed_file(settings)
    if not path.exists():
        return ()
    about = path.stat()
    return _read(path, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=8)
def _read(path: Path, _modified_ns: int, _size: int) -> tuple[SuppressedName, ...]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(SuppressedName(**json.loads(line)) for line in lines if line.strip())


def suppress(settings: Settings, names: Iterable[tuple[str, str]], request_id: str, since: str) -> int:
    """Add what names a person to the list; the caller holds the writer's lock.

    Args:
        settings: the home.
        names: kind and value, in the form in which values are compared.
        request_id: the request to erase the person.
        since: the time, ISO 8601 in UTC.

    Returns:
        How many were not in the list before.
    """
    with duckdb.connect() as engine:
        create_keyed_hash(engine, suppression_key(settings))
        register_names(engine, set(names))
        hashes = engine.execute(f"select {HASHED}, named.kind from names as named order by all").fetchall()
    known = {each.hash for each in read_suppressed(settings) if not each.is_learnt}
    new = [SuppressedName(found, kind, request_id, since) for found, kind in hashes if found not in known]
    _append(settings, new)
    return len(new)


def learn(settings: Settings, kind: str, found: Iterable[tuple[str, str]]) -> None:
    """Note ids of rows that were refused as those of an erased person; the caller holds the writer's lock.

    Args:
        settings: the home.
        kind: what the ids are of.
        found: the hash of each id that is not in the list yet, and the request by which the row was refused.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    _append(settings, [SuppressedName(hashed, kind, request_id, now, is_learnt=True) for hashed, request_id in found])


def unsought_ids(settings: Settings) -> set[str]:
    """Return the hashes of ids that were learnt since what has landed was last searched for facts of such ids."""
    return {each.hash for each in read_suppressed(settings) if each.is_learnt and not each.is_sought}


def mark_sought(settings: Settings, hashes: Collection[str]) -> None:
    """Note that what has landed was searched for facts of these ids; the caller holds the writer's lock."""
    known = read_suppressed(settings)
    _keep(
        settings, [replace(each, is_sought=True) if each.is_learnt and each.hash in hashes else each for each in known]
    )


def unlearn(settings: Settings, hashes: Collection[str]) -> None:
    """Take ids out of the list that were learnt from rows, as these are of somebody else now."""
    if hashes:
        _keep(settings, [each for each in read_suppressed(settings) if each.hash not in hashes or not each.is_learnt])


def _append(settings: Settings, names: Iterable[SuppressedName]) -> None:
    append_durably(suppressed_file(settings), [json.dumps(asdict(each)) + "\n" for each in names])


def _keep(settings: Settings, names: Iterable[SuppressedName]) -> None:
    lines = "".join(json.dumps(asdict(each)) + "\n" for each in names)
    replace_file(suppressed_file(settings), lines.encode())


def readmit(settings: Settings, request_id: str) -> int:
    """Let a person who was erased come back with the next delivery; the caller holds the writer's lock.

    Returns:
        How many hashes of the request were in the list.
    """
    known = read_suppressed(settings)
    kept = [each for each in known if each.request_id != request_id]
    if len(kept) < len(known):
        _keep(settings, kept)
    return len(known) - len(kept)


def suppression_key(settings: Settings) -> bytes:
    """Return the secret of the hashes, a new one where nothing is suppressed yet.

    Raises:
        LostSuppressionKeyError: hashes are there without it.
    """
    file = key_file(settings)
    if not file.exists():
        if read_suppressed(settings):
            raise LostSuppressionKeyError(
                f"{file} is missing, and {suppressed_file(settings)} holds hashes that were made with it; expected "
                "both or none. Restore the key from a backup: without it erased people would come back unseen"
            )
        replace_file(file, secrets.token_hex(32).encode())
        file.chmod(0o600)
    return file.read_bytes().strip()


def create_suppressed(engine: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Let a connection recognise erased people: ``keyed_hash``, and ``suppressed``.

    The table has hash, kind, request_id and is_learnt of each name.

    Args:
        engine: a database in memory.
        settings: a home in which somebody is suppressed.
    """
    known = read_suppressed(settings)
    create_keyed_hash(engine, suppression_key(settings))
    names = {each: [getattr(name, each) for name in known] for each in ("hash", "kind", "request_id", "is_learnt")}
    engine.register("suppressed_names", pa.table(names))
    engine.execute("create or replace temp table suppressed as from suppressed_names")
    engine.unregister("suppressed_names")
