"""Journeys: is every interaction one touchpoint, in order, and are the figures of a profile within their scales?"""

import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column

from expectations.formats import is_past
from expectations.gates import Gate
from expectations.journey_figures import ATTRIBUTION, MOMENTS, PROFILE_METRICS
from expectations.known_values import CHANNELS, STAGES

# Where both have the same ids, which one pass over each finds out, there is nothing to join
_TOUCHPOINTS_WITH_INTERACTIONS = f"""
    with ids as materialized (
        select
            (select (count(*), sum(hash(touchpoint_id)::hugeint)) from {{table}})
            = (select (count(*), sum(hash(interaction_id)::hugeint)) from staging.interactions) as are_the_same
    )

    select
        touchpoints.* exclude (touchpoint_id),
        coalesce(touchpoints.touchpoint_id, interactions.interaction_id) as touchpoint_id,
        touchpoints.touchpoint_id is not null as is_touchpoint,
        ids.are_the_same or interactions.interaction_id is not null as is_known,
        {is_past("touchpoints.occurred_at")} as time_is_plausible
    from {{table}} as touchpoints
    full join (
        select interaction_id from staging.interactions where not (select are_the_same from ids)
    ) as interactions
        on touchpoints.touchpoint_id = interactions.interaction_id
    cross join ids
    cross join clock
"""

_JOURNEYS_WITH_TOUCHPOINTS = """
    select
        journeys.*,
        journeys.converted_at is not null as has_conversion_time,
        coalesce(members.member_count, 0) as member_count,
        members.profile_count
    from {table} as journeys
    left join (
        select journey_id, count(*) as member_count, count(distinct profile_id) as profile_count
        from journeys.touchpoints
        group by journey_id
    ) as members
        on journeys.journey_id = members.journey_id
"""

TOUCHPOINTS = Gate(
    stage="journeys",
    table="touchpoints",
    key=("touchpoint_id",),
    columns=(
        "touchpoint_id",
        "profile_id",
        "occurred_at",
        "channel",
        "stage",
        "amount",
        "satisfaction_score",
        "effort_score",
        "effort_weight",
        "journey_id",
    ),
    query=_TOUCHPOINTS_WITH_INTERACTIONS,
    expectations=(
        gxe.ExpectColumnValuesToBeInSet(
            column="is_touchpoint",
            value_set=[True],
            severity="critical",
            description="every interaction is a touchpoint",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="is_known", value_set=[True], severity="critical", description="every touchpoint is an interaction"
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="profile_id",
            row_condition=Column("journey_id").is_not_null(),
            severity="critical",
            description="a touchpoint in a journey has a profile",
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="journey_id",
            row_condition=Column("profile_id").is_not_null() & (Column("effort_weight") > 0),
            severity="critical",
            description="what a known customer did is in a journey",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="channel", value_set=list(CHANNELS), severity="critical", description="channel is a known one"
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="stage", value_set=list(STAGES), severity="critical", description="stage is a known one"
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="time_is_plausible",
            value_set=[True],
            mostly=0.999,
            severity="warning",
            description="time is plausible",
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
        gxe.ExpectColumnValuesToNotBeNull(
            column="profile_id",
            row_condition=Column("is_touchpoint") == "true",
            mostly=0.5,
            severity="warning",
            description="touchpoints have a profile",
        ),
    ),
)

JOURNEYS = Gate(
    stage="journeys",
    table="journeys",
    key=("journey_id",),
    columns=(
        "journey_id",
        "profile_id",
        "started_at",
        "ended_at",
        "touchpoint_count",
        "channel_count",
        "is_converted",
        "converted_at",
        "minutes_to_conversion",
        "lowest_satisfaction_score",
    ),
    query=_JOURNEYS_WITH_TOUCHPOINTS,
    expectations=(
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="ended_at",
            column_B="started_at",
            or_equal=True,
            ignore_row_if="neither",
            severity="critical",
            description="no journey ends before it starts",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="touchpoint_count", min_value=1, severity="critical", description="every journey has a touchpoint"
        ),
        gxe.ExpectColumnPairValuesToBeEqual(
            column_A="touchpoint_count",
            column_B="member_count",
            ignore_row_if="neither",
            severity="critical",
            description="touchpoint counts are those of the touchpoints",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="profile_count",
            min_value=1,
            max_value=1,
            severity="critical",
            description="a journey belongs to one profile",
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="touchpoint_count",
            column_B="channel_count",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="critical",
            description="channel counts are within touchpoint counts",
        ),
        gxe.ExpectColumnPairValuesToBeEqual(
            column_A="is_converted",
            column_B="has_conversion_time",
            ignore_row_if="neither",
            severity="critical",
            description="a journey is converted if it has a conversion time",
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="converted_at",
            column_B="started_at",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="critical",
            description="no conversion precedes its journey",
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="ended_at",
            column_B="converted_at",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="critical",
            description="no conversion follows its journey",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="minutes_to_conversion",
            min_value=0,
            severity="critical",
            description="conversion does not precede the start",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="lowest_satisfaction_score",
            min_value=0,
            max_value=100,
            severity="critical",
            description="satisfaction is from 0 to 100",
        ),
        # A longer one is more often a machine or a shared account than a customer.
        gxe.ExpectColumnValuesToBeBetween(
            column="touchpoint_count", max_value=2000, severity="warning", description="longest journey is credible"
        ),
    ),
)

JOURNEY_GATES = {gate.table: gate for gate in (TOUCHPOINTS, JOURNEYS, PROFILE_METRICS, ATTRIBUTION, MOMENTS)}
