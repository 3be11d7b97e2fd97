"""What people decided about identities, as small CSV files that a person can read, edit and keep in git.

``overrides/identity_overrides.csv`` says of two person records that they are one person (must_link) or never are
(cannot_link); ``overrides/identifier_blocklist.csv`` names e-mails, phones and numbers that are evidence for no one;
``overrides/identity_limits.csv`` sets limits of the library (``identity/limits.py``) otherwise than by default.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import pyarrow as pa

from cdp_orchestration.errors import DecisionError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.csv_rows import read_rows, write_rows
from identity import BLOCKLIST, OVERRIDES, IdentityError, Limits, check_overrides


@dataclass(frozen=True)
class Override:
    """One decision about two person records, by their keys: source_system:source_record_type:source_record_id."""

    decision: str
    person_record_id_left: str
    person_record_id_right: str
    decided_by: str
    decided_at: str
    why: str

    @property
    def pair(self) -> frozenset[str]:
        """The two records, in no order."""
        return frozenset((self.person_record_id_left, self.person_record_id_right))


OVERRIDE_COLUMNS = tuple(field.name for field in fields(Override))
BLOCKLIST_COLUMNS = ("identifier_type", "identifier_value", "why")
LIMIT_COLUMNS = ("limit", "value", "why")
_BLOCKABLE = ("email", "phone", "loyalty_number", "shop_customer_id", "card_fingerprint")


def read_overrides(settings: Settings) -> list[Override]:
    """Return all decisions in the order of the file, none when there is no file.

    Raises:
        DecisionError: the file lacks a column, or its decisions contradict each other.
    """
    path = settings.identity_overrides
    overrides = [Override(**row) for row in read_rows(path, OVERRIDE_COLUMNS)]
    _check(overrides, path)
    return overrides


def add_override(settings: Settings, override: Override) -> None:
    """Write a decision down; it replaces an earlier one about the same two records.

    Raises:
        DecisionError: it contradicts the other decisions; nothing is written then.
    """
    add_overrides(settings, [override])


def add_overrides(settings: Settings, overrides: Sequence[Override]) -> None:
    """Write several decisions down; each replaces an earlier one about the same two records.

    Raises:
        DecisionError: they contradict each other or the other decisions; nothing is written then.
    """
    pairs = {override.pair for override in overrides}
    all_of_them = [*(other for other in read_overrides(settings) if other.pair not in pairs), *overrides]
    _check(all_of_them, settings.identity_overrides)
    _write(settings, all_of_them)


def withdraw_override(settings: Settings, left: str, right: str) -> Override:
    """Take back the decision about two records and return it.

    Raises:
        DecisionError: there is none.
    """
    overrides = read_overrides(settings)
    found = [override for override in overrides if override.pair == {left, right}]
    if not found:
        raise DecisionError(f"no override speaks of {left} and {right}; see {settings.identity_overrides}")
    _write(settings, [override for override in overrides if override not in found])
    return found[0]


def overrides_table(overrides: Iterable[Override]) -> pa.Table:
    """Return decisions in the shape that the identity library takes."""
    rows = [{name: getattr(override, name) for name in OVERRIDES.names} for override in overrides]
    return pa.Table.from_pylist(rows, schema=OVERRIDES)


def read_blocklist(settings: Settings) -> pa.Table:
    """Return the blocklist in the shape that the identity library takes, empty when there is no file.

    Raises:
        DecisionError: the file lacks a column or names an identifier type that cannot be blocked.
    """
    rows = read_rows(settings.identifier_blocklist, BLOCKLIST_COLUMNS)
    for line, row in enumerate(rows, start=2):
        if row["identifier_type"] not in _BLOCKABLE:
            raise DecisionError(
                f"{settings.identifier_blocklist} line {line}: found identifier_type {row['identifier_type']!r}; "
                f"expected one of {', '.join(_BLOCKABLE)}"
            )
    return pa.Table.from_pylist([{name: row[name] for name in BLOCKLIST.names} for row in rows], schema=BLOCKLIST)


def read_limits(settings: Settings) -> Limits:
    """Return the limits of identity: the library's defaults, and what the file sets otherwise.

    Raises:
        DecisionError: the file lacks a column, names a limit that there is not, or a value that cannot be.
    """
    path = settings.identity_limits
    known = {limit.name: limit.type for limit in fields(Limits)}
    told: dict[str, Any] = {}
    for line, row in enumerate(read_rows(path, LIMIT_COLUMNS), start=2):
        name, value = row["limit"], row["value"]
        if name not in known:
            raise DecisionError(f"{path} line {line}: found limit {name!r}; expected one of {', '.join(known)}")
        kind = known[name]
        try:
            told[name] = kind(value)  # type: ignore[operator]
        except ValueError:
            number = "a whole number" if kind is int else "a number"
            raise DecisionError(f"{path} line {line}: found {name} = {value!r}; expected {number}") from None
    try:
        return Limits(**told)
    except IdentityError as error:
        raise DecisionError(f"{path}: {error}") from error


def _check(overrides: list[Override], path: Path) -> None:
    try:
        check_overrides(overrides_table(overrides))
    except IdentityError as error:
        raise DecisionError(f"{path}: {error}") from error


def _write(settings: Settings, overrides: Iterable[Override]) -> None:
    write_rows(settings.identity_overrides, OVERRIDE_COLUMNS, (asdict(override) for override in overrides))
