"""Rows as text by column, from which a declaration is drafted."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from anyascii import anyascii

from cdp_orchestration.errors import CdpError

SAMPLE_ROWS = 1000
_CONTACT = re.compile(r"\s*([^@\s]+@[^@\s]+\.[^@\s]+|\+\d[\d\s()./-]{6,18})\s*")


class SampleError(CdpError):
    """No rows can be read of what a declaration shall be drafted from."""


@dataclass(frozen=True)
class Sample:
    """Rows as text: for each column its values, null where the row has none. Members of objects are named ``a.b``."""

    columns: Mapping[str, tuple[str | None, ...]]

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(next(iter(self.columns.values()), ()))


def sample_of_rows(rows: Iterable[Mapping[str, Any]]) -> Sample:
    """Return rows of any values as a sample.

    Raises:
        SampleError: there are none, or a value of a person stands where the name of a column is expected.
    """
    flat = [dict(_flat(row)) for row, _ in zip(rows, range(SAMPLE_ROWS), strict=False)]
    names = dict.fromkeys(name for row in flat for name in row)
    # An object that a row lacks is null there, and no column beside its own members
    empty = {name for name in names if all(row.get(name) is None for row in flat)}
    names = dict.fromkeys(
        name for name in names if name not in empty or not any(other.startswith(f"{name}.") for other in names)
    )
    if not names:
        raise SampleError("The sample has no rows; a declaration is drafted from some.")
    if any(map(_CONTACT.fullmatch, names)):
        raise SampleError("A column is called by an e-mail address or a phone number; expected a heading.")
    return Sample({name: tuple(row.get(name) for row in flat) for name in names})


def letters_of(name: str) -> str:
    """Return the letters and digits of a heading or word, of the last member of an object, as small Latin ones.

    What stands in brackets at the end says more about the heading, such as a zone or a currency, and is left out.
    """
    last = re.sub(r"(?<=\S)\s*\([^()]*\)$", "", members_of(name)[-1])
    return re.sub(r"[^a-z0-9]", "", anyascii(last).lower())


def members_of(name: str) -> list[str]:
    """Return the parts of a heading that leads into objects: ``contact``, ``email`` of ``contact.email``."""
    return re.split(r"\.(?=\S)", name.strip().rstrip("."))  # a dot at the end shortens a word


def filled(values: Iterable[str | None]) -> list[str]:
    """Return the values that are more than blanks, without blanks around them."""
    return [value.strip() for value in values if value and value.strip()]


def _flat(row: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str | None]]:
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif isinstance(value, list):
            yield f"{prefix}{name}", json.dumps(value, ensure_ascii=False, default=str)
        elif isinstance(value, bool):
            yield f"{prefix}{name}", str(value).lower()
        else:
            yield f"{prefix}{name}", None if value is None or value == "" else str(value)
