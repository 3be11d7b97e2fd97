"""Journeys: is every interaction one touchpoint, in order, and are the figures of a profile within their scales?"""

from expectations.formats import is_one_of, is_past
from expectations.gates import Gate, Measure, RowRule
from expectations.known_values import ATTRIBUTION_CHANNELS, CHANNELS, STAGES

_TOUCHPOINTS_WITH_INTERACTIONS = """
    select
        batch.* exclude (touchpoint_id),
        coalesce(batch.touchpoint_id, interactions.interaction_id) as touchpoint_id,
        batch.touchpoint_id is not null as is_touchpoint,
        interactions.interaction_id is not null as is_known
    from batch
    full join (select interaction_id from interactions) as interactions
        on batch.touchpoint_id = interactions.interaction_id
"""

_JOURNEYS_WITH_TOUCHPOINTS = """
    select batch.*, members.member_count, members.profile_count
    from batch
    left join (
        select journey_id, count(*) as member_count, count(distinct profile_id) as profile_count
        from touchpoints
        group by journey_id
    ) as members
        on batch.journey_id = members.journey_id
"""

_METRICS_WITH_PROFILES = """
    select
        batch.* exclude (profile_id),
        coalesce(batch.profile_id, profiles.profile_id) as profile_id,
        batch.profile_id is not null as is_measured,
        profiles.profile_id is not null as is_known
    from batch
    full join (select profile_id from profiles) as profiles on batch.profile_id = profiles.profile_id
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
    companions={"interactions": "staging.interactions"},
    subject=_TOUCHPOINTS_WITH_INTERACTIONS,
    checks=(
        RowRule("every interaction is a touchpoint", "critical", "is_touchpoint"),
        RowRule("every touchpoint is an interaction", "critical", "is_known"),
        RowRule("a touchpoint in a journey has a profile", "critical", "profile_id is not null or journey_id is null"),
        RowRule(
            "what a known customer did is in a journey",
            "critical",
            "case when profile_id is not null and effort_weight > 0 then journey_id is not null end",
        ),
        RowRule("channel is a known one", "critical", is_one_of("channel", CHANNELS)),
        RowRule("stage is a known one", "critical", is_one_of("stage", STAGES)),
        RowRule("time is plausible", "warning", is_past("occurred_at"), mostly=0.999),
        RowRule("satisfaction is from 0 to 100", "critical", "satisfaction_score between 0 and 100"),
        RowRule("effort is from 0 to 100", "critical", "effort_score between 0 and 100"),
        RowRule(
            "touchpoints have a profile",
            "warning",
            "case when is_touchpoint then profile_id is not null end",
            mostly=0.5,
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
    companions={"touchpoints": "journeys.touchpoints"},
    subject=_JOURNEYS_WITH_TOUCHPOINTS,
    checks=(
        RowRule("no journey ends before it starts", "critical", "coalesce(ended_at >= started_at, false)"),
        RowRule("every journey has a touchpoint", "critical", "coalesce(touchpoint_count >= 1, false)"),
        RowRule(
            "touchpoint counts are those of the touchpoints",
            "critical",
            "touchpoint_count = coalesce(member_count, 0)",
        ),
        RowRule("a journey belongs to one profile", "critical", "profile_count = 1"),
        RowRule("channel counts are within touchpoint counts", "critical", "channel_count <= touchpoint_count"),
        RowRule(
            "a journey is converted if it has a conversion time",
            "critical",
            "coalesce(is_converted = (converted_at is not null), false)",
        ),
        RowRule("conversion lies within the journey", "critical", "converted_at between started_at and ended_at"),
        RowRule("conversion does not precede the start", "critical", "minutes_to_conversion >= 0"),
        RowRule("satisfaction is from 0 to 100", "critical", "lowest_satisfaction_score between 0 and 100"),
        # A longer one is more often a machine or a shared account than a customer.
        Measure(
            "longest journey is credible",
            "warning",
            value="max(touchpoint_count)",
            maximum=2000,
            failing="touchpoint_count > 2000",
        ),
    ),
)

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
    companions={"profiles": "profiles.profiles"},
    subject=_METRICS_WITH_PROFILES,
    checks=(
        RowRule("every profile has metrics", "critical", "is_measured"),
        RowRule("every row of metrics has a profile", "critical", "is_known"),
        RowRule("recency score is from 1 to 5", "critical", "recency_score between 1 and 5"),
        RowRule("frequency score is from 1 to 5", "critical", "frequency_score between 1 and 5"),
        RowRule("monetary score is from 1 to 5", "critical", "monetary_score between 1 and 5"),
        RowRule("segment is filled", "critical", "case when is_measured then segment is not null end"),
        RowRule("counts are not negative", "critical", "order_count >= 0 and recency_days >= 0"),
        RowRule("return rate is from 0 to 1", "critical", "return_rate between 0 and 1"),
        RowRule("promoter score is from 0 to 10", "critical", "nps_score between 0 and 10"),
        RowRule("reopened tickets are tickets", "critical", "reopened_ticket_count <= ticket_count"),
    ),
)

_ATTRIBUTION_BY_ORDER = """
    select
        batch.*,
        sum(credit) over (partition by batch.order_id, rule) as credit_sum,
        sum(credited_amount) over (partition by batch.order_id, rule) as credited_sum,
        orders.net_reporting_amount
    from batch
    left join (select order_id, coalesce(net_reporting_amount, 0) as net_reporting_amount from orders) as orders
        on batch.order_id = orders.order_id
"""

ATTRIBUTION = Gate(
    stage="journeys",
    table="journey_attribution",
    key=("order_id", "rule"),
    columns=("order_id", "rule", "channel", "credit", "credited_amount"),
    companions={"orders": "journeys.orders"},
    subject=_ATTRIBUTION_BY_ORDER,
    checks=(
        RowRule("credits of a rule add up to one order", "critical", "credit_sum = 1"),
        RowRule("credited amounts are the revenue", "critical", "coalesce(credited_sum = net_reporting_amount, false)"),
        RowRule("credit is from 0 to 1", "critical", "credit between 0 and 1"),
        RowRule("channel is a known one", "critical", is_one_of("channel", ATTRIBUTION_CHANNELS)),
    ),
)

_MOMENTS_WITH_CONSENT = """
    select
        batch.*,
        batch.purpose = 'service'
        or case batch.suggested_channel when 'email' then email_consent when 'phone' then call_consent end
        as is_allowed
    from batch
    left join (select profile_id, email_consent, call_consent from profiles) as profiles
        on batch.profile_id = profiles.profile_id
"""

MOMENTS = Gate(
    stage="journeys",
    table="moments",
    key=("moment_id",),
    columns=("moment_id", "profile_id", "suggested_channel", "purpose", "is_contactable", "occurred_at", "expires_at"),
    companions={"profiles": "profiles.profiles"},
    subject=_MOMENTS_WITH_CONSENT,
    checks=(
        RowRule(
            "a profile that is contactable for marketing has consented",
            "critical",
            "coalesce(is_allowed or not is_contactable, false)",
        ),
        RowRule("channel can carry an action", "critical", is_one_of("suggested_channel", ("email", "phone"))),
        RowRule("no moment ends before it starts", "critical", "coalesce(expires_at >= occurred_at, false)"),
    ),
)

JOURNEY_GATES = {gate.table: gate for gate in (TOUCHPOINTS, JOURNEYS, PROFILE_METRICS, ATTRIBUTION, MOMENTS)}
