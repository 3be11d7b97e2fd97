"""One hash of all that people decided about identities: a decision is a reason to sync."""

import hashlib

from cdp_orchestration.identity_stage.models import last_approved
from cdp_orchestration.settings import Settings


def decisions_fingerprint(settings: Settings) -> str:
    """Return a hash of the overrides, the blocklist and the approval of a candidate model, as their files stand."""
    digest = hashlib.sha256()
    for path in (settings.identity_overrides, settings.identifier_blocklist):
        digest.update(path.read_bytes() if path.exists() else b"-")
        digest.update(b"|")
    digest.update((last_approved(settings) or "-").encode())
    return digest.hexdigest()
