"""Which tables of the stages have a gate: known without Great Expectations, whose import takes seconds and 200 MB."""

from typing import Final

GATED_TABLES: Final = {
    "staging": ("person_records", "interactions"),
    "identity": ("profile_assignments", "match_edges"),
    "profiles": ("profiles", "profile_records", "profile_identifiers"),
    "journeys": ("touchpoints", "journeys", "profile_metrics", "journey_attribution", "moments"),
}
"""Stage to its tables. What is expected of each stands in the module of the stage."""
