"""Whatever is wrong with a table, a gate reports keys and counts, never a personal value."""

import pytest

from expectations import GATES

EVERY_GATE = [gate for tables in GATES.values() for gate in tables.values()]

OTHER_TABLES = {
    "staging.person_records": "person_record_id varchar",
    "identity.profile_assignments": "person_record_id varchar, profile_id varchar",
    "staging.interactions": "interaction_id varchar",
    "journeys.touchpoints": "journey_id varchar, profile_id varchar",
    "profiles.profiles": "profile_id varchar, email_consent boolean, call_consent boolean",
    "journeys.orders": "order_id varchar, net_reporting_amount decimal(18, 2)",
}
TYPES = {
    "varchar[]": "emails phones loyalty_numbers shop_customer_ids card_fingerprints other_identifiers",
    "boolean": "is_primary is_shared is_used is_converted is_contactable",
    "date": "date_of_birth",
    "timestamp": "occurred_at expires_at first_seen_at last_seen_at started_at ended_at converted_at",
    "bigint": "record_count source_count touchpoint_count channel_count order_count ticket_count "
    "reopened_ticket_count recency_days effort_weight",
    "double": "match_probability identity_confidence amount duration_minutes satisfaction_score effort_score "
    "lowest_satisfaction_score minutes_to_conversion return_rate recency_score frequency_score monetary_score "
    "nps_score credit credited_amount",
}
TYPE_OF = {column: kind for kind, columns in TYPES.items() for column in columns.split()}
WORST = {"boolean": True, "date": "3000-01-01", "timestamp": "1950-01-01", "bigint": -7, "double": -7_777_777}


def worst_value(column, kind, key):
    """A value that breaks the rules about its column and can be recognised wherever it turns up."""
    if column in key or column in ("profile_id", "person_record_id"):
        return f"key-{column}"
    if kind == "varchar[]":
        return [f"PERSONAL {column}"]
    return WORST.get(kind, f"PERSONAL {column}")


@pytest.mark.parametrize("gate", EVERY_GATE, ids=lambda gate: f"{gate.stage}_{gate.table}")
def test_no_personal_value_appears_in_any_outcome_of_the_worst_rows(store, check, gate):
    types = {column: TYPE_OF.get(column, "varchar") for column in gate.columns}
    row = {column: worst_value(column, kind, gate.key) for column, kind in types.items()}
    for relation, columns in OTHER_TABLES.items():
        store(relation, columns)
    store(f"{gate.stage}.{gate.table}", ", ".join(f"{column} {kind}" for column, kind in types.items()), row, row)

    result = check(gate)

    assert not any(each.broken_by for each in result.outcomes)
    assert len(result.failed("critical")) >= 2
    texts = [
        repr(result),
        str(result.validation),
        result.to_markdown(),
        *(each.failure() for each in result.failed("critical")),
    ]
    assert not any("PERSONAL" in text or "7777777" in text for text in texts)
