"""Whether requests of people are answered in time, and erased people kept out."""

from datetime import UTC, datetime

from cdp_orchestration.doctor.line import Line, fail, ok, warn
from cdp_orchestration.errors import WriterBusyError
from cdp_orchestration.home.retention import read_retention
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.erasure.erased_people import LostSuppressionKeyError, read_suppressed, suppression_key
from cdp_orchestration.privacy.inactivity import due_profiles
from cdp_orchestration.privacy.old_texts import old_texts
from cdp_orchestration.privacy.requests import pending_erasures, read_log
from cdp_orchestration.release.pointer import POINTER


def privacy_line(settings: Settings) -> Line:
    """Return whether an erasure is pending, a request overdue, or the key of the erased people lost."""
    suppressed = read_suppressed(settings)
    if suppressed:
        try:
            suppression_key(settings)
        except LostSuppressionKeyError as error:
            found, _, remedy = str(error).partition(". ")
            return fail("privacy", found, remedy)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    overdue = sorted({each.request_id for each in read_log(settings) if not each.completed_at and each.due_at < now})
    if overdue:
        return fail("privacy", f"overdue: {', '.join(overdue)}", "Run `cdp privacy resume`.")
    if pending := pending_erasures(settings):
        named = ", ".join(each.request_id for each in pending)
        return warn("privacy", f"has not ended: {named}", "Run `cdp privacy resume`.")
    if too_old := _kept_too_long(settings):
        return warn("privacy", too_old, "Run `cdp privacy inactive`.")
    people = len({each.request_id for each in suppressed})
    return ok("privacy", f"no request is open; {people:,} erasures keep people out")


def _kept_too_long(settings: Settings) -> str:
    """Return what retention.yml does not keep and is still there; empty where nothing is."""
    kept = read_retention(settings.retention)
    if not (settings.releases / POINTER).exists():
        return ""
    found = []
    if due := due_profiles(settings, kept.people):
        found.append(f"{len(due):,} people are inactive beyond what is kept")
    try:
        texts = old_texts(settings, kept.texts)
    except WriterBusyError:
        found.append("old texts cannot be counted while another process writes the warehouse")
    else:
        if texts:
            found.append(f"{sum(each.row_count for each in texts):,} rows have texts beyond what is kept")
    return ", ".join(found)
