"""Journeys, what follows from them: metrics of profiles, credits of orders, moments to act."""

import great_expectations.expectations as gxe
from great_expectations.expectations.row_conditions import Column

from expectations.gates import Gate
from expectations.known_values import ATTRIBUTION_CHANNELS

_METRICS_WITH_PROFILES = """
    select
        metrics.* exclude (profile_id),
        coalesce(metrics.profile_id, profiles.profile_id) as profile_id,
        metrics.profile_id is not null as is_measured,
        profiles.profile_id is not null as is_known
    from {table} as metrics
    full join (select profile_id from profiles.profiles) as profiles on metrics.profile_id = profiles.profile_id
"""

_ATTRIBUTION_BY_ORDER = """
    select
        attribution.*,
        sum(attribution.credit) over of_one_rule as credit_sum,
        sum(attribution.credited_amount) over of_one_rule as credited_sum,
        orders.net_reporting_amount
    from {table} as attribution
    left join (
        select order_id, coalesce(net_reporting_amount, 0) as net_reporting_amount from journeys.orders
    ) as orders
        on attribution.order_id = orders.order_id
    window of_one_rule as (partition by attribution.order_id, attribution.rule)
"""

_MOMENTS_WITH_CONSENT = """
    select
        moments.*,
        coalesce(
            not moments.is_contactable
            or moments.purpose = 'service'
            or case moments.suggested_channel
                when 'email' then profiles.email_consent
                when 'phone' then profiles.call_consent
            end,
            false
        ) as is_allowed
    from {table} as moments
    left join profiles.profiles as profiles on moments.profile_id = profiles.profile_id
"""

PROFILE_METRICS = Gate(
    stage="journeys",
    table="profile_metrics",
    key=("profile_id",),
    columns=(
        "profile_id",
        "recency_days",
        "order_count",
        "return_rate",
        "recency_score",
        "frequency_score",
        "monetary_score",
        "segment",
        "nps_score",
        "ticket_count",
        "reopened_ticket_count",
    ),
    query=_METRICS_WITH_PROFILES,
    expectations=(
        gxe.ExpectColumnValuesToBeInSet(
            column="is_measured", value_set=[True], severity="critical", description="every profile has metrics"
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="is_known", value_set=[True], severity="critical", description="every row of metrics has a profile"
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="recency_score",
            min_value=1,
            max_value=5,
            severity="critical",
            description="recency score is from 1 to 5",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="frequency_score",
            min_value=1,
            max_value=5,
            severity="critical",
            description="frequency score is from 1 to 5",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="monetary_score",
            min_value=1,
            max_value=5,
            severity="critical",
            description="monetary score is from 1 to 5",
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="segment",
            row_condition=Column("is_measured") == "true",
            severity="critical",
            description="segment is filled",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="order_count", min_value=0, severity="critical", description="counts of orders are not negative"
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="recency_days", min_value=0, severity="critical", description="the last order is not in the future"
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="return_rate",
            min_value=0,
            max_value=1,
            severity="critical",
            description="return rate is from 0 to 1",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="nps_score",
            min_value=0,
            max_value=10,
            severity="critical",
            description="promoter score is from 0 to 10",
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="ticket_count",
            column_B="reopened_ticket_count",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            severity="critical",
            description="reopened tickets are tickets",
        ),
    ),
)

ATTRIBUTION = Gate(
    stage="journeys",
    table="journey_attribution",
    key=("order_id", "rule"),
    columns=("order_id", "rule", "channel", "credit", "credited_amount"),
    query=_ATTRIBUTION_BY_ORDER,
    expectations=(
        gxe.ExpectColumnValuesToBeBetween(
            column="credit_sum",
            min_value=1,
            max_value=1,
            severity="critical",
            description="credits of a rule add up to one order",
        ),
        gxe.ExpectColumnPairValuesToBeEqual(
            column_A="credited_sum",
            column_B="net_reporting_amount",
            ignore_row_if="neither",
            severity="critical",
            description="credited amounts are the revenue",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="credit", min_value=0, max_value=1, severity="critical", description="credit is from 0 to 1"
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="channel",
            value_set=list(ATTRIBUTION_CHANNELS),
            severity="critical",
            description="channel is a known one",
        ),
    ),
)

MOMENTS = Gate(
    stage="journeys",
    table="moments",
    key=("moment_id",),
    columns=("moment_id", "profile_id", "suggested_channel", "purpose", "is_contactable", "occurred_at", "expires_at"),
    query=_MOMENTS_WITH_CONSENT,
    expectations=(
        gxe.ExpectColumnValuesToBeInSet(
            column="is_allowed",
            value_set=[True],
            severity="critical",
            description="a profile that is contactable for marketing has consented",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="suggested_channel",
            value_set=["email", "phone"],
            severity="critical",
            description="channel can carry an action",
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="expires_at",
            column_B="occurred_at",
            or_equal=True,
            ignore_row_if="neither",
            severity="critical",
            description="no moment ends before it starts",
        ),
    ),
)
