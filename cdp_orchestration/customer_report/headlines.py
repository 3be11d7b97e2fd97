"""Headline figures: customers, how many of them are named and joined, survey scores."""

from dataclasses import dataclass

import duckdb

from cdp_orchestration.customer_report.reading import read
from cdp_orchestration.customer_report.uncertainty import SMALL_SAMPLE, mean_interval

SCORE_DAYS = 365  # the window of the headline scores, and of the one before it
SCALES = {"nps": (-100.0, 100.0), "csat": (1.0, 5.0), "ces": (1.0, 7.0)}


@dataclass(frozen=True)
class Customers:
    """Counts of living profiles and their records.

    ``anonymous_count``: without any name or contact; all others are named. ``joined_count``: named, in two or more
    sources. ``contactable_count``: named, with consent and a contact to use it on.
    """

    profile_count: int
    anonymous_count: int
    joined_count: int
    contactable_count: int
    record_count: int

    @property
    def named_count(self) -> int:
        """Profiles with a name, an e-mail or a phone."""
        return self.profile_count - self.anonymous_count


@dataclass(frozen=True)
class Score:
    """A mean of survey answers: NPS (-100 to 100), CSAT (1 to 5) or CES (1 to 7, 7 is easiest)."""

    survey_type: str
    value: float | None
    deviation: float | None
    sample_size: int
    previous_value: float | None
    previous_sample_size: int

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the value; None where the answers do not determine one."""
        if self.value is None or self.deviation is None:
            return None
        return mean_interval(self.value, self.deviation, self.sample_size, SCALES[self.survey_type])

    @property
    def is_small_sample(self) -> bool:
        """Whether the sample is too small to rely on the value."""
        return self.sample_size < SMALL_SAMPLE


def read_customers(connection: duckdb.DuckDBPyConnection) -> Customers:
    """Count the profiles."""
    (found,) = read(
        connection,
        Customers,
        """
        select
            count(*),
            count(*) filter (is_anonymous),
            count(*) filter (source_count > 1 and not is_anonymous),
            count(*) filter (is_contactable and not is_anonymous),
            coalesce(sum(record_count), 0)::bigint
        from profiles
        """,
    )
    return found


def read_scores(connection: duckdb.DuckDBPyConnection) -> tuple[Score, ...]:
    """Return NPS, CSAT and CES of the last year; one without answers has no value."""
    return read(
        connection,
        Score,
        f"""
        with answers as (
            select
                survey_type,
                case
                    when survey_type <> 'nps' then survey_score
                    when survey_score >= 9 then 100
                    when survey_score <= 6 then -100
                    else 0
                end as worth,
                (select as_of_at from as_of) - occurred_at as ago
            from touchpoints
            where is_last_answer and survey_score is not null
        )
        select
            surveys.survey_type,
            avg(worth) filter (ago < interval {SCORE_DAYS} day),
            stddev_samp(worth) filter (ago < interval {SCORE_DAYS} day),
            count(worth) filter (ago < interval {SCORE_DAYS} day),
            avg(worth) filter (ago >= interval {SCORE_DAYS} day and ago < interval {2 * SCORE_DAYS} day),
            count(worth) filter (ago >= interval {SCORE_DAYS} day and ago < interval {2 * SCORE_DAYS} day)
        from (values ('nps', 1), ('csat', 2), ('ces', 3)) as surveys (survey_type, place)
        left join answers on surveys.survey_type = answers.survey_type
        group by surveys.survey_type, surveys.place
        order by surveys.place
        """,
    )
