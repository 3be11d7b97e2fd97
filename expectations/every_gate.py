"""All gates of the stages' tables; importing it imports Great Expectations."""

from expectations.gates import Gate
from expectations.identity import IDENTITY_GATES
from expectations.journeys import JOURNEY_GATES
from expectations.profiles import PROFILE_GATES
from expectations.staging import STAGING_GATES

GATES: dict[str, dict[str, Gate]] = {
    "staging": STAGING_GATES,
    "identity": IDENTITY_GATES,
    "profiles": PROFILE_GATES,
    "journeys": JOURNEY_GATES,
}
"""Stage to table to gate. The gates of landing and release depend on a stream or a table: see their functions."""
