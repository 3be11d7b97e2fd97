"""Whether requests of people are answered in time, and erased people kept out."""

from datetime import UTC, datetime

from cdp_orchestration.doctor.line import Line, fail, ok, warn
from cdp_orchestration.home.retention import read_retention
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.erased_people import LostSuppressionKeyError, read_suppressed, suppression_key
from cdp_orchestration.privacy.inactivity import due_profiles
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
    kept = read_retention(settings.retention).people
    if (settings.releases / POINTER).exists() and (due := due_profiles(settings, kept)):
        return warn("privacy", f"{len(due):,} people are inactive beyond what is kept", "Run `cdp privacy inactive`.")
    people = len({each.request_id for each in suppressed})
    return ok("privacy", f"no request is open; {people:,} erasures keep people out")
