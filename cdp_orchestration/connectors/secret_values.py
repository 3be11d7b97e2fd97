"""Secrets by reference: a declaration names where a secret is, and only a connector's call reads it."""

import os
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from cdp_orchestration.errors import CdpError

ENVIRONMENT, FILE = "env:", "file:"


class SecretMissingError(CdpError):
    """A secret is not where its declaration says."""


def _reference(text: str) -> str:
    if not text.startswith((ENVIRONMENT, FILE)) or text in (ENVIRONMENT, FILE):
        # The text may be the secret itself, so it is not repeated.
        raise ValueError("a secret stands in a declaration; expected env:NAME or file:/path/to/a/file")
    return text


SecretReference = Annotated[str, AfterValidator(_reference)]
"""``env:NAME`` or ``file:PATH``; any other text is refused, because it could be the secret itself."""


def secret_value(reference: SecretReference) -> str:
    """Read a secret; the value must never enter a log, an error, a file or Dagster's metadata.

    Args:
        reference: ``env:NAME`` for a variable of the environment, ``file:PATH`` for the first line of a file.

    Returns:
        The secret without blanks around it.

    Raises:
        SecretMissingError: the variable or file is not there, or is empty.
    """
    if reference.startswith(ENVIRONMENT):
        found = os.environ.get(reference.removeprefix(ENVIRONMENT), "").strip()
    else:
        path = Path(reference.removeprefix(FILE)).expanduser()
        found = path.read_text(encoding="utf-8").partition("\n")[0].strip() if path.is_file() else ""
    if not found:
        raise SecretMissingError(f"The secret {reference} is empty or not there; set it, then run this again.")
    return found
