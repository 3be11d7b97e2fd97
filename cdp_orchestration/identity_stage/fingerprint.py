"""One hash of all decisions of people about identities: a new decision is a reason to sync."""

import hashlib

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.models import last_approved


def decisions_fingerprint(settings: Settings) -> str:
    """Return a hash of the overrides, the blocklist, the limits, and the approval of a candidate model."""
    digest = hashlib.sha256()
    for path in (settings.identity_overrides, settings.identifier_blocklist, settings.identity_limits):
        digest.update(path.read_bytes() if path.exists() else b"-")
        digest.update(b"|")
    digest.update((last_approved(settings) or "-").encode())
    return digest.hexdigest()
