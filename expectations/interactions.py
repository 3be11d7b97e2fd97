"""Staging, interactions: are they fit for journeys? ``staging`` says how severe what is."""

import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column

from expectations.formats import CURRENCY, is_past
from expectations.gates import Gate
from expectations.known_values import CHANNELS, STAGES

_OF_SHOP = Column("source_system") == "ecommerce"  # a source of one's own may call its records as it likes
RECORD_PARTS = ("source_system", "source_record_type", "source_record_id")

# A company may have declared people alone, so that there is none: that what was delivered becomes touchpoints is for
# dbt's assert_touchpoints_are_what_was_delivered.
INTERACTIONS = Gate(
    stage="staging",
    table="interactions",
    key=("interaction_id",),
    columns=(
        "interaction_id",
        *RECORD_PARTS,
        "person_record_id",
        "occurred_at",
        "channel",
        "stage",
        "amount",
        "currency",
        "satisfaction_score",
        "effort_score",
        "duration_minutes",
    ),
    query=f"""
        select
            *,
            {is_past("occurred_at")} as time_is_plausible,
            channel is not null and stage is not null as has_channel_and_stage
        from {{table}}
        cross join clock
    """,
    expectations=(
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=list(RECORD_PARTS), severity="critical", description="source, type and id name one interaction"
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="occurred_at", mostly=0.99, severity="critical", description="time is known"
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="time_is_plausible",
            value_set=[True],
            mostly=0.999,
            severity="warning",
            description="time is plausible",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="channel", value_set=list(CHANNELS), severity="critical", description="channel is a known one"
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="stage", value_set=list(STAGES), severity="critical", description="stage is a known one"
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="has_channel_and_stage",
            value_set=[True],
            mostly=0.95,
            severity="warning",
            description="channel and stage are found",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="amount",
            min_value=-1_000_000,
            max_value=1_000_000,
            mostly=0.999,
            severity="warning",
            description="amounts are sane",
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="currency",
            row_condition=Column("amount") != 0,
            severity="warning",
            description="amounts have a currency",
        ),
        gxe.ExpectColumnValuesToMatchRegex(
            column="currency",
            regex=CURRENCY,
            mostly=0.999,
            severity="critical",
            description="currencies have three letters",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="amount",
            min_value=0,
            row_condition=_OF_SHOP & (Column("source_record_type") == "order"),
            mostly=0.999,
            severity="critical",
            description="amounts of orders are not negative",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="amount",
            max_value=0,
            row_condition=_OF_SHOP & Column("source_record_type").is_in(["refund", "cancellation"]),
            mostly=0.999,
            severity="critical",
            description="refunds and cancellations subtract",
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="person_record_id", mostly=0.5, severity="warning", description="interactions name a person"
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="satisfaction_score",
            min_value=0,
            max_value=100,
            severity="critical",
            description="satisfaction is from 0 to 100",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="effort_score",
            min_value=0,
            max_value=100,
            severity="critical",
            description="effort is from 0 to 100",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="duration_minutes",
            min_value=0,
            mostly=0.999,
            severity="warning",
            description="durations are not negative",
        ),
    ),
)
