"""The key of the open tier's hashes: one of the home's own, or one that its declaration names."""

import secrets
from pathlib import Path

from cdp_orchestration.connectors.secret_values import secret_value
from cdp_orchestration.errors import SettingsError
from cdp_orchestration.home.durable_files import replace_file
from cdp_orchestration.open_tier.declaration import OpenTier

MIN_KEY_LENGTH = 16


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
