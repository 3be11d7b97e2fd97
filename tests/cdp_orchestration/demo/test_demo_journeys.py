"""The demo's behaviour is consistent: seasons, late parcels and their scores, research before a purchase."""


def test_a_parcel_is_sent_after_the_order_and_arrives_after_that(query):
    parcels = """select created_at as ordered_at, fulfillment_status,
        unnest(from_json(fulfillments::varchar, '[{"created_at": "TIMESTAMP", "updated_at": "TIMESTAMP",
        "shipment_status": "VARCHAR"}]'), recursive := true) from newest_ecommerce_orders"""
    is_delivered = "shipment_status = 'delivered'"
    assert query(f"""select bool_or(fulfillment_status is null), bool_and(created_at > ordered_at::timestamp),
        bool_and(updated_at > created_at) filter (where {is_delivered}), count(*) filter (where {is_delivered}) > 100
        from ({parcels})""") == [(False, True, True, True)]


def test_november_sells_more_than_july(query):
    months = dict(
        query("""select month(created_at::timestamp), count(*) from newest_ecommerce_orders
        where created_at::timestamp between '2023-07-01' and '2025-12-31' group by all""")
    )
    assert months[11] > 1.5 * months[7]


def test_problems_lower_the_scores(query):
    csat = dict(
        query("""select tags::varchar like '%"question"%', avg(score::int) from newest_support_survey_responses s
        join newest_support_tickets t on t.id = s.ticket_id where survey = 'csat' group by all""")
    )
    assert csat[False] + 0.7 < csat[True]
    nps = dict(
        query("""select cancelled_at is not null or refunds::varchar != '[]', avg(score::int)
        from newest_support_survey_responses s join newest_ecommerce_orders o on o.id = s.order_id
        where survey = 'nps' group by all""")
    )
    assert nps[True] + 1 < nps[False]


def test_scores_stay_on_their_scales(query):
    scales = query(
        "select survey, min(score::int) >= 0, max(score::int) from newest_support_survey_responses group by 1"
    )
    assert sorted(scales) == [("ces", True, 7), ("csat", True, 5), ("nps", True, 10)]
    assert query("""select count(*) from newest_support_survey_responses
        where survey != 'nps' and score::int < 1""") == [(0,)]


def test_there_are_tickets_on_every_channel_and_repairs_are_tagged(query):
    channels = {channel for (channel,) in query("select distinct via->>'channel' from newest_support_tickets")}
    assert channels == {"email", "web", "chat", "voice", "social", "in_store"}
    assert query("select count(*) > 0 from newest_support_tickets where tags::varchar like '%\"repair\"%'") == [(True,)]


def test_a_ticket_is_solved_after_its_first_reply(query):
    assert query("""select count(*) from newest_support_ticket_metrics where
        (reply_time_in_minutes->>'calendar')::int > (full_resolution_time_in_minutes->>'calendar')::int""") == [(0,)]
    assert query("select count(*) > 0 from newest_support_ticket_metrics where reopens::int > 0") == [(True,)]


def test_visits_come_from_campaigns_on_web_and_apps(query):
    media = {m for (m,) in query("select distinct context->'campaign'->>'medium' from ecommerce_events")}
    assert {"email", "paid_social", "cpc", None} <= media
    devices = {d for (d,) in query("select distinct context->'device'->>'type' from ecommerce_events")}
    assert devices == {"desktop", "mobile", "tablet", "ios", "android"}
    assert {"page", "screen", "track", "identify"} == {
        t for (t,) in query("select distinct type from ecommerce_events")
    }


def test_an_order_on_the_web_has_its_completed_event(query):
    missing = """select count(*) from newest_ecommerce_orders where id not in
        (select properties->>'order_id' from ecommerce_events where event = 'Order Completed')
        and created_at < '2026-06-28'"""
    assert query(missing) == [(0,)]


def test_some_store_purchases_follow_research_online(query):
    researched = """select count(distinct t.person_id) from ecommerce_events e
        join truth t on t.source_record_id = e."anonymousId"
        join truth m on m.person_id = t.person_id and m.source_record_type = 'loyalty_member'
        join newest_in_store_loyalty_members l on l.member_id = m.source_record_id
        join newest_in_store_transactions s on s.loyalty_number = l.loyalty_number
        where e.properties->>'name' = 'Store Locator'
        and s.sold_at - e.timestamp::timestamptz between interval 0 days and interval 7 days"""
    assert query(researched)[0][0] > 5


def test_few_customers_order_much_and_many_little(query):
    counts = [n for (n,) in query("""select count(*) from newest_ecommerce_orders where customer->>'id' is not null
        group by customer->>'id' order by 1 desc""")]  # fmt: skip
    assert counts[0] >= 4 * counts[len(counts) // 2]


def test_texts_are_written_in_many_languages(query):
    texts = "".join(text for (text,) in query("select description from newest_support_tickets"))
    assert all(set(letters) & set(texts) for letters in ("äöüß", "éàè", "ñ¿", "łżęą", "αηος"))
    assert len(set(query("select description from newest_support_tickets"))) > 40
