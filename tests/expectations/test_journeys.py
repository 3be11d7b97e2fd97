"""The gates between journeys and the release: touchpoints, journeys and metrics."""

from expectations import GATES

TOUCHPOINTS = GATES["journeys"]["touchpoints"]
JOURNEYS = GATES["journeys"]["journeys"]
METRICS = GATES["journeys"]["profile_metrics"]
ATTRIBUTION = GATES["journeys"]["journey_attribution"]
MOMENTS = GATES["journeys"]["moments"]

TOUCHPOINT_COLUMNS = (
    "touchpoint_id varchar, profile_id varchar, occurred_at timestamp, channel varchar, stage varchar, "
    "amount decimal(18, 2), satisfaction_score double, effort_score double, effort_weight integer, "
    "journey_id varchar"
)
JOURNEY_COLUMNS = (
    "journey_id varchar, profile_id varchar, started_at timestamp, ended_at timestamp, touchpoint_count bigint, "
    "channel_count bigint, is_converted boolean, converted_at timestamp, minutes_to_conversion double, "
    "lowest_satisfaction_score double"
)
METRIC_COLUMNS = (
    "profile_id varchar, recency_days bigint, order_count bigint, return_rate double, recency_score integer, "
    "frequency_score integer, monetary_score integer, segment varchar, nps_score integer, ticket_count bigint, "
    "reopened_ticket_count bigint"
)
MORNING, EVENING = "2026-05-01 08:00", "2026-05-01 20:00"


def touchpoint(touchpoint_id, journey_id="j1", **changes):
    return {
        "touchpoint_id": touchpoint_id,
        "profile_id": "p1",
        "occurred_at": MORNING,
        "channel": "web",
        "stage": "research",
        "effort_weight": 1,
        "journey_id": journey_id,
        **changes,
    }


def journey(journey_id, **changes):
    return {
        "journey_id": journey_id,
        "profile_id": "p1",
        "started_at": MORNING,
        "ended_at": EVENING,
        "touchpoint_count": 1,
        "channel_count": 1,
        "is_converted": False,
        **changes,
    }


def metrics(profile_id, **changes):
    return {
        "profile_id": profile_id,
        "recency_days": 3,
        "order_count": 2,
        "return_rate": 0.5,
        "recency_score": 5,
        "frequency_score": 1,
        "monetary_score": 3,
        "segment": "loyal",
        "nps_score": 9,
        "ticket_count": 1,
        "reopened_ticket_count": 1,
        **changes,
    }


def store_interactions(store, *ids):
    store("staging.interactions", "interaction_id varchar", *[{"interaction_id": each} for each in ids])


def store_profiles(store, *ids):
    store("profiles.profiles", "profile_id varchar", *[{"profile_id": each} for each in ids])


def test_touchpoints_of_every_interaction_pass_also_without_a_profile(store, failures):
    store_interactions(store, "a", "b", "c")
    store(
        "journeys.touchpoints",
        TOUCHPOINT_COLUMNS,
        touchpoint("a", satisfaction_score=0),
        touchpoint("b", effort_score=100, channel=None, stage=None),
        touchpoint("c", None, profile_id=None),
    )

    assert failures(TOUCHPOINTS) == {}


def test_touchpoints_left_out_invented_or_out_of_scale_stop(store, failures):
    store_interactions(store, "a", "b", "c", "d", "e", "f", "lost")
    store(
        "journeys.touchpoints",
        TOUCHPOINT_COLUMNS,
        touchpoint("a", None),
        touchpoint("b", channel="fax"),
        touchpoint("c", stage="checkout"),
        touchpoint("d", satisfaction_score=-1),
        touchpoint("e", effort_score=101),
        touchpoint("f", occurred_at="2030-01-01"),
        touchpoint("invented"),
    )

    assert failures(TOUCHPOINTS) == {
        "every interaction is a touchpoint": ("critical", 1, ("lost",)),
        "every touchpoint is an interaction": ("critical", 1, ("invented",)),
        "what a known customer did is in a journey": ("critical", 1, ("a",)),
        "channel is a known one": ("critical", 1, ("b",)),
        "stage is a known one": ("critical", 1, ("c",)),
        "satisfaction is from 0 to 100": ("critical", 1, ("d",)),
        "effort is from 0 to 100": ("critical", 1, ("e",)),
        "time is plausible": ("warning", 1, ("f",)),
    }


def test_touchpoints_that_mostly_have_no_profile_warn(store, failures):
    store_interactions(store, "a", "b", "c")
    no_profile = {"profile_id": None, "journey_id": None}
    store(
        "journeys.touchpoints",
        TOUCHPOINT_COLUMNS,
        touchpoint("a"),
        touchpoint("b", **no_profile),
        touchpoint("c", **no_profile),
    )

    assert failures(TOUCHPOINTS) == {"touchpoints have a profile": ("warning", 2, ("b", "c"))}


def test_journeys_in_order_pass(store, failures):
    store("journeys.touchpoints", TOUCHPOINT_COLUMNS, *[touchpoint(each, each) for each in ("j1", "j2")])
    conversion = {"is_converted": True, "converted_at": EVENING, "minutes_to_conversion": 720}
    store("journeys.journeys", JOURNEY_COLUMNS, journey("j1", ended_at=MORNING), journey("j2", **conversion))

    assert failures(JOURNEYS) == {}


def test_journeys_that_contradict_themselves_or_their_touchpoints_stop(store, failures):
    members = [touchpoint(f"t{n}", f"j{n}") for n in range(1, 9)]
    store("journeys.touchpoints", TOUCHPOINT_COLUMNS, *members, touchpoint("t9", "j8", profile_id="p2"))
    store(
        "journeys.journeys",
        JOURNEY_COLUMNS,
        journey("j1", started_at=EVENING, ended_at=MORNING),
        journey("j2", touchpoint_count=5),
        journey("j3", channel_count=2),
        journey("j4", is_converted=True),
        journey("j5", is_converted=True, converted_at="2026-05-02"),
        journey("j6", minutes_to_conversion=-1),
        journey("j7", lowest_satisfaction_score=120),
        journey("j8", touchpoint_count=2),
        journey("empty", touchpoint_count=0, channel_count=0),
    )

    assert failures(JOURNEYS) == {
        "no journey ends before it starts": ("critical", 1, ("j1",)),
        "touchpoint counts are those of the touchpoints": ("critical", 1, ("j2",)),
        "channel counts are within touchpoint counts": ("critical", 1, ("j3",)),
        "a journey is converted if it has a conversion time": ("critical", 1, ("j4",)),
        "no conversion follows its journey": ("critical", 1, ("j5",)),
        "conversion does not precede the start": ("critical", 1, ("j6",)),
        "satisfaction is from 0 to 100": ("critical", 1, ("j7",)),
        "a journey belongs to one profile": ("critical", 1, ("j8",)),
        "every journey has a touchpoint": ("critical", 1, ("empty",)),
    }


def test_a_journey_of_thousands_of_touchpoints_warns(warehouse, store, failures):
    store("journeys.touchpoints", TOUCHPOINT_COLUMNS)
    warehouse.execute(
        "insert into journeys.touchpoints (touchpoint_id, profile_id, journey_id) "
        "select n::varchar, 'p1', 'j1' from range(2001) as numbers(n)"
    )
    store("journeys.journeys", JOURNEY_COLUMNS, journey("j1", touchpoint_count=2001))

    assert failures(JOURNEYS) == {"longest journey is credible": ("warning", 1, ("j1",))}


def test_metrics_of_every_profile_pass_also_of_one_that_never_ordered(store, failures):
    store_profiles(store, "p1", "p2")
    prospect = {"recency_days": None, "return_rate": None, "order_count": 0, "nps_score": None}
    scores = {"recency_score": None, "frequency_score": None, "monetary_score": None}
    store("journeys.profile_metrics", METRIC_COLUMNS, metrics("p1"), metrics("p2", **prospect, **scores))

    assert failures(METRICS) == {}


def test_metrics_out_of_scale_or_without_a_profile_stop(store, failures):
    store_profiles(store, *[f"p{n}" for n in range(1, 9)], "lost")
    store(
        "journeys.profile_metrics",
        METRIC_COLUMNS,
        metrics("p1", recency_score=0),
        metrics("p2", frequency_score=6),
        metrics("p3", monetary_score=9),
        metrics("p4", segment=None),
        metrics("p5", order_count=-1),
        metrics("p6", return_rate=1.5),
        metrics("p7", nps_score=11),
        metrics("p8", reopened_ticket_count=2),
        metrics("invented"),
    )

    assert failures(METRICS) == {
        "every profile has metrics": ("critical", 1, ("lost",)),
        "every row of metrics has a profile": ("critical", 1, ("invented",)),
        "recency score is from 1 to 5": ("critical", 1, ("p1",)),
        "frequency score is from 1 to 5": ("critical", 1, ("p2",)),
        "monetary score is from 1 to 5": ("critical", 1, ("p3",)),
        "segment is filled": ("critical", 1, ("p4",)),
        "counts of orders are not negative": ("critical", 1, ("p5",)),
        "return rate is from 0 to 1": ("critical", 1, ("p6",)),
        "promoter score is from 0 to 10": ("critical", 1, ("p7",)),
        "reopened tickets are tickets": ("critical", 1, ("p8",)),
    }


def test_empty_journeys_pass(store, failures):
    store_interactions(store)
    store_profiles(store)
    store("journeys.touchpoints", TOUCHPOINT_COLUMNS)
    store("journeys.journeys", JOURNEY_COLUMNS)
    store("journeys.profile_metrics", METRIC_COLUMNS)

    assert [failures(gate) for gate in (TOUCHPOINTS, JOURNEYS, METRICS)] == [{}, {}, {}]


def test_a_credit_that_is_lost_or_given_twice_stops(store, failures):
    columns = "order_id varchar, rule varchar, channel varchar, credit decimal(18, 6), credited_amount decimal(18, 2)"
    credited = {"rule": "linear", "channel": "web", "credit": 0.5, "credited_amount": 5}
    amounts = {"right": 10, "lost": 10, "twice": 5}
    revenues = [{"order_id": name, "net_reporting_amount": amount} for name, amount in amounts.items()]
    store("journeys.orders", "order_id varchar, net_reporting_amount decimal(18, 2)", *revenues)
    store(
        "journeys.journey_attribution",
        columns,
        {**credited, "order_id": "right"},
        {**credited, "order_id": "right", "channel": "email"},
        {**credited, "order_id": "lost", "credit": 1},
        {**credited, "order_id": "twice", "credit": 1, "credited_amount": 5},
        {**credited, "order_id": "twice", "credit": 0, "credited_amount": 0.01, "channel": "email"},
    )

    found = failures(ATTRIBUTION)

    assert set(found) == {"credited amounts are the revenue"}
    assert found["credited amounts are the revenue"][1] == 3


def test_a_moment_for_somebody_who_never_consented_stops(store, failures):
    store(
        "profiles.profiles",
        "profile_id varchar, email_consent boolean, call_consent boolean",
        {"profile_id": "yes", "email_consent": True},
        {"profile_id": "never said", "call_consent": True},
    )
    moment = {
        "suggested_channel": "email",
        "purpose": "marketing",
        "occurred_at": MORNING,
        "expires_at": EVENING,
        "is_contactable": True,
    }
    store(
        "journeys.moments",
        "moment_id varchar, profile_id varchar, suggested_channel varchar, purpose varchar, is_contactable boolean, "
        "occurred_at timestamp, expires_at timestamp",
        {**moment, "moment_id": "m1", "profile_id": "yes"},
        {**moment, "moment_id": "m2", "profile_id": "never said"},
        {**moment, "moment_id": "m3", "profile_id": "never said", "is_contactable": False},
        {**moment, "moment_id": "m4", "profile_id": "never said", "purpose": "service"},
    )

    assert failures(MOMENTS) == {"a profile that is contactable for marketing has consented": ("critical", 1, ("m2",))}
