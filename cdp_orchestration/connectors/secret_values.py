"""Secrets by reference: a declaration names where a secret is, and only a connector's call reads it."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, ValidationInfo

from cdp_orchestration.errors import CdpError

ENVIRONMENT, FILE = "env:", "file:"
_SHORTEST_SECRET = 3
_HOME = "home"
_PACKAGES = Path(__file__).resolve().parents[2]
_SHIPPED = tuple(_PACKAGES / name for name in ("cdp_orchestration", "dbt_project", "expectations", "identity"))
INSIDE_THE_HOME = (
    "the file of a secret lies inside the home or the folders of the programs, which are copied and shown as a whole; "
    "expected one outside of both. Move it, such as to /run/secrets, and correct its place here"
)


class SecretMissingError(CdpError):
    """A secret is not where its declaration says."""


def reading_in(home: Path) -> dict[str, Any]:
    """Return the context in which pydantic reads what a home declares: no secret may lie inside that home."""
    return {_HOME: home}


def is_in_reach(reference: str, home: Path) -> bool:
    """Return whether a secret lies in a file of the home, or of the programs.

    Args:
        reference: any value of a declaration.
        home: the home, which is copied, kept and shown to readers as a whole.
    """
    if not reference.startswith(FILE):
        return False
    try:
        file = Path(reference.removeprefix(FILE)).expanduser().resolve()
        return any(file.is_relative_to(folder.resolve()) for folder in (home, *_SHIPPED))
    except (OSError, RuntimeError, ValueError):  # what cannot be found is said where the secret is read
        return False


def outside(reference: str, info: ValidationInfo) -> str:
    """Return a reference to a secret that lies outside the home that declares it.

    Raises:
        ValueError: it lies inside.
    """
    home = (info.context or {}).get(_HOME)
    if home and is_in_reach(reference, home):
        raise ValueError(INSIDE_THE_HOME)
    return reference


def _reference(text: str, info: ValidationInfo) -> str:
    if not text.startswith((ENVIRONMENT, FILE)) or text in (ENVIRONMENT, FILE):
        # The text may be the secret itself, so it is not repeated.
        raise ValueError("a secret stands in a declaration; expected env:NAME or file:/path/to/a/file")
    return outside(text, info)


SecretReference = Annotated[str, AfterValidator(_reference)]
"""``env:NAME`` or ``file:PATH``; any other text is refused, because it could be the secret itself."""


def secret_value(reference: SecretReference) -> str:
    """Read a secret; the value must never enter a log, an error, a file or Dagster's metadata.

    Args:
        reference: ``env:NAME`` for a variable of the environment, ``file:PATH`` for the first line of a file.

    Returns:
        The secret without blanks around it.

    Raises:
        SecretMissingError: the variable or file is not there, or is empty or cannot be read.
    """
    if reference.startswith(ENVIRONMENT):
        found = os.environ.get(reference.removeprefix(ENVIRONMENT), "").strip()
    else:
        found = _first_line(reference)
    if not found:
        raise SecretMissingError(f"The secret {reference} is empty or not there; set it, then run this again.")
    return found


def _first_line(reference: SecretReference) -> str:
    """Return the first line of a file, empty where there is none."""
    try:
        text = Path(reference.removeprefix(FILE)).expanduser().read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, UnicodeDecodeError, RuntimeError) as error:
        reason = "is no text in UTF-8" if isinstance(error, UnicodeDecodeError) else f"gives {type(error).__name__}"
        raise SecretMissingError(
            f"The secret {reference} cannot be read: it {reason}; expected a text file that this user may read. "
            "Mend it, then run this again."
        ) from None
    return text.partition("\n")[0].strip()


def references_in(values: Any) -> Iterator[SecretReference]:
    """Yield the references to secrets in a declaration that pydantic has written out."""
    if isinstance(values, str) and values.startswith((ENVIRONMENT, FILE)):
        yield values
    elif isinstance(values, dict):
        for value in values.values():
            yield from references_in(value)
    elif isinstance(values, list | tuple):
        for value in values:
            yield from references_in(value)


def without_secrets(text: str, references: Iterable[SecretReference]) -> str:
    """Return what a library says without secrets that it may repeat.

    Args:
        text: the message.
        references: where the secrets are; of one that is an address no part is left either.
    """
    parts = {part for reference in references for part in _parts_of(reference)}
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, "…")
    return text


def _parts_of(reference: SecretReference) -> Iterator[str]:
    """Yield a secret and, where it is an address, each part of it."""
    try:
        secret = secret_value(reference)
    except SecretMissingError:  # what is not there cannot be shown
        return
    yield from (part for part in {secret, *re.split(r"[:@/?&=\s]+", secret)} if len(part) > _SHORTEST_SECRET)
