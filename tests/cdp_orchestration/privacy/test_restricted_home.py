"""A sync applies what a person asked for, and a release after it is lifted is as before."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from live_homes import copy_home

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.reader import require_live_release

_FINDS = """
    select profile_id, email
    from profiles
    semi join (select profile_id from audiences where left_at is null) using (profile_id)
    semi join (select profile_id from moments) using (profile_id)
    semi join profile_personas using (profile_id)
    semi join (from profile_metrics where recency_score is not null) using (profile_id)
    where is_contactable and email is not null
    order by record_count desc, profile_id
    limit 1
"""
_USES = """
    select
        (select count(*) from audiences where profile_id = $1 and left_at is null),
        (select count(*) from moments where profile_id = $1),
        (select count(*) from profile_consents where profile_id = $1 and is_contactable),
        (select count(*) from profile_personas where profile_id = $1),
        (select count(segment) from profile_metrics where profile_id = $1 and segment <> 'restricted'),
        (select count(recency_score) + count(frequency_score) + count(monetary_score) from profile_metrics
            where profile_id = $1)
"""
# The demo's customers are too few for some of these
_INFERRED = """
    select
        (select count(sentiment_score) + count(text_language) from touchpoints where profile_id = $1),
        (select count(churn_risk_score) + count(no_order_probability) + count(predicted_order_count)
            + count(predicted_next_order_on) + sum(len(recommended_products))
            from profile_metrics where profile_id = $1)
"""
_KEPT = """
    select
        count(*), max(order_count), max(revenue_amount),
        (select count(*) from profile_consents where profile_id = $1)
    from touchpoints
    inner join profile_metrics using (profile_id)
    where profile_id = $1
"""
_GOLDEN = """
    select profiles.email, attributes.source_system, attributes.reason
    from profiles
    inner join profile_attributes as attributes on profiles.profile_id = attributes.profile_id
    where profiles.profile_id = $1 and attributes.attribute = 'email' and is_golden
"""


@pytest.mark.slow
@pytest.mark.scenario
def test_a_restricted_person_is_kept_and_used_for_nothing_until_it_is_lifted(
    live_home: Path, tmp_path: Path, cdp: Callable[..., Any]
) -> None:
    home = copy_home(live_home, tmp_path / "home")

    def ask(query: str, *values: str) -> tuple[Any, ...]:
        with require_live_release(Settings(home).releases).connect() as release:
            return release.execute(query, list(values)).fetchall()[0]

    def run(*arguments: str) -> None:
        done = cdp(home, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr

    profile_id, email = ask(_FINDS)
    kept, golden = ask(_KEPT, profile_id), ask(_GOLDEN, profile_id)
    assert min(ask(_USES, profile_id)) > 0
    run("privacy", "restrict", email, "--why", "request T-2")
    run("privacy", "rectify", email, "--set", "email=Corrected@Example.org", "--why", "letter of May")
    run("sync")
    assert set(ask(_USES, profile_id)) == {0}
    assert ask(_INFERRED, profile_id) == (0, 0)
    assert ask(_KEPT, profile_id) == kept
    assert ask("select is_restricted from profiles where profile_id = $1", profile_id) == (True,)
    assert ask(_GOLDEN, profile_id) == ("corrected@example.org", "rectification", "set by a person: letter of May")
    run("privacy", "lift", "corrected@example.org")
    run("privacy", "rectify", profile_id, "--unset", "email")
    run("sync")
    assert min(ask(_USES, profile_id)) > 0
    assert ask(_GOLDEN, profile_id) == golden
