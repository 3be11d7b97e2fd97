"""The figures of the report, counted from tiny tables."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from statistics import NormalDist
from typing import Any

import pytest
import yaml

from cdp_orchestration.customer_report import customers, experience, headlines, identity_health, journeys
from cdp_orchestration.customer_report.figures import Figures, read_figures
from cdp_orchestration.customer_report.scorecard import WINDOW_DAYS
from cdp_orchestration.customer_report.uncertainty import SMALL_SAMPLE
from cdp_orchestration.home.settings import PROJECT_ROOT
from cdp_orchestration.release.reader import Release

Row = dict[str, Any]
Publish = Callable[..., Release]

NEWEST = datetime.fromisoformat("2026-06-30T12:00:00")  # times of the tables are UTC without a zone


def _profile(profile_id: str, source_count: int = 1, **others: Any) -> Row:
    row = {"profile_id": profile_id, "source_count": source_count, "record_count": source_count}
    return {**row, "is_anonymous": False, "is_contactable": False, "identity_confidence": 1.0, **others}


def _answer(number: int, survey_type: str, score: int, days_ago: int = 0) -> Row:
    return {
        "touchpoint_id": f"answer {number}",
        "occurred_at": NEWEST - timedelta(days=days_ago),
        "survey_type": survey_type,
        "survey_score": score,
        "is_last_answer": True,
    }


def _journey(journey_id: str, *path: str, **others: Any) -> Row:
    row = {"journey_id": journey_id, "path": list(path), "last_touch_channel": "web", "ended_at": NEWEST}
    return {**row, "is_open": False, "is_converted": False, "revenue_amount": 0, **others}


def test_a_visitor_without_a_name_is_not_a_named_customer(publish: Publish) -> None:
    counts = read_figures(
        publish(
            profiles=[
                _profile("p1", 3, is_contactable=True),
                _profile("p2"),
                _profile("p3", is_anonymous=True),
            ]
        )
    ).customer_counts
    assert counts == headlines.Customers(
        profile_count=3, anonymous_count=1, joined_count=1, contactable_count=1, record_count=5
    )
    assert counts.named_count == 2


def test_scores_compare_the_last_year_with_the_year_before(publish: Publish) -> None:
    answers = [
        *(_answer(number, "nps", score) for number, score in enumerate((9, 10, 8, 3))),
        _answer(4, "nps", 0, days_ago=500),
        _answer(5, "csat", 4),
    ]
    nps, csat, ces = read_figures(publish(touchpoints=answers)).scores
    assert (nps.value, nps.sample_size, nps.previous_value, nps.previous_sample_size) == (25, 4, -100, 1)
    assert nps.interval is not None
    assert nps.interval[0] < 25 < nps.interval[1] <= 100
    assert (csat.value, csat.interval, csat.is_small_sample) == (4, None, True)
    assert (ces.value, ces.sample_size) == (None, 0)


def _score(days_before: int, value: float, **others: Any) -> Row:
    return {
        "scored_on": NEWEST.date() - timedelta(days=days_before),
        "function": "marketing",
        "metric": "open_rate",
        "unit": "share",
        "value": value,
        "sample_size": 100,
        "is_small_sample": False,
        "is_ripe": True,
        **others,
    }


@pytest.mark.parametrize(
    ("metric", "now", "before", "others", "change"),
    [
        ("open_rate", 0.6, 0.4, {"is_significant_change": True}, "better"),
        ("open_rate", 0.4, 0.6, {"is_significant_change": True}, "worse"),
        ("return_rate", 0.6, 0.4, {"is_significant_change": True}, "worse"),
        ("open_rate", 0.5, 0.4, {"is_significant_change": False}, "unclear"),
        ("open_rate", 0.9, 0.1, {"is_significant_change": True, "is_small_sample": True}, "few"),
    ],
)
def test_a_change_counts_only_if_it_is_more_than_chance(
    publish: Publish, metric: str, now: float, before: float, others: Row, change: str
) -> None:
    rows = [_score(0, now, metric=metric, **others), _score(WINDOW_DAYS, before, metric=metric)]
    (newest,) = read_figures(publish(cx_scorecard=rows)).metrics
    assert newest.change == change


def test_a_metric_without_an_earlier_window_has_no_change(publish: Publish) -> None:
    (newest,) = read_figures(publish(cx_scorecard=[_score(0, 0.5), _score(1, 0.4)])).metrics
    assert (newest.value, newest.change) == (0.5, "none")


def test_the_newest_value_is_of_a_window_whose_returns_have_come(publish: Publish) -> None:
    rows = [_score(0, 0.1, metric="return_rate", is_ripe=False), _score(30, 0.2, metric="return_rate")]
    (newest,) = read_figures(publish(cx_scorecard=rows)).metrics
    assert newest.value == 0.2


def test_the_report_has_the_windows_and_small_samples_of_the_scorecard() -> None:
    project = yaml.safe_load((PROJECT_ROOT / "dbt_project" / "dbt_project.yml").read_text(encoding="utf-8"))
    assert project["vars"]["scorecard_days_before"] + 1 == WINDOW_DAYS
    assert project["vars"]["scorecard_small_sample"] == SMALL_SAMPLE


def test_a_change_is_checked_at_a_twentieth_shared_among_all_metrics() -> None:
    project = yaml.safe_load((PROJECT_ROOT / "dbt_project" / "dbt_project.yml").read_text(encoding="utf-8"))
    metrics = (PROJECT_ROOT / "dbt_project" / "seeds" / "scorecard_metrics.csv").read_text(encoding="utf-8")
    count = len(metrics.splitlines()) - 1
    assert project["vars"]["scorecard_change_z"] == round(NormalDist().inv_cdf(1 - 0.05 / 2 / count), 2)


def _journey_figures(publish: Publish) -> Figures:
    steps = [("awareness", "research", 2), ("research", "purchase", 1), ("research", "research", 9)]
    return read_figures(
        publish(
            journeys=[
                _journey("j1", "awareness", "research", "purchase", is_converted=True),
                _journey("j2", "awareness", "research"),
                _journey("j3", "research", is_open=True),
            ],
            journey_transitions=[
                {
                    "from_stage": one,
                    "from_channel": "web",
                    "to_stage": to,
                    "to_channel": "app",
                    "transition_count": often,
                }
                for one, to, often in steps
            ],
            touchpoints=[
                {"touchpoint_id": f"{journey} {stage}", "journey_id": journey, "stage": stage, "channel": "web"}
                for journey, stages in (("j1", ("awareness", "research")), ("j2", ("research",)), ("j3", ("research",)))
                for stage in stages
            ],
        )
    )


def test_every_stage_has_as_many_steps_on_both_sides_and_every_journey_a_beginning_and_an_end(publish: Publish) -> None:
    flows = _journey_figures(publish).flows
    for stage, visits in (("awareness", 2), ("research", 3), ("purchase", 1)):
        assert sum(flow.count for flow in flows if flow.target == stage) == visits
        assert sum(flow.count for flow in flows if flow.source == stage) == visits
    begun = sum(flow.count for flow in flows if flow.source == journeys.BEGINNING)
    assert begun == sum(flow.count for flow in flows if flow.target in journeys.ENDINGS) == 3


def test_an_open_journey_is_not_lost(publish: Publish) -> None:
    figures = _journey_figures(publish)
    endings = {flow.target: flow.count for flow in figures.flows if flow.target in journeys.ENDINGS}
    assert endings == {"ended_after_buying": 1, "still_going_on": 1, "ended_without_buying": 1}
    assert figures.losses == (journeys.Loss("research", "web", lost_count=1, reached_count=2),)
    assert figures.losses[0].rate == 0.5


def test_a_channel_without_touchpoints_keeps_its_revenue(publish: Publish, newest: Row) -> None:
    credited = [
        {"order_id": "o1", "channel": "paid_media", "rule": rule, "credited_amount": amount}
        for rule, amount in (("first", 10), ("last", 20), ("linear", 30), ("position", 40))
    ]
    web, paid = read_figures(publish(touchpoints=[newest], journey_attribution=credited)).channels
    assert (web.channel, web.touchpoint_count, web.credited("first")) == ("web", 1, 0)
    assert (paid.channel, paid.touchpoint_count) == ("paid_media", 0)
    assert [paid.credited(rule) for rule in journeys.RULES] == [10, 20, 30, 40]


def test_an_audience_counts_its_current_members(publish: Publish) -> None:
    rows = [
        {"profile_id": "p1", "audience": "promoters", "entered_at": NEWEST, "change": "entered"},
        {"profile_id": "p2", "audience": "promoters", "entered_at": NEWEST, "left_at": NEWEST, "change": "left"},
        {"profile_id": "p3", "audience": "promoters", "entered_at": NEWEST, "successor_profile_id": "p1"},
    ]
    assert read_figures(publish(audiences=rows)).audiences == (customers.Audience("promoters", 1, 1, 1),)


def test_moments_list_only_contactable_profiles_the_most_urgent_first(publish: Publish) -> None:
    rows = [
        {
            "moment_id": f"m{number}",
            "profile_id": profile_id,
            "moment_type": "anniversary",
            "suggested_action": "Send a greeting",
            "suggested_channel": "email",
            "is_surprise": True,
            "is_current": is_current,
            "is_contactable": is_contactable,
            "expires_at": NEWEST + timedelta(days=days),
        }
        for number, (profile_id, is_current, is_contactable, days) in enumerate(
            [("late", True, True, 9), ("soon", True, True, 1), ("refused", True, False, 1), ("past", False, True, -1)]
        )
    ]
    (moment,) = read_figures(publish(moments=rows)).moments
    assert (moment.open_count, moment.contactable_count, moment.past_count) == (3, 2, 1)
    assert moment.profile_ids == ["soon", "late"]


def test_the_report_has_the_days_of_the_company(publish: Publish) -> None:
    noon_in_auckland = datetime.fromisoformat("2026-12-31T23:00:00")
    as_of = {"as_of_at": NEWEST, "as_of_on": date(2026, 7, 1), "company_time_zone": "Pacific/Auckland"}
    moment = {"moment_type": "anniversary", "is_current": True, "is_contactable": False, "is_surprise": True}
    figures = read_figures(publish(as_of=[as_of], moments=[{**moment, "expires_at": noon_in_auckland}]))
    assert figures.freshness.as_of_on == date(2026, 7, 1)
    assert [each.first_expires_on for each in figures.moments] == [date(2027, 1, 1)]


def test_identity_counts_common_sources_uncertain_profiles_and_events_of_the_last_sync(publish: Publish) -> None:
    records = [("crm", "p1"), ("ecommerce", "p1"), ("crm", "p2")]
    identity = read_figures(
        publish(
            profiles=[_profile("p1", 2, identity_confidence=0.7), _profile("p2")],
            profile_records=[
                {
                    "source_system": source,
                    "source_record_id": str(number),
                    "profile_id": profile_id,
                    "link_reason": "only_record",
                }
                for number, (source, profile_id) in enumerate(records)
            ],
            profile_identifiers=[
                {
                    "profile_id": who,
                    "identifier_type": "email",
                    "identifier_sha256": "x",
                    "profile_count": 2,
                    "is_shared": False,
                }
                for who in ("p1", "p2")
            ],
            profile_events=[
                {"event_id": "e1", "event_type": "merged", "run_id": "the sync of this release"},
                {"event_id": "e2", "event_type": "merged", "run_id": "an earlier one"},
            ],
        )
    ).identity
    assert identity_health.SourcePair("crm", "ecommerce", 1) in identity.source_pairs
    assert identity_health.SourcePair("crm", "crm", 2) in identity.source_pairs
    assert identity.uncertain == (identity_health.UncertainProfile("p1", 0.7, 2),)
    assert [found.count for found in identity.confidence] == [0, 0, 0, 0, 1]
    assert identity.shared_identifiers == (identity_health.SharedIdentifier("email", 1, 1, 0),)
    assert identity_health.IdentityEvents("merged", 1, 2) in identity.events


def _feedback(number: int, touchpoint_type: str, **scores: Any) -> Row:
    row = {"touchpoint_id": f"{touchpoint_type} {number}", "touchpoint_type": touchpoint_type, "effort_weight": 4}
    return {**row, "channel": "email", "stage": "service", "occurred_at": NEWEST, **scores}


def test_reliably_negative_touchpoints_come_before_those_with_little_feedback(publish: Publish) -> None:
    rows = [
        *(_feedback(number, "ticket", satisfaction_score=0 if number < 40 else 100) for number in range(50)),
        _feedback(0, "repair", satisfaction_score=0),
        _feedback(0, "page_view"),
    ]
    ticket, repair = read_figures(publish(touchpoints=rows)).pain_points
    assert (ticket.touchpoint_type, ticket.negative_share, ticket.is_small_sample) == ("ticket", 0.8, False)
    assert (repair.touchpoint_type, repair.negative_share, repair.is_small_sample) == ("repair", 1.0, True)


@pytest.mark.parametrize(
    ("scores", "negative_count"),
    [
        ({"satisfaction_score": 25}, 1),
        ({"satisfaction_score": 26}, 0),
        ({"effort_score": 75}, 1),
        ({"sentiment_score": -0.3}, 1),
        ({"satisfaction_score": 100, "sentiment_score": -0.3}, 1),
    ],
)
def test_a_bad_score_effort_or_mood_is_negative_feedback(
    publish: Publish, scores: dict[str, float], negative_count: int
) -> None:
    (point,) = read_figures(publish(touchpoints=[_feedback(0, "call", **scores)])).pain_points
    assert (point.feedback_count, point.negative_count) == (1, negative_count)


def test_pain_runs_from_the_best_to_the_worst_of_each_measure() -> None:
    for measure in experience.MEASURES:
        assert (measure.pain(measure.best), measure.pain(measure.worst)) == (0, 1)
