"""Trying a stream: some of its rows go through the contract of landing in a temporary home, and nothing stays."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cdp_orchestration.connectors.sampling import write_sample
from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.sql_text import quoted
from cdp_orchestration.home.warehouse import read_warehouse
from cdp_orchestration.landing.inbox import find_deliveries
from cdp_orchestration.landing.land import LandedStream, land_stream
from cdp_orchestration.landing.refusals import MESSAGES, RETRIED_REASONS
from cdp_orchestration.sources import Stream


class NothingToTryError(CdpError):
    """A stream has no rows by which its declaration could be tried."""


_REFUSED = """
select coalesce(field, ''), reason, count(*), any_value(message)
from operations.quarantined
group by all
order by all
"""


@dataclass(frozen=True)
class Trial:
    """What became of some rows of a stream; names and counts, no values.

    Attributes:
        origin: where the rows came from.
        rows_read: landed and refused rows.
        landed: what landing counted.
        missing_columns: declared fields that the file lacks.
        empty_fields: further declared fields that no landed row fills.
        unread_parts: parts of the mapping (``person.emails``) whose fields no landed row fills.
        refused: how often which field (empty for a whole row or file) was refused for which reason, and what it means.
    """

    origin: str
    rows_read: int
    landed: LandedStream
    missing_columns: tuple[str, ...]
    empty_fields: tuple[str, ...]
    unread_parts: tuple[str, ...]
    refused: tuple[tuple[str, str, int, str], ...]

    @property
    def is_good(self) -> bool:
        """Whether rows have landed and no file was refused."""
        return self.landed.rows_landed > 0 and not self.landed.files_refused


def try_stream(stream: Stream, settings: Settings) -> Trial:
    """Let the contract of a stream read a sample of its source, or the newest file of its inbox folder.

    Args:
        stream: the stream.
        settings: the home; nothing is written into it.

    Returns:
        What became of the rows. A source that cannot be reached or has nothing raises FetchError, an inbox without a
        file of the stream NothingToTryError.
    """
    with tempfile.TemporaryDirectory(prefix="cdp-trial-") as name:
        trial_home = Settings(home=Path(name))
        folder = trial_home.inbox / stream.source / stream.name
        declared = stream.mapping.from_ if stream.mapping else None
        if declared:
            origin = f"a sample of its source: {write_sample(declared, folder).relative_to(folder)}"
        else:
            origin = f"the newest file of its inbox folder: {_copy_newest(stream, settings, folder)}"
        landed = land_stream(stream, trial_home)
        return _trial(stream, trial_home, landed, origin)


def _copy_newest(stream: Stream, settings: Settings, folder: Path) -> str:
    deliveries = find_deliveries(stream, settings)
    newest = max(deliveries, key=lambda each: (each.modified_ns, each.source_file), default=None)
    if newest is None:
        raise NothingToTryError(
            f"inbox/{stream.source}/{stream.name}/ has no file, and the stream has no `from`; put a file there, or "
            "declare where its rows are."
        )
    if newest.problem in RETRIED_REASONS:
        raise NothingToTryError(f"{newest.source_file}: {MESSAGES[newest.problem]}.")
    path = folder / newest.path.relative_to(settings.inbox / stream.source / stream.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(newest.path, path)
    return newest.source_file


def _trial(stream: Stream, trial_home: Settings, landed: LandedStream, origin: str) -> Trial:
    counts = ", ".join(f"count({quoted(field.name)})" for field in stream.fields)
    with read_warehouse(trial_home.warehouse) as warehouse:
        found = warehouse.execute(f"select {counts} from landing.{stream.table}").fetchall()[0]
        (listed,) = warehouse.execute(
            "select flatten(list(missing_columns)) from operations.landing_batches"
        ).fetchall()[0]
        refused = warehouse.execute(_REFUSED).fetchall()
    filled = {field.name: count for field, count in zip(stream.fields, found, strict=True)}
    missing = frozenset(listed or ())
    empty = frozenset(name for name, count in filled.items() if not count) if landed.rows_landed else frozenset()
    return Trial(
        origin=origin,
        rows_read=landed.rows_landed + landed.rows_refused,
        landed=landed,
        missing_columns=tuple(sorted(missing)),
        empty_fields=tuple(sorted(empty - missing)),
        unread_parts=tuple(sorted(part for part, names in _mapped_fields(stream).items() if names <= empty)),
        refused=tuple(refused),
    )


def _mapped_fields(stream: Stream) -> dict[str, frozenset[str]]:
    """Return for each part of the mapping which fields of the stream it reads."""
    parts: dict[str, frozenset[str]] = {}
    if stream.mapping and (person := stream.mapping.person):
        parts |= {f"person.{part}": frozenset([name]) for part, name in person.single_fields.items()}
        parts |= {f"person.{part}": frozenset(names) for part, names in person.list_fields.items()}
        parts |= {f"person.identifiers.{part}": frozenset(names) for part, names in person.identifiers.items()}
        parts |= {f"person.consents.{each.channel}": frozenset([each.field]) for each in person.consents}
    if stream.mapping and (interaction := stream.mapping.interaction):
        parts |= {f"interaction ({name})": frozenset([name]) for name in interaction.named_fields}
    return parts
