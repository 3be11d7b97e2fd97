"""People who were erased and must not come back: keyed hashes of what named them, in ``privacy/suppressed.jsonl``.

Whoever has the list without its key, which stands in a file of its own, cannot find out who it names. A new export
that still holds the person is recognised by the hash of what its rows name them by.
"""

import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import duckdb

from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.durable_files import append_durably, replace_file
from cdp_orchestration.home.keyed_hashes import create_keyed_hash
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sql_text import text_literal
from cdp_orchestration.landing.erasure.erasure import register_names

HASHED = "keyed_hash(named.kind || chr(31) || named.value)"
"""SQL of the hash of what names a person."""


class LostSuppressionKeyError(CdpError):
    """The list of erased people is there, the key of its hashes is not."""


@dataclass(frozen=True)
class SuppressedName:
    """One thing that named an erased person: its kind, the hash of its value, the request, and since when."""

    hash: str
    kind: str
    request_id: str
    since: str


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
    known = {each.hash for each in read_suppressed(settings)}
    new = [SuppressedName(found, kind, request_id, since) for found, kind in hashes if found not in known]
    append_durably(suppressed_file(settings), [json.dumps(asdict(each)) + "\n" for each in new])
    return len(new)


def readmit(settings: Settings, request_id: str) -> int:
    """Let a person who was erased come back with the next delivery; the caller holds the writer's lock.

    Returns:
        How many hashes of the request were in the list.
    """
    known = read_suppressed(settings)
    kept = [each for each in known if each.request_id != request_id]
    if len(kept) < len(known):
        lines = "".join(json.dumps(asdict(each)) + "\n" for each in kept)
        replace_file(suppressed_file(settings), lines.encode())
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
    """Let a connection recognise erased people: ``keyed_hash`` and the table ``suppressed``.

    Args:
        engine: a database in memory.
        settings: a home in which somebody is suppressed.
    """
    known = read_suppressed(settings)
    create_keyed_hash(engine, suppression_key(settings))
    hashes = ", ".join(text_literal(each) for each in sorted({name.hash for name in known}))
    engine.execute(f"create or replace temp table suppressed as select unnest([{hashes}]) as hash")
