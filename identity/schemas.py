"""The tables that callers pass to this package and get from it, as Arrow schemas."""

import pyarrow as pa

UTC_TIMESTAMP = pa.timestamp("us")

CLUSTERS = pa.schema(
    [
        pa.field("person_record_id", pa.string(), nullable=False),
        pa.field("cluster_id", pa.string(), nullable=False),
        pa.field("link_reason", pa.string(), nullable=False),
        pa.field("match_probability", pa.float64()),
    ]
)

# The decisions of the caller: overrides of single pairs, and identifier values to suppress
OVERRIDES = pa.schema(
    [
        pa.field("decision", pa.string(), nullable=False),
        pa.field("person_record_id_left", pa.string(), nullable=False),
        pa.field("person_record_id_right", pa.string(), nullable=False),
    ]
)

# Decisions about two records (must_link, cannot_link, withdrawn_must_link, withdrawn_cannot_link) that events can name
OVERRIDE_CHANGES = pa.schema(
    [
        pa.field("override_id", pa.string(), nullable=False),
        *OVERRIDES,
        pa.field("decided_by", pa.string()),
        pa.field("why", pa.string()),
    ]
)

# Records that say nothing any more of what they said, the record of their former profile that their key could link them
# with, and whether it does
REPLACED = pa.schema(
    [
        pa.field("person_record_id", pa.string(), nullable=False),
        pa.field("stays_with", pa.string(), nullable=False),
        pa.field("is_kept", pa.bool_(), nullable=False),
    ]
)

BLOCKLIST = pa.schema(
    [
        pa.field("identifier_type", pa.string(), nullable=False),
        pa.field("identifier_value", pa.string(), nullable=False),
    ]
)

OUTPUT_SCHEMAS: dict[str, pa.Schema] = {
    "profile_assignments": pa.schema(
        [
            pa.field("person_record_id", pa.string(), nullable=False),
            pa.field("source_system", pa.string()),
            pa.field("source_record_type", pa.string()),
            pa.field("source_record_id", pa.string()),
            pa.field("profile_id", pa.string(), nullable=False),
            pa.field("profile_id_first", pa.string(), nullable=False),
            pa.field("link_reason", pa.string(), nullable=False),
            pa.field("match_probability", pa.float64()),
            pa.field("linked_at", UTC_TIMESTAMP, nullable=False),
        ]
    ),
    "match_edges": pa.schema(
        [
            pa.field("person_record_id_left", pa.string(), nullable=False),
            pa.field("person_record_id_right", pa.string(), nullable=False),
            pa.field("reason", pa.string(), nullable=False),
            pa.field("match_probability", pa.float64()),
            pa.field("match_weight", pa.float64()),
            pa.field("comparison_levels", pa.string()),
            pa.field("model_version", pa.string(), nullable=False),
            pa.field("is_used", pa.bool_(), nullable=False),
            pa.field("kept_apart_by", pa.string()),
        ]
    ),
    "profile_events": pa.schema(
        [
            pa.field("event_id", pa.string(), nullable=False),
            pa.field("event_type", pa.string(), nullable=False),
            pa.field("profile_id", pa.string(), nullable=False),
            pa.field("other_profile_id", pa.string()),
            pa.field("cause", pa.string(), nullable=False),
            pa.field("override_id", pa.string()),
            pa.field("decided_by", pa.string()),
            pa.field("decision_reason", pa.string()),
            pa.field("run_id", pa.string(), nullable=False),
            pa.field("occurred_at", UTC_TIMESTAMP, nullable=False),
        ]
    ),
    "profile_redirects": pa.schema(
        [
            pa.field("old_profile_id", pa.string(), nullable=False),
            pa.field("profile_id", pa.string()),
            pa.field("reason", pa.string(), nullable=False),
            pa.field("record_share", pa.float64(), nullable=False),
            pa.field("redirected_at", UTC_TIMESTAMP, nullable=False),
        ]
    ),
    "shared_identifiers": pa.schema(
        [
            pa.field("identifier_type", pa.string(), nullable=False),
            pa.field("identifier_value", pa.string(), nullable=False),
            pa.field("record_count", pa.int64(), nullable=False),
            pa.field("name_count", pa.int64(), nullable=False),
            pa.field("reason", pa.string(), nullable=False),
        ]
    ),
}
