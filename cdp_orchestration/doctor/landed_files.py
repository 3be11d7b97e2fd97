"""What has landed: whether its files are those that were written, and its ledger has a copy."""

from pathlib import Path

from cdp_orchestration.doctor.line import Line, fail, ok, warn
from cdp_orchestration.errors import DamagedWarehouseError, WriterBusyError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import has_table, read_warehouse, refuse_lost
from cdp_orchestration.landing.storage.ledger import LedgerEntry, read_ledger, stored_files
from cdp_orchestration.landing.storage.ledger_copy import copied_entries, copy_path
from cdp_orchestration.landing.storage.stored_hashes import has_other_content, read_hashes

CHECK = "landed files"
_MEND = "`cdp repair`, then `cdp sync`."


def landed_lines(settings: Settings) -> list[Line]:
    """Return whether each file of landed rows and refusals is what was written; all of them are read."""
    try:
        entries = _ledger(settings)
    except WriterBusyError as error:
        return [ok(CHECK, f"not looked at: {error}")]
    except DamagedWarehouseError as error:
        return [fail(CHECK, f"not known: {error}", _MEND)]
    files = sorted({path for entry in entries for path in stored_files(settings, entry)})
    hashes = read_hashes(settings)
    damaged = [path for path in files if not path.is_file() or has_other_content(settings, path, hashes)]
    if damaged:
        first = damaged[0].relative_to(settings.home)
        found = f"{len(damaged):,} of {len(files):,} files are missing or not what was written, the first is {first}"
        return [fail(CHECK, found, _MEND)]
    copy = _line_of_copy(copy_path(settings), entries, copied_entries(settings))
    return [copy] if copy else [ok(CHECK, f"{len(files):,} files are what was written, and the ledger has its copy")]


def _ledger(settings: Settings) -> list[LedgerEntry]:
    refuse_lost(settings.warehouse)
    if not settings.warehouse.exists():
        return []
    with read_warehouse(settings.warehouse) as connection:
        return read_ledger(connection) if has_table(connection, "operations", "landing_batches") else []


def _line_of_copy(copy: Path, entries: list[LedgerEntry], copied: list[LedgerEntry]) -> Line | None:
    known, named = {entry.batch_id for entry in entries}, {entry.batch_id for entry in copied}
    if known == named:
        return None
    found = (
        f"{copy} names {len(named & known):,} of {len(known):,} batches of the ledger, {len(named - known):,} others"
    )
    return warn(CHECK, found, _MEND)
