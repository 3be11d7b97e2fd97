"""Decisions of people about identities, as small CSV files that a person can read, edit and keep in git.

``overrides/identity_overrides.csv`` has one row per pair of person records that are one person (must_link) or two
(cannot_link), ``overrides/identifier_blocklist.csv`` one per e-mail, phone or number to suppress, and
``overrides/identity_limits.csv`` one per limit of the library (``identity/limits.py``) that is not at its default.
A line that cannot be read whole is an error that names it.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from cdp_orchestration.errors import DecisionError
from cdp_orchestration.home.audit import Action, record
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.csv_rows import finite_number, numbered_rows, write_rows
from cdp_orchestration.identity_stage.withdrawals import Withdrawal, note_withdrawal
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

    @property
    def override_id(self) -> str:
        """The id under which events name it: equal for the same decision about the same records at the same time."""
        said = [self.decision, *sorted(self.pair), self.decided_at]
        return hashlib.sha256("|".join(said).encode()).hexdigest()[:16]


OVERRIDE_COLUMNS = tuple(field.name for field in fields(Override))
BLOCKLIST_COLUMNS = ("identifier_type", "identifier_value", "why")
LIMIT_COLUMNS = ("limit", "value", "why")
_ACTIONS: dict[str, Action] = {"must_link": "link records", "cannot_link": "unlink records"}
_BLOCKABLE = ("email", "phone", "loyalty_number", "shop_customer_id", "card_fingerprint", "other_identifier")


def read_overrides(settings: Settings) -> list[Override]:
    """Return all overrides in the order of the file.

    Args:
        settings: the home.

    Returns:
        The overrides; none when there is no file.

    Raises:
        DecisionError: a line cannot be read whole, says no decision about two records, or contradicts others.
    """
    path = settings.identity_overrides
    numbered = [(line, Override(**row)) for line, row in numbered_rows(path, OVERRIDE_COLUMNS)]
    for line, override in numbered:
        if override.decision not in _ACTIONS or len(override.pair - {""}) != 2:
            raise DecisionError(
                f"{path} line {line}: found {override.decision!r} of {len(override.pair - {''})} record(s); "
                f"expected {' or '.join(_ACTIONS)} about two different record keys. Correct or remove the line."
            )
    overrides = [override for _, override in numbered]
    _check(overrides, path, [line for line, _ in numbered])
    return overrides


def add_override(settings: Settings, override: Override) -> None:
    """Store an override, in place of an earlier one about the same two records; see add_overrides."""
    add_overrides(settings, [override])


def add_overrides(settings: Settings, overrides: Sequence[Override]) -> None:
    """Store overrides, each in place of an earlier one about the same two records.

    Fails with DecisionError when they contradict each other or the stored ones; nothing is stored then.

    Args:
        settings: the home.
        overrides: the overrides to store.
    """
    pairs = {override.pair for override in overrides}
    combined = [*(other for other in read_overrides(settings) if other.pair not in pairs), *overrides]
    _check(combined, settings.identity_overrides)
    _write(settings, combined)
    for each in overrides:
        record(settings.audit, _ACTIONS[each.decision], each.override_id, by=each.decided_by or None, why=each.why)


def withdraw_override(settings: Settings, left: str, right: str, withdrawn_by: str = "", why: str = "") -> Override:
    """Remove the override about two records, and note who took it back.

    Args:
        settings: the home.
        left: the key of the one record.
        right: the key of the other record.
        withdrawn_by: the person who takes it back.
        why: the reason.

    Returns:
        The override that was removed.

    Raises:
        DecisionError: there is no override about these records.
    """
    overrides = read_overrides(settings)
    found = [override for override in overrides if override.pair == {left, right}]
    if not found:
        raise DecisionError(
            f"{settings.identity_overrides} holds {len(overrides)} override(s), but no override about {left} and "
            f"{right}; expected the two record keys of one of its rows. Check the keys."
        )
    withdrawn_at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    withdrawn = found[0]
    about = (withdrawn.decision, withdrawn.person_record_id_left, withdrawn.person_record_id_right)
    note_withdrawal(settings, Withdrawal(withdrawn.override_id, *about, withdrawn_by, withdrawn_at, why))
    _write(settings, [override for override in overrides if override not in found])
    record(settings.audit, "withdraw decision", withdrawn.override_id, by=withdrawn_by or None, why=why)
    return withdrawn


def overrides_table(overrides: Iterable[Override]) -> pa.Table:
    """Return overrides as a table; see OVERRIDES of the identity library."""
    rows = [{name: getattr(override, name) for name in OVERRIDES.names} for override in overrides]
    return pa.Table.from_pylist(rows, schema=OVERRIDES)


def read_blocklist(settings: Settings) -> pa.Table:
    """Read the identifier values to suppress.

    Args:
        settings: the home.

    Returns:
        One row per value, see BLOCKLIST of the identity library; none when there is no file.

    Raises:
        DecisionError: a column is missing, or an identifier type cannot be blocked.
    """
    numbered = numbered_rows(settings.identifier_blocklist, BLOCKLIST_COLUMNS)
    for line, row in numbered:
        if not row["identifier_value"]:
            raise DecisionError(
                f"{settings.identifier_blocklist} line {line}: found no identifier_value; expected the value to "
                "suppress. Correct or remove the line."
            )
        if row["identifier_type"] not in _BLOCKABLE:
            raise DecisionError(
                f"{settings.identifier_blocklist} line {line}: found identifier_type {row['identifier_type']!r}; "
                f"expected one of {', '.join(_BLOCKABLE)}. Correct or remove the line."
            )
    rows = [{name: row[name] for name in BLOCKLIST.names} for _, row in numbered]
    return pa.Table.from_pylist(rows, schema=BLOCKLIST)


def read_limits(settings: Settings) -> Limits:
    """Read the limits of identity resolution.

    Args:
        settings: the home.

    Returns:
        The library's defaults, except for the limits in the file.

    Raises:
        DecisionError: a line cannot be read whole, a limit is unknown or given twice, or a value is not allowed.
    """
    path = settings.identity_limits
    known = {limit.name: limit.type for limit in fields(Limits)}
    values: dict[str, Any] = {}
    lines: list[str] = []
    for line, row in numbered_rows(path, LIMIT_COLUMNS):
        name, value = row["limit"], row["value"]
        lines.append(str(line))
        if name not in known:
            raise DecisionError(
                f"{path} line {line}: found limit {name!r}; expected one of {', '.join(known)}. Correct the name."
            )
        if name in values:
            raise DecisionError(f"{path} line {line}: found {name} again; expected each limit once. Remove a line.")
        kind = known[name]
        try:
            values[name] = kind(finite_number(value) if kind is float else value)  # type: ignore[operator]
        except ValueError:
            number = "a whole number" if kind is int else "a number"
            raise DecisionError(
                f"{path} line {line}: found {name} = {value!r}; expected {number}. Correct the value."
            ) from None
    try:
        return Limits(**values)
    except IdentityError as error:
        raise DecisionError(f"{path} line(s) {', '.join(lines)}: {error}") from error


def _check(overrides: Sequence[Override], path: Path, lines: Sequence[int] = ()) -> None:
    try:
        check_overrides(overrides_table(overrides))
    except IdentityError as error:
        named = [line for line, override in zip(lines, overrides, strict=False) if override.pair == set(error.records)]
        raise DecisionError(f"{path}{f' line {named[0]}' if named else ''}: {error}") from error


def _write(settings: Settings, overrides: Iterable[Override]) -> None:
    write_rows(settings.identity_overrides, OVERRIDE_COLUMNS, (asdict(override) for override in overrides))
