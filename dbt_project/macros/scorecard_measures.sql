{# Whether it is recorded on a channel that a message was opened: no letter, call or text message says so. #}
{% macro shows_openings(channel) -%}
    {{ channel }} in ('email', 'mobile_app', 'chat')
{%- endmacro %}

{#
  The measures of the scorecard: function, metric, unit, value of one observation, condition of an observation, and
  (relation, day) of the observations. The relations are CTEs of int_cx_observations; its touchpoints carry the
  channel of the customer's last order, their amount in the reporting currency, whether an order was refunded or
  cancelled, and of a message of a campaign whether messages without an answer are recorded too.
#}
{% macro scorecard_measures() -%}
{% set campaign = "is_sending_recorded and touchpoint_type <> 'campaign_bounced'" %}
{% set opened = "touchpoint_type in ('campaign_opened', 'campaign_clicked', 'campaign_responded')" %}
{% set clicked = "touchpoint_type in ('campaign_clicked', 'campaign_responded')" %}
{% set promoters = "case when survey_score >= 9 then 100 when survey_score <= 6 then -100 else 0 end" %}
{% set answer = 'is_last_answer and survey_score is not null' %}
{% set nps = answer ~ " and survey_type = 'nps'" %}
{% set ticket = "source_record_type = 'ticket'" %}
{% set till = "source_system = 'in_store' and source_record_type = 'transaction'" %}
{% set web_order = "source_system = 'ecommerce' and source_record_type = 'order'" %}
{% set in_store = "purchase_pattern in ('bought_in_store', 'researched_online_bought_in_store')" %}
{% set touchpoint, journey = ('observed_touchpoints', 'occurred_on'), ('journeys', day_of('ended_at')) %}
{% set profile = ('customers', 'as_of_on') %}
{{ return([
    ('marketing', 'nps', 'score', promoters, nps, touchpoint),
    ('marketing', 'open_rate', 'share', opened, campaign ~ ' and ' ~ shows_openings('channel'), touchpoint),
    ('marketing', 'click_rate', 'share', clicked, campaign, touchpoint),
    ('marketing', 'unsubscribe_rate', 'share', "touchpoint_type = 'campaign_unsubscribed'", campaign, touchpoint),
    ('marketing', 'known_to_several_sources_rate', 'share', 'source_count > 1', 'as_of_on is not null', profile),
    ('sales', 'nps', 'score', promoters, nps ~ " and last_order_channel <> 'store'", touchpoint),
    ('sales', 'repeat_order_rate', 'share', "stage = 'repurchase'", 'is_order and is_renewal is not true and is_of_customer',
     touchpoint),
    ('sales', 'order_amount', 'amount', 'reporting_amount', 'is_order and reporting_amount is not null', touchpoint),
    ('sales', 'cart_completion_rate', 'share', 'is_converted and abandoned_step is null', 'has_cart and not is_open',
     journey),
    ('product', 'return_rate', 'share', 'is_refunded', web_order ~ ' and is_order', touchpoint),
    ('product', 'defect_rate_of_tickets', 'share', "topic = 'defect'", ticket ~ ' and topic is not null', touchpoint),
    ('support', 'csat', 'score', 'survey_score', answer ~ " and survey_type = 'csat'", touchpoint),
    ('support', 'ces', 'score', 'survey_score', answer ~ " and survey_type = 'ces'", touchpoint),
    ('support', 'good_rating_rate', 'share', 'satisfaction_score = 100',
     ticket ~ ' and satisfaction_score is not null', touchpoint),
    ('support', 'first_reply_minutes', 'minutes', 'first_reply_minutes', 'first_reply_minutes is not null', touchpoint),
    ('support', 'resolution_minutes', 'minutes', 'duration_minutes', ticket ~ ' and duration_minutes is not null',
     touchpoint),
    ('support', 'reopen_rate', 'share', 'reopen_count > 0', 'reopen_count is not null', touchpoint),
    ('support', 'sentiment', 'score', 'sentiment_score', ticket ~ ' and sentiment_score is not null', touchpoint),
    ('in_store', 'nps', 'score', promoters, nps ~ " and last_order_channel = 'store'", touchpoint),
    ('in_store', 'return_rate', 'share', "touchpoint_type = 'store_return'", till ~ ' and amount is not null', touchpoint),
    ('in_store', 'known_customer_rate', 'share', 'is_of_customer', till, touchpoint),
    ('in_store', 'researched_online_rate', 'share', 'is_research_online_purchase_in_store', in_store, journey),
    ('supply_chain', 'cancellation_rate', 'share', 'is_cancelled', web_order, touchpoint),
    ('supply_chain', 'delivery_minutes', 'minutes', 'duration_minutes', "touchpoint_type = 'order_delivered'",
     touchpoint),
    ('supply_chain', 'delivery_rate_of_tickets', 'share', "topic = 'delivery'", ticket ~ ' and topic is not null',
     touchpoint),
]) }}
{%- endmacro %}
