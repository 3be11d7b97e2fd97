"""What people asked to be done with their data: not to be used, or corrected. Files of the home below ``privacy/``.

Each decision names the person records of its person, not a profile, so that it outlives merges and splits of profiles:
it holds for each profile that has one of these records. Staging and the profiles stage read it from tables that follow
from the files whenever one of these is built.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from cdp_orchestration.errors import DecisionError
from cdp_orchestration.home.durable_files import write_json
from cdp_orchestration.home.settings import Settings


@dataclass(frozen=True)
class Restriction:
    """A person who is kept, and left out of everything that is done with profiles.

    Attributes:
        decision_id: the id under which the audit log names it.
        person_record_ids: the records of the person when it was decided.
        decided_at: when, ISO 8601 in UTC.
        decided_by: who entered it.
        why: the reason.
    """

    decision_id: str
    person_record_ids: tuple[str, ...]
    decided_at: str
    decided_by: str
    why: str


@dataclass(frozen=True)
class Rectification(Restriction):
    """A golden value that a person set, in place of what the sources say.

    Attributes:
        attribute: which value of a profile.
        value: the value in its standard form.
    """

    attribute: str
    value: str


Decision = TypeVar("Decision", bound=Restriction)


def restrictions_file(settings: Settings) -> Path:
    """Return the file of people who are left out."""
    return settings.home / "privacy" / "restrictions.json"


def rectifications_file(settings: Settings) -> Path:
    """Return the file of values that people set."""
    return settings.home / "privacy" / "rectifications.json"


def read_restrictions(settings: Settings) -> list[Restriction]:
    """Return all restrictions, the oldest first; DecisionError where the file cannot be read whole."""
    return _read(restrictions_file(settings), Restriction)


def read_rectifications(settings: Settings) -> list[Rectification]:
    """Return all rectifications, the oldest first; DecisionError where the file cannot be read whole."""
    return _read(rectifications_file(settings), Rectification)


def write_restrictions(settings: Settings, restrictions: Iterable[Restriction]) -> None:
    """Replace all restrictions; the caller holds the writer's lock."""
    _write(restrictions_file(settings), restrictions)


def write_rectifications(settings: Settings, rectifications: Iterable[Rectification]) -> None:
    """Replace all rectifications; the caller holds the writer's lock."""
    _write(rectifications_file(settings), rectifications)


def forget_decisions(settings: Settings, person_record_ids: Collection[str]) -> int:
    """Remove records from all decisions, and decisions that name no other one; the caller holds the writer's lock.

    Args:
        settings: the home.
        person_record_ids: the records of people who are erased.

    Returns:
        How many decisions changed or went.
    """
    return _forget(restrictions_file(settings), read_restrictions(settings), person_record_ids) + _forget(
        rectifications_file(settings), read_rectifications(settings), person_record_ids
    )


def person_decisions_fingerprint(settings: Settings) -> str | None:
    """Return a hash of all decisions, by which a stage sees that another one was made; None where there is none."""
    return _fingerprint([*read_restrictions(settings), *read_rectifications(settings)])


def restrictions_fingerprint(settings: Settings) -> str | None:
    """Return a hash of all restrictions, which staging keeps out of what models learn; None where there is none."""
    return _fingerprint(read_restrictions(settings))


def store_person_decisions(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Let the tables that staging and the profiles stage read hold what the files say.

    Args:
        connection: the warehouse.
        settings: the home.
    """
    restricted = [
        (record, each.decided_at) for each in read_restrictions(settings) for record in each.person_record_ids
    ]
    rectified = [
        (record, each.attribute, each.value, each.decided_at, each.why)
        for each in read_rectifications(settings)
        for record in each.person_record_ids
    ]
    _fill(connection, "restricted_records", "person_record_id varchar, decided_at timestamp", restricted)
    columns = "person_record_id varchar, attribute varchar, value varchar, decided_at timestamp, why varchar"
    _fill(connection, "rectified_values", columns, rectified)


def _fingerprint(decisions: Sequence[Restriction]) -> str | None:
    if not decisions:
        return None
    return hashlib.sha256(json.dumps([asdict(each) for each in decisions], sort_keys=True).encode()).hexdigest()


def _fill(connection: duckdb.DuckDBPyConnection, table: str, columns: str, rows: Sequence[tuple[str, ...]]) -> None:
    connection.execute(f"create table if not exists operations.{table} ({columns})")
    connection.execute(f"delete from operations.{table}")
    if rows:
        places = ", ".join("?" * len(rows[0]))
        connection.executemany(f"insert into operations.{table} values ({places})", rows)


def _forget(path: Path, decisions: Sequence[Decision], records: Collection[str]) -> int:
    left = [
        replace(each, person_record_ids=tuple(record for record in each.person_record_ids if record not in records))
        for each in decisions
    ]
    changed = sum(before != after for before, after in zip(decisions, left, strict=True))
    if changed:
        _write(path, [each for each in left if each.person_record_ids])
    return changed


def _read(path: Path, kind: type[Decision]) -> list[Decision]:
    if not path.exists():
        return []
    try:
        return [_decision(each, kind) for each in json.loads(path.read_bytes())["decisions"]]
    except (ValueError, KeyError, TypeError) as error:
        raise DecisionError(
            f"{path} cannot be read whole ({type(error).__name__}); expected a list `decisions`, each with "
            f"{', '.join(field.name for field in fields(kind))}. Correct it, or restore it from a copy."
        ) from None


def _decision(found: dict[str, Any], kind: type[Decision]) -> Decision:
    if not all(isinstance(value, str) for name, value in found.items() if name != "person_record_ids"):
        raise TypeError
    return kind(**{**found, "person_record_ids": tuple(map(str, found["person_record_ids"]))})


def _write(path: Path, decisions: Iterable[Restriction]) -> None:
    kept = [asdict(each) for each in decisions]
    if kept or path.exists():
        write_json(path, {"decisions": kept})
