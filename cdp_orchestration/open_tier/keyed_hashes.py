"""Hashes that only the holder of a key can make: HMAC (RFC 2104) with SHA-256, computed by DuckDB."""

import secrets
from pathlib import Path

import duckdb

from cdp_orchestration.connectors.secret_values import secret_value
from cdp_orchestration.errors import SettingsError
from cdp_orchestration.home.durable_files import replace_file
from cdp_orchestration.open_tier.declaration import OpenTier

HASH_LENGTH = 32
"""Characters of a hash: 128 of its 256 bits, so that two of a million million values are hardly ever the same."""
MIN_KEY_LENGTH = 16
_BLOCK = 64  # bytes, of SHA-256
_INNER, _OUTER = 0x36, 0x5C


def own_key(declaration: Path) -> Path:
    """Return where a home keeps a key of its own, next to what it declares about the open tier."""
    return declaration.with_suffix(".key")


def open_tier_key(declared: OpenTier, file: Path) -> bytes:
    """Return the secret of the hashes.

    Args:
        declared: what the home declares.
        file: where the home keeps a key of its own; written where neither it nor a declared key is there.

    Returns:
        The key.

    Raises:
        SettingsError: the key is too short to be one.
    """
    if declared.key is None and not file.exists():
        replace_file(file, f"{secrets.token_hex(32)}\n".encode())
        file.chmod(0o600)
    reference = declared.key or f"file:{file}"
    key = secret_value(reference).encode()
    if len(key) < MIN_KEY_LENGTH:
        raise SettingsError(
            f"the key of the open tier ({reference}) has {len(key)} characters, expected at least {MIN_KEY_LENGTH}: "
            "hashes with a short key can be found by trying. Name a longer one"
        )
    return key


def create_keyed_hash(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Let a connection compute ``keyed_hash(value)``: null of null, else 32 hexadecimal digits.

    Args:
        connection: a database in memory; the key stays in it.
        key: the secret.
    """
    block = duckdb.execute("select sha256(?::blob)", [key]).fetchall()[0][0] if len(key) > _BLOCK else key.hex()
    padded = bytes.fromhex(block).ljust(_BLOCK, b"\0")
    for name, pad in (("inner_block", _INNER), ("outer_block", _OUTER)):
        connection.execute(f"set variable {name} = ?::blob", [bytes(byte ^ pad for byte in padded)])
    inner = "sha256(getvariable('inner_block') || encode(value))"
    connection.execute(
        f"create temp macro keyed_hash(value) as "
        f"left(sha256(getvariable('outer_block') || unhex({inner})), {HASH_LENGTH})"
    )
