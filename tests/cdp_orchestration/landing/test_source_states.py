"""What is wrong with the sources is known with its beginning, so that a release can say it."""

from pathlib import Path

import pytest

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import SourceState, create_landing_views, fetch_stream, land_stream, source_states
from cdp_orchestration.landing.pauses import pause_source
from cdp_orchestration.sources import declared_stream

CLUB = """
source: club
streams:
  members:
    key: [id]
    fields: {id: identifier}
    from: {kind: sqlite, path: nowhere.db, table: members}
  visits: {key: [id], fields: {id: identifier}}
"""


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "club.yml").write_text(CLUB, encoding="utf-8")
    return Settings(home=tmp_path)


def states(home: Settings) -> list[SourceState]:
    with open_warehouse(home.warehouse) as connection:
        create_landing_views(connection, home)
        return source_states(connection, home)


def test_healthy_sources_have_no_entry(home):
    assert states(home) == []


def test_a_problem_lasts_from_the_first_fetch_that_failed(home):
    stream = declared_stream("club/members", home)
    fetch_stream(stream, home)
    (first,) = states(home)
    fetch_stream(stream, home)

    assert states(home) == [first]
    assert (first.source, first.stream, first.state) == ("club", "members", "degraded")
    assert first.why.startswith("not fetched: ")


def test_refused_files_degrade_their_stream_until_they_are_corrected(home):
    folder = home.inbox / "club" / "visits"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("number\n1\n")
    stream = declared_stream("club/visits", home)
    land_stream(stream, home)

    (found,) = states(home)
    (folder / "a.csv").write_text("id\n1\n")
    land_stream(stream, home)

    assert (found.stream, found.why) == ("visits", "1 file is refused: missing_required_column")
    assert states(home) == []


def test_a_paused_source_is_named_with_the_time(home):
    pause_source(home, "crm")

    (found,) = states(home)

    assert (found.source, found.stream, found.state, found.why) == ("crm", None, "paused", "by a person")
    assert found.since.startswith("20")


def test_a_stream_that_has_not_delivered_in_time_is_stale(home):
    text = CLUB.replace("streams:", "freshness: 26 hours\nstreams:", 1)
    (home.own_sources / "club.yml").write_text(text, encoding="utf-8")
    folder = home.inbox / "club" / "visits"
    folder.mkdir(parents=True)
    (folder / "a.csv").write_text("id\n1\n")
    land_stream(declared_stream("club/visits", home), home)
    fresh = states(home)
    with open_warehouse(home.warehouse) as connection:
        connection.execute("update operations.landing_batches set loaded_at = loaded_at - interval '3 days'")

    (stale,) = states(home)

    assert fresh == []
    assert (stale.stream, stale.state) == ("visits", "stale")
    assert "expected within 26 hours" in stale.why
