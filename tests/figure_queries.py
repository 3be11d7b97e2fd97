"""How each figure of the customer report is counted from the published tables: name, then a query of what and value."""

from pathlib import Path
from typing import Any

import yaml

_PROJECT = Path(__file__).resolve().parents[1] / "dbt_project" / "dbt_project.yml"
_VARS = yaml.safe_load(_PROJECT.read_text(encoding="utf-8"))["vars"]

# Limits and windows that the page names, by name and what they are of
SETTINGS: dict[tuple[str, ...], Any] = {
    ("setting.small_sample",): _VARS["scorecard_small_sample"],
    ("setting.window_days",): _VARS["scorecard_days_before"] + 1,
    ("setting.attribution_window_days",): _VARS["attribution_window_days"],
    ("setting.old_after_days",): 2,
    ("setting.silent_after_days",): 7,
    ("setting.year_days",): 365,
    ("setting.score_days",): 365,
    ("setting.campaigns_shown",): 12,
    ("setting.bad_satisfaction",): 25,
    ("setting.bad_effort",): 75,
    ("setting.uncertain",): 0.9,
    **{("setting.scale_low", kind): low for kind, low in (("nps", -100), ("csat", 1), ("ces", 1))},
    **{("setting.scale_high", kind): high for kind, high in (("nps", 100), ("csat", 5), ("ces", 7))},
    **{("setting.cohort_months", str(months)): months for months in (1, 2, 3, 6, 12)},
}

_BANNER = """
    exists (from as_of where as_of_at::date + 2 < $written_on::date)
    or exists (from source_receipts where received_at::date + 7 < $written_on::date)
"""
_NAMED = "from profiles where coalesce(full_name, email, phone) is not null"
_JOINED = f"select count(*) {_NAMED} and source_count >= 2"
_REACHABLE = f"select count(*) {_NAMED} and is_contactable"
_YEAR = "from orders, as_of where as_of_at - ordered_at"
_IN_STORES_ALONE = "coalesce(array_to_string(channels, ',') = 'store', false)"
_CLOSED = f"from journeys where is_open = false and not {_IN_STORES_ALONE}"
_WITH_CART = """
    with carts as (
        select journeys.journey_id, any_value(abandoned_step) as left_at from journeys
        left join touchpoints on touchpoints.journey_id = journeys.journey_id
            and touchpoint_type in ('cart_view', 'product_added', 'checkout_started')
        where is_open = false group by journeys.journey_id having left_at is not null or count(touchpoint_id) > 0
    )
"""
_MONTHS = """
    with spans as (
        select date_trunc('month', min(ordered_on)) as first_month, date_trunc('month', max(ordered_on)) as last_month
        from orders
    ),
    calendar as (
        select unnest(range(first_month, last_month + interval 1 day, interval 1 month)) as month from spans
    ),
    numbered as (select month, rank() over (order by month desc) as age from calendar)
"""
_IN_MONTH = "orders.ordered_on >= month and orders.ordered_on < month + interval 1 month"
_EARLIER = f"{_MONTHS} select {{}} from orders, numbered where age = 14 and ordered_on < month + interval 1 month"

_ANSWERS = """
    from touchpoints, as_of
    where is_last_answer and survey_score is not null
        and survey_type in ('nps', 'csat', 'ces') and as_of_at - occurred_at {}
    group by survey_type
"""
_NEWEST_YEAR, _YEAR_BEFORE = (
    "< interval 365 day",
    "between interval 365 day and interval 729 day + interval 86399 second",
)
_WORTH = "if(survey_type = 'nps', (survey_score >= 9)::int * 100.0 - (survey_score <= 6)::int * 100.0, survey_score)"
_KINDS = "(select unnest(['nps', 'csat', 'ces']) as survey_type) as kinds left join ({}) using (survey_type)"

_METRICS = """
    with newest as (
        select *, max(scored_on) filter (is_ripe) over kinds as ripe_on, max(scored_on) over kinds as any_on
        from cx_scorecard window kinds as (partition by function, metric)
    ),
    cards as (
        select newest.*, former.value as former_value, former.is_small_sample as is_former_small
        from newest
        left join cx_scorecard as former
            on (former.function, former.metric, former.scored_on)
            = (newest.function, newest.metric, newest.scored_on - 28)
        where newest.scored_on = coalesce(ripe_on, any_on)
    )
"""
_HAS_INTERVAL = "where lowest_value + highest_value is not null"
_CHANGED = f"""{_METRICS},
    compared as (
        select is_significant_change, (value < former_value) = (metric in (
            'cancellation_rate', 'defect_rate_of_tickets', 'delivery_minutes', 'delivery_rate_of_tickets',
            'first_reply_minutes', 'reopen_rate', 'resolution_minutes', 'return_rate', 'unsubscribe_rate'
        )) as is_better
        from cards
        where former_value is not null and not is_small_sample and not is_former_small
    )
    select 'better', count(*) as n from compared where is_significant_change and is_better having n > 0
    union all
    select 'worse', count(*) as n from compared where is_significant_change and not is_better having n > 0
    union all
    select 'unclear', count(*) as n from compared
    having n > 0 and count(*) filter (is_significant_change) = 0
"""

# From the paths of the journeys alone, without the published transitions
_VISITS = """
    with walks as (
        select
            list_concat(['journey_begins'], path, [case
                when is_open then 'still_going_on' when is_converted then 'ended_after_buying'
                else 'ended_without_buying' end]) as way
        from journeys
    ),
    steps as (
        select way[n] as source, way[n + 1] as target
        from walks, unnest(range(1, len(way))) as places (n)
    )
"""
_LOST = """
    with ended as (from journeys where not is_open),
    lost as (
        select path[-1] as stage, last_touch_channel as channel, count(*) as lost_count
        from ended where not is_converted group by all
    ),
    ranked as (
        select *, (
            select count(distinct ended.journey_id) from ended, touchpoints
            where touchpoints.journey_id = ended.journey_id
                and touchpoints.stage = lost.stage and touchpoints.channel = lost.channel
        ) as reached_count
        from lost order by lost_count desc, stage, channel limit 8
    )
"""
_CHANNELS = """
    with channels as (
        select distinct channel from touchpoints union select distinct channel from journey_attribution
    ),
    rules as (select unnest(['first', 'last', 'linear', 'position']) as rule),
    sums as (
        select rule, channel, coalesce((
            select sum(credited_amount) from journey_attribution as credits
            where credits.rule = rules.rule and credits.channel = channels.channel
        ), 0) as amount
        from rules, channels
    )
"""
_CAMPAIGNS = """
    with rules as (select unnest(['first', 'last', 'linear', 'position']) as rule),
    sums as (
        select rule, campaign, sum(credited_amount) as amount, count(distinct order_id) as n
        from journey_attribution group by all
    ),
    ranked as (
        select *, row_number() over (partition by rule order by amount desc, campaign) as place
        from sums where campaign is not null
    )
"""
_SENT = """
    with messages as (
        from touchpoints
        where
            source_record_type = 'campaign_member' and campaign is not null
            -- what bounced did not arrive, and a campaign of an unknown kind may be no message at all
            and touchpoint_type not in ('campaign_bounced', 'campaign_other')
    ),
    sent as (
        select
            campaign, max(occurred_at)::date as last_on, count(*) as n,
            sum((touchpoint_type = 'campaign_sent')::int) as silent,
            sum((touchpoint_type in ('campaign_opened', 'campaign_clicked', 'campaign_responded'))::int) as opened,
            sum((touchpoint_type in ('campaign_clicked', 'campaign_responded'))::int) as clicked,
            sum((touchpoint_type = 'campaign_unsubscribed')::int) as unsubscribed,
            sum((touchpoint_type = 'campaign_sent' and channel in ('email', 'mobile_app', 'chat'))::int) as unopened
        from messages group by campaign order by last_on desc, n desc, campaign limit 12
    )
"""
_HEAT = """
    select kind, channel, stage, {}
    from (unpivot (
        select channel, stage, satisfaction_score::double as satisfaction, sentiment_score::double as mood,
            effort_score::double as effort_reported, effort_weight::double as effort_weight from touchpoints
    ) on satisfaction, mood, effort_reported, effort_weight into name kind value score)
    group by kind, channel, stage
"""
_PAIN = """
    with feedback as (
        select
            touchpoint_type, count(*) as n, avg(effort_weight) as weight,
            count(coalesce(satisfaction_score, effort_score, sentiment_score)) as answers,
            count(*) filter (satisfaction_score <= 25 or effort_score >= 75 or sentiment_score <= -0.05) as negatives
        from touchpoints group by touchpoint_type
    ),
    worst as (
        select *, (negatives + 1.9208 - 1.96 * sqrt(
            negatives::double * (answers - negatives) / answers + 0.9604
        )) / (answers + 3.8416) as lowest
        from feedback where answers > 0 order by round(lowest, 12) desc, touchpoint_type limit 10
    )
"""
_EFFORT = """
    with spent as (
        select touchpoint_type, sum(effort_weight) as effort, count(*) as n from touchpoints
        group by 1 order by effort desc, 1 limit 8
    )
"""
_MOMENTS = """
    with kinds as (
        select
            moment_type, suggested_action, suggested_channel, sum(is_current::int) as open,
            sum((is_current and is_contactable)::int) as contactable, min(if(is_current, expires_at, null)) as first_at,
            sum((not is_current)::int) as past,
            array_to_string((array_agg(profile_id order by expires_at, profile_id)
                filter (is_current and is_contactable))[:10], ' ') as ids
        from moments group by moment_type, suggested_action, suggested_channel, is_surprise
    )
    select moment_type, suggested_action, suggested_channel, {} from kinds {}
"""
_REACH = f"""
    with customers as (select profile_id {_NAMED}),
    own as (
        select profile_id, identifier_type as kind from profile_identifiers
        where is_primary and not is_shared and identifier_type in ('email', 'phone')
        union select profile_id, 'address' from profile_attributes where attribute = 'address_line' and is_golden
    ),
    needs (channel, kind) as (
        values ('email', 'email'), ('sms', 'phone'), ('call', 'phone'), ('post', 'address'), ('ads', 'email'),
            ('ads', 'phone'), ('push', 'none')
    ),
    addresses as (
        select distinct channel, profile_id
        from needs inner join own using (kind) inner join customers using (profile_id)
    ),
    answers as (from profile_consents where profile_id in (from customers)),
    served as (
        select channel, profile_id from addresses
        except select channel, profile_id from answers where purpose = 'service' and state = 'refused'
    ),
    ways as (select distinct channel, unnest(['marketing', 'service']) as purpose from needs),
    counts as (
        select channel, purpose,
            (select count(*) from addresses where addresses.channel = ways.channel) as address,
            (select count(*) from answers as a where a.channel = ways.channel and a.purpose = ways.purpose
                and a.state = 'granted') as granted,
            (select count(*) from answers as a where a.channel = ways.channel and a.purpose = ways.purpose
                and a.state = 'refused') as refused,
            if(purpose = 'service',
                (select count(*) from served where served.channel = ways.channel),
                (select count(*) from answers as a where a.channel = ways.channel and a.purpose = 'marketing'
                    and a.is_contactable)) as contactable
        from ways where not (channel = 'ads' and purpose = 'service')
    )
"""
_COHORTS = f"""
    with bought as (
        select profile_id, list_sort(list(ordered_at)) as times, arg_min(ordered_on, ordered_at) as first_on from orders
        where is_order and not is_renewal and profile_id in (select profile_id {_NAMED}) group by profile_id
    ),
    cohorts as (
        select date_trunc('month', first_on) as month, count(*) as n from bought group by month
        having month + interval 2 month <= (select as_of_on from as_of)
        order by month desc limit 13
    )
"""
_SOURCES_OF = "(select distinct profile_id, source_system from profile_records)"
_UNCERTAIN = "from profiles where identity_confidence < 0.9 order by identity_confidence, profile_id limit 10"
_SEGMENTS = "select coalesce(segment, ''), {} from profile_metrics group by 1"
_CONFIDENCE = """
    case when identity_confidence >= 1 then 'certain' when identity_confidence >= 0.99 then '0.99 and more'
        when identity_confidence >= 0.95 then '0.95 to 0.99' when identity_confidence >= 0.9 then '0.90 to 0.95'
        else 'below 0.90' end
"""
_SIZES = """
    case when record_count = 1 then '1 record' when record_count < 6 then record_count::varchar
        when record_count < 11 then '6 to 10' when record_count < 21 then '11 to 20' else 'over 20' end
"""
_BY_CONFIDENCE = f"""
    select label, count(profile_id) as n
    from (select unnest(['certain', '0.99 and more', '0.95 to 0.99', '0.90 to 0.95', 'below 0.90']) as label)
    left join (select profile_id, {_CONFIDENCE} as label from profiles where record_count > 1) using (label)
    group by label
"""
_EVENT_TYPES = "(select unnest(['created', 'merged', 'split', 'retired', 'erased', 'kept']) as event_type)"

QUERIES: dict[str, str] = {
    "as_of": "select as_of_at::date from as_of",
    "written": "select $written_on::date",
    "release": "select $release_id",
    "age.days": """
        select datediff('day', as_of_at::date, $written_on::date) from as_of
        where as_of_at::date + 2 < $written_on::date
    """,
    "source.received": f"""
        select source_system, received_at::date from source_receipts
        where ({_BANNER}) and received_at in (
            (select max(received_at) from source_receipts), (select min(received_at) from source_receipts)
        )
    """,
    "source.loaded": f"""
        select arg_max(source_system, received_at), arg_max(loaded_at, received_at)::date from source_receipts
        where {_BANNER} having count(*) > 0
    """,
    "source.silent_days": f"""
        select arg_min(source_system, received_at), datediff('day', min(received_at)::date, $written_on::date)
        from source_receipts where {_BANNER} having count(*) > 1
    """,
    "customers.named": f"select count(*) {_NAMED}",
    "customers.profiles": "select count(*) from profiles",
    "customers.anonymous": "select count(*) from profiles where coalesce(full_name, email, phone) is null",
    "customers.records": "select coalesce(sum(record_count), 0) from profiles",
    "customers.joined": _JOINED,
    "customers.joined_share": f"select coalesce(({_JOINED}) / nullif(count(*), 0), 0)::double {_NAMED}",
    "customers.contactable": _REACHABLE,
    "customers.contactable_share": f"select coalesce(({_REACHABLE}) / nullif(count(*), 0), 0)::double {_NAMED}",
    "reconciliation.amount": """
        select line, amount from revenue_reconciliation where is_total or belongs_to is not null or row_count > 0
    """,
    "reconciliation.rows": """
        select line, row_count from revenue_reconciliation where is_total or belongs_to is not null or row_count > 0
    """,
    "revenue.year": f"select coalesce(sum(net_reporting_amount), 0) {_YEAR} < interval 365 day",
    "revenue.former_year": f"""
        select coalesce(sum(net_reporting_amount), 0)
        {_YEAR} >= interval 365 day and as_of_at - ordered_at < interval 730 day
    """,
    "revenue.buyers": "select count(*) from profile_metrics where order_count >= 1",
    "month.revenue": f"""
        {_MONTHS} select month::date, coalesce(sum(net_reporting_amount), 0)
        from numbered left join orders on {_IN_MONTH}
        where age <= 13 group by month
    """,
    "month.orders": f"""
        {_MONTHS} select month::date, coalesce(sum(is_order::int), 0) from numbered left join orders on {_IN_MONTH}
        where age <= 13 group by month
    """,
    "months.earlier_revenue": _EARLIER.format("coalesce(sum(net_reporting_amount), 0)") + " having count(*) > 0",
    "months.earlier_orders": _EARLIER.format("sum(is_order::int)") + " having count(*) > 0",
    "months.orders": "select coalesce(sum(is_order::int), 0) from orders",
    "months.of_none": """
        select (select amount from revenue_reconciliation where line = 'revenue') - sum(net_reporting_amount) as missing
        from orders having missing <> 0
    """,
    "score.value": f"""
        select survey_type, value from {
        _KINDS.format(f"select survey_type, avg({_WORTH})::double as value " + _ANSWERS.format(_NEWEST_YEAR))
    }
    """,
    "score.answers": f"""
        select survey_type, coalesce(n, 0) from {
        _KINDS.format("select survey_type, count(*) as n " + _ANSWERS.format(_NEWEST_YEAR))
    }
    """,
    "score.spread": f"""
        select survey_type, avg({_WORTH})::double, coalesce(stddev_samp({_WORTH}), 0)::double, count(*)
    """
    + _ANSWERS.format(_NEWEST_YEAR),
    "score.former": f"select survey_type, avg({_WORTH})::double " + _ANSWERS.format(_YEAR_BEFORE),
    "score.former_answers": "select survey_type, count(*) " + _ANSWERS.format(_YEAR_BEFORE),
    "journeys.all": "select count(*) from journeys",
    "journeys.open": "select coalesce(sum(is_open::int), 0) from journeys",
    "journeys.closed": f"select count(*) {_CLOSED}",
    "journeys.store_only": f"select count(*) from journeys where is_open = false and {_IN_STORES_ALONE}",
    "carts.all": f"{_WITH_CART} select count(*) from carts",
    "carts.left": f"{_WITH_CART} select count(left_at) from carts",
    "carts.left_share": f"{_WITH_CART} select coalesce(count(left_at) / nullif(count(*), 0), 0)::double from carts",
    "journeys.converted": f"select count(*) {_CLOSED} and is_converted",
    "journeys.converted_share": f"select coalesce(avg(is_converted::int), 0)::double {_CLOSED}",
    "metric.value": f"{_METRICS} select function, metric, value from cards",
    "metric.former": f"{_METRICS} select function, metric, former_value from cards",
    "metric.sample": f"{_METRICS} select function, metric, sample_size from cards",
    "metric.low": f"{_METRICS} select function, metric, lowest_value from cards {_HAS_INTERVAL}",
    "metric.high": f"{_METRICS} select function, metric, highest_value from cards {_HAS_INTERVAL}",
    "metric.scored_on": f"""
        {_METRICS} select function, metric, scored_on from cards, as_of where scored_on < as_of_at::date
    """,
    "metrics.changed": _CHANGED,
    "flow.count": f"""
        {_VISITS} select sources.source, targets.target, count(steps.source)
        from (select distinct source from steps) as sources cross join (select distinct target from steps) as targets
        left join steps on steps.source = sources.source and steps.target = targets.target group by all
    """,
    "flow.from": f"{_VISITS} select source, count(*) from steps group by source",
    "flow.to": f"{_VISITS} select target, count(*) from steps group by target",
    "flow.all": "select coalesce(sum(len(path) + 1), 0) from journeys",
    "loss.lost": f"{_LOST} select stage, channel, lost_count from ranked",
    "loss.reached": f"{_LOST} select stage, channel, reached_count from ranked",
    "loss.share": f"{_LOST} select stage, channel, lost_count / reached_count from ranked",
    "channel.touchpoints": f"""
        {_CHANNELS} select channel, count(touchpoint_id)
        from channels left join touchpoints using (channel) group by channel
    """,
    "channel.touchpoint_share": f"""
        {_CHANNELS}
        select channel, coalesce(count(touchpoint_id) / nullif((select count(*) from touchpoints), 0), 0)::double
        from channels left join touchpoints using (channel) group by channel
    """,
    "channels.touchpoints": "select count(*) from touchpoints",
    "channel.credited": f"{_CHANNELS} select rule, channel, amount from sums",
    "channel.credited_share": f"""
        {_CHANNELS} select rule, channel, coalesce(amount::double / nullif((
            select amount from revenue_reconciliation where line = 'attributed')::double, 0), 0) from sums
    """,
    "campaign.orders": f"{_CAMPAIGNS} select rule, campaign, n from ranked where place <= 12",
    "campaign.credited": f"{_CAMPAIGNS} select rule, campaign, amount from ranked where place <= 12",
    "campaigns.others": f"{_CAMPAIGNS} select rule, count(*) from ranked where place > 12 group by rule",
    "campaigns.others_credited": f"{_CAMPAIGNS} select rule, sum(amount) from ranked where place > 12 group by rule",
    "campaigns.none_credited": f"""
        {_CAMPAIGNS} select rule, coalesce(sum(amount), 0) from rules
        left join (from sums where campaign is null) using (rule) group by rule
    """,
    "campaign.last_on": f"{_SENT} select campaign, last_on from sent",
    "campaign.sent": f"{_SENT} select campaign, n from sent",
    "campaign.opened": f"{_SENT} select campaign, opened from sent",
    "campaign.clicked": f"{_SENT} select campaign, clicked from sent",
    "campaign.unsubscribed": f"{_SENT} select campaign, unsubscribed from sent",
    "campaign.opened_share": f"{_SENT} select campaign, if(unopened > 0, opened / n, null)::double from sent",
    "campaign.clicked_share": f"{_SENT} select campaign, if(silent > 0, clicked / n, null)::double from sent",
    "heat.value": _HEAT.format("sum(score) / count(*)"),
    "heat.sample": _HEAT.format("count(*)"),
    "pain.share": f"{_PAIN} select touchpoint_type, negatives / answers from worst",
    "pain.feedback": f"{_PAIN} select touchpoint_type, answers from worst",
    "pain.negative": f"""
        {_PAIN} select touchpoint_type, negatives from worst where negatives > 0 and answers >= 30
        order by lowest desc, touchpoint_type limit 1
    """,
    "pain.touchpoints": f"{_PAIN} select touchpoint_type, n from worst",
    "pain.effort_weight": f"{_PAIN} select touchpoint_type, weight from worst",
    "effort.total": f"{_EFFORT} select touchpoint_type, effort from spent",
    "effort.touchpoints": f"{_EFFORT} select touchpoint_type, n from spent",
    "moment.open": _MOMENTS.format("open", ""),
    "moment.contactable": _MOMENTS.format("contactable", "where open > 0"),
    "moment.contactable_share": _MOMENTS.format("(contactable / open)::double", "where open > 0"),
    "moment.first_expires": _MOMENTS.format("first_at", ""),
    "moment.past": _MOMENTS.format("past", ""),
    "moment.profiles": _MOMENTS.format("ids", "where contactable > 0"),
    "moments.open": "select count(*) as n from moments where is_current having n > 0",
    "moments.contactable": """
        select count(*) filter (is_contactable) from moments where is_current having count(*) > 0
    """,
    "contacts.rows": f"""
        select count(*) from moments where is_current and is_contactable and profile_id in (select profile_id {_NAMED})
    """,
    "reach.address": f"{_REACH} select channel, address from counts where purpose = 'marketing'",
    "reach.contactable": f"{_REACH} select channel, purpose, contactable from counts",
    "reach.share": f"""
        {_REACH} select channel, purpose,
            coalesce(contactable / nullif((select count(*) from customers), 0), 0)::double from counts
    """,
    "reach.granted": f"{_REACH} select channel, purpose, granted from counts where purpose = 'marketing'",
    "reach.refused": f"{_REACH} select channel, purpose, refused from counts",
    "segment.profiles": _SEGMENTS.format("count(*)"),
    "segment.profile_share": _SEGMENTS.format("count(*) / (select count(*) from profile_metrics)"),
    "segment.revenue": _SEGMENTS.format("sum(revenue_amount)"),
    "segment.revenue_share": _SEGMENTS.format("""coalesce(sum(revenue_amount)::double / nullif((
        select amount from revenue_reconciliation where line = 'revenue_of_profiles')::double, 0), 0)"""),
    "segment.churn_risk": _SEGMENTS.format("avg(churn_risk_score)"),
    "segments.leaving": """
        select count(*) as n from profile_metrics where segment in ('at_risk', 'cannot_lose') having n > 0
    """,
    "segments.leaving_revenue": """
        select sum(revenue_amount) from profile_metrics where segment in ('at_risk', 'cannot_lose') having count(*) > 0
    """,
    "persona.profiles": "select persona, count(*) from profile_personas group by persona",
    "audience.inside": """
        select audience, count(*) filter (coalesce(left_at::varchar, successor_profile_id) is null)
        from audiences group by audience
    """,
    "audience.entered": "select audience, count(if(change = 'entered', 1, null)) from audiences group by audience",
    "audience.left": "select audience, count(if(change = 'left', 1, null)) from audiences group by audience",
    "cohort.customers": f"{_COHORTS} select month::date, n from cohorts",
    "cohort.again": f"""
        {_COHORTS} select cohorts.month::date, later,
            avg((coalesce(times[2] <= times[1] + to_months(later::int), false))::int)::double
        from cohorts, unnest([1, 2, 3, 6, 12]) as laters (later), bought
        where date_trunc('month', bought.first_on) = cohorts.month
            and cohorts.month + to_months(later::int + 1) <= (select as_of_on from as_of)
        group by all
    """,
    "profiles.by_sources": f"""
        select source_count || if(source_count > 1, ' sources', ' source'), count(*) {_NAMED} group by source_count
    """,
    "profiles.by_sources_share": f"""
        select source_count || if(source_count > 1, ' sources', ' source'),
            count(*) / (select count(*) {_NAMED}) {_NAMED} group by source_count
    """,
    "profiles.by_records": f"select {_SIZES}, count(*) from profiles group by 1",
    "profiles.by_records_share": f"""
        select {_SIZES}, count(*) / (select count(*) from profiles) from profiles group by 1
    """,
    "profiles.by_confidence": _BY_CONFIDENCE,
    "profiles.by_confidence_share": f"""
        select label, coalesce(n / nullif((select count(*) from profiles where record_count > 1), 0), 0)::double
        from ({_BY_CONFIDENCE})
    """,
    "pair.profiles": f"""
        select one.source_system, other.source_system, (
            select count(*) from {_SOURCES_OF} as a inner join {_SOURCES_OF} as b using (profile_id)
            where a.source_system = one.source_system and b.source_system = other.source_system
        )
        from (select distinct source_system from profile_records) as one,
            (select distinct source_system from profile_records) as other
    """,
    "pair.share": f"""
        select one.source_system, other.source_system, (
            select avg((exists (from profile_records as r
                where r.profile_id = a.profile_id and r.source_system = other.source_system))::int)
            from {_SOURCES_OF} as a where a.source_system = one.source_system
        )::double
        from (select distinct source_system from profile_records) as one,
            (select distinct source_system from profile_records) as other
        where one.source_system <> other.source_system
    """,
    "identity.uncertain": "select count(*) from profiles where identity_confidence < 0.9",
    "identity.uncertain_shown": f"select count(*) as n from (select 1 {_UNCERTAIN}) having n > 0",
    "uncertain.profile": f"select profile_id, profile_id {_UNCERTAIN}",
    "uncertain.confidence": f"select profile_id, identity_confidence {_UNCERTAIN}",
    "uncertain.records": f"select profile_id, record_count {_UNCERTAIN}",
    "identifier.values": """
        select identifier_type, count(distinct identifier_sha256) from profile_identifiers group by 1
    """,
    "identifier.several": """
        select identifier_type, count(distinct if(profile_count > 1, identifier_sha256, null))
        from profile_identifiers group by 1
    """,
    "identifier.suppressed": """
        select identifier_type, count(distinct if(is_shared, identifier_sha256, null))
        from profile_identifiers group by 1
    """,
    "link.records": "select link_reason, count(*) from profile_records group by link_reason",
    "link.weakest": """
        select link_reason, min(match_probability) as weakest from profile_records group by 1 having weakest is not null
    """,
    "identity.redirects": "select count(*) from profile_redirects",
    "event.total": f"""
        select event_type, count(event_id) from {_EVENT_TYPES} left join profile_events using (event_type) group by 1
    """,
    "event.last_sync": f"""
        select event_type, count(event_id) filter (run_id = $run_id)
        from {_EVENT_TYPES} left join profile_events using (event_type) group by 1
    """,
}
