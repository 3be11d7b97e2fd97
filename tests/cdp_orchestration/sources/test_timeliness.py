"""When a source is loaded by itself, and how old a delivery may become, as its declaration says it."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.sources import DeclarationError, Stream, declared_sources, declared_streams
from cdp_orchestration.sources.timeliness import Freshness, Schedule

PARCELS = """\
source: parcels
schedule: {cron: "30 6 * * 1-5", time_zone: Asia/Tokyo}
freshness: {warn: 26 hours, fail: 3 days}
streams:
  scans: {key: [id], fields: {id: identifier}}
  depots: {key: [id], fields: {id: identifier}, freshness: false}
  claims: {key: [id], fields: {id: identifier}, freshness: 2 weeks}
"""


def _declared(home: Path, name: str, text: str) -> Settings:
    (home / "sources").mkdir(exist_ok=True)
    (home / "sources" / f"{name}.yml").write_text(text, encoding="utf-8")
    return Settings(home)


def _stream(settings: Settings, table: str) -> Stream:
    return next(stream for stream in declared_streams(settings) if stream.table == table)


@pytest.mark.parametrize("cron", ["0 * * * *", "*/5 * * * *", "30 6 * * 1-5", "0 0,12 1 */2 *", "0-30/10 4 31 12 7"])
def test_a_time_in_the_form_of_cron_is_taken(cron: str) -> None:
    assert Schedule.model_validate(cron).cron == cron


@pytest.mark.parametrize("cron", ["", "hourly", "@hourly", "0 * * *", "60 * * * *", "0 24 * * *", "0 9-8 * * *"])
def test_any_other_time_is_refused_with_an_example(cron: str) -> None:
    with pytest.raises(ValidationError, match=r"0 \* \* \* \*"):
        Schedule.model_validate(cron)


def test_one_age_alone_warns_and_is_no_error() -> None:
    assert Freshness.model_validate("26 hours") == Freshness(warn=timedelta(hours=26))


@pytest.mark.parametrize("age", ["26", "0 hours", "-1 days", "1.5 days", "a day", "99999 weeks"])
def test_an_age_without_a_number_or_unit_is_refused(age: str) -> None:
    with pytest.raises(ValidationError, match="such as 26 hours"):
        Freshness.model_validate(age)


def test_a_warning_comes_before_its_error() -> None:
    with pytest.raises(ValidationError, match="warn is not below fail"):
        Freshness.model_validate({"warn": "3 days", "fail": "72 hours"})


def test_a_stream_expects_what_its_source_does_unless_it_says_otherwise(tmp_path: Path) -> None:
    settings = _declared(tmp_path, "parcels", PARCELS)
    assert _stream(settings, "parcels_scans").freshness == Freshness(warn=timedelta(hours=26), fail=timedelta(days=3))
    assert _stream(settings, "parcels_depots").freshness is None
    assert _stream(settings, "parcels_claims").freshness == Freshness(warn=timedelta(weeks=2))
    assert declared_sources(settings)[-1].schedule == Schedule(cron="30 6 * * 1-5", time_zone="Asia/Tokyo")


def test_a_wrong_schedule_names_the_file_the_line_and_what_was_found(tmp_path: Path) -> None:
    settings = _declared(tmp_path, "parcels", PARCELS.replace("30 6 * * 1-5", "30 25 * * *"))
    with pytest.raises(
        DeclarationError, match=r"parcels\.yml line 2: schedule\.cron: found '30 25 \* \* \*'; 25 is no"
    ):
        declared_sources(settings)


def test_a_time_zone_that_is_none_is_refused(tmp_path: Path) -> None:
    settings = _declared(tmp_path, "parcels", PARCELS.replace("Asia/Tokyo", "Tokyo time"))
    with pytest.raises(DeclarationError, match="found 'Tokyo time'; expected the name of a time zone"):
        declared_sources(settings)


def test_another_freshness_of_a_stream_that_ships_lands_no_file_again(tmp_path: Path) -> None:
    shipped = _stream(Settings(tmp_path), "support_tickets")
    changed = "source: support\nschedule: '0 5 * * *'\nstreams: {tickets: {freshness: 90 minutes}}\n"
    settings = _declared(tmp_path, "support", changed)
    assert _stream(settings, "support_tickets").freshness == Freshness(warn=timedelta(minutes=90))
    assert _stream(settings, "support_tickets").declaration == shipped.declaration == ""
