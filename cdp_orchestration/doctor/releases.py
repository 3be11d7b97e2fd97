"""The live release: whether it opens, with the files that were published; what is kept of others, and the audit log."""

from pathlib import Path

from cdp_orchestration.connectors.secret_values import SecretMissingError
from cdp_orchestration.doctor.line import Line, fail, ok, warn
from cdp_orchestration.errors import DamagedAuditError, DamagedReleaseError, SettingsError
from cdp_orchestration.home.audit import broken_links, read_audit
from cdp_orchestration.home.retention import read_retention
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.open_tier.declaration import read_open_tier
from cdp_orchestration.open_tier.following import is_in_step
from cdp_orchestration.release.integrity import damaged_files
from cdp_orchestration.release.reader import REMEDY, live_release

_RESTORE = f"{REMEDY}; find out what changed the folder."


def retention_line(settings: Settings) -> Line:
    """Return what the home keeps of old releases and runs."""
    try:
        return ok("retention", f"{read_retention(settings.retention)}")
    except SettingsError as error:
        found, _, remedy = str(error).partition(". ")
        return fail("retention", found, remedy)


def audit_line(settings: Settings) -> Line:
    """Return whether the chain of the audit log is whole."""
    try:
        entries = read_audit(settings.audit)
    except DamagedAuditError as error:
        found, _, remedy = str(error).partition(". ")
        return fail("audit log", found, remedy)
    if broken := list(broken_links(entries)):
        return fail("audit log", broken[0], f"Restore {settings.audit} from a backup; ask who changed it.")
    return ok("audit log", f"{len(entries):,} entries in one chain")


def open_tier_line(settings: Settings) -> Line:
    """Return whether the home has an open tier, and whether it is that of the live release."""
    try:
        declared = read_open_tier(settings.open_tier)
        in_step = is_in_step(settings)
    except (SettingsError, SecretMissingError, DamagedReleaseError) as error:
        found, _, remedy = str(error).partition(". ")
        return fail("open tier", found, remedy)
    if not in_step:
        return warn("open tier", "is not that of the live release, as declared", "Run `cdp sync`.")
    if declared is None:
        return ok("open tier", f"none; {settings.open_tier.name} in the home would declare one")
    read_by = f", read by the group {declared.readers_group}" if declared.readers_group else ""
    return ok("open tier", f"that of the live release, nothing that fewer than {declared.k} share{read_by}")


def release_lines(releases: Path) -> list[Line]:
    """Return whether the live release opens and its files are whole."""
    try:
        live = live_release(releases)
    except DamagedReleaseError as error:
        found, _, remedy = str(error).partition(". ")
        return [fail("release", f"the live release cannot be opened: {found}", remedy)]
    if live is None:
        return [warn("release", "nothing is published yet", "Run `cdp demo`, or fill the inbox and run `cdp sync`.")]
    damaged = damaged_files(live)
    if damaged:
        return [fail("release", f"{live.release_id}: {'; '.join(map(str, damaged[:5]))}", _RESTORE)]
    return [ok("release", f"{live.release_id}: {len(live.manifest['tables'])} files are what was published")]
