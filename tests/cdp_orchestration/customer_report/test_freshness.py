"""A banner when the data are old or a source is missing: how old, who came last, who has been missing longest."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cdp_orchestration.customer_report.freshness import OLD_AFTER_DAYS, SILENT_AFTER_DAYS
from cdp_orchestration.customer_report.writing import write_report, write_report_of_old_data
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.reader import Release

Publish = Callable[..., Release]

NOW = datetime.fromisoformat("2026-06-30T12:00:00")


def _source(name: str, days_ago: int) -> dict[str, Any]:
    return {"source_system": name, "received_at": NOW - timedelta(days=days_ago), "loaded_at": NOW}


def _banner(settings: Settings, days_later: float) -> str:
    """Return the text of the banner of a page written so many days after the newest data; empty without one."""
    page = write_report(settings, written_at=NOW.replace(tzinfo=UTC) + timedelta(days=days_later)).file
    found = re.search(r'<aside class="banner".*?</aside>', page.read_text(encoding="utf-8"), re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", "", found[0]).split()) if found else ""


def test_new_data_have_no_banner(publish: Publish, settings: Settings) -> None:
    publish(source_receipts=[_source("crm", 0), _source("support", SILENT_AFTER_DAYS - OLD_AFTER_DAYS)])
    assert _banner(settings, OLD_AFTER_DAYS) == ""


def test_old_data_say_how_old_who_came_last_and_who_is_missing_longest(publish: Publish, settings: Settings) -> None:
    publish(source_receipts=[_source("in_store", 4), _source("crm", 0), _source("support", 2)])
    banner = _banner(settings, OLD_AFTER_DAYS + 1)
    assert "These data are old: they reach until 30 June 2026, which was 3 days before" in banner
    assert "CRM was heard of last, on 30 June 2026" in banner
    assert "Stores has been missing longest, since 26 June 2026, 7 days." in banner


def test_a_source_that_is_silent_for_long_is_missing_though_the_others_are_new(
    publish: Publish, settings: Settings
) -> None:
    publish(source_receipts=[_source("crm", 0), _source("support", SILENT_AFTER_DAYS + 1)])
    banner = _banner(settings, 0)
    assert banner.startswith("A source is missing")
    assert "Support has been missing longest, since 22 June 2026, 8 days." in banner


@pytest.mark.parametrize("days_later", [-1, 0.4])
def test_a_page_that_is_written_before_or_on_the_day_of_the_data_is_not_old(
    publish: Publish, settings: Settings, days_later: float
) -> None:
    publish(source_receipts=[_source("crm", 0)])
    assert _banner(settings, days_later) == ""


def test_a_page_of_new_data_is_not_written_again(publish: Publish, settings: Settings) -> None:
    assert write_report_of_old_data(settings) is None
    publish(as_of=[{"as_of_at": datetime.now(UTC).replace(tzinfo=None)}])
    assert write_report_of_old_data(settings) is None
    assert not settings.customer_report.exists()


def test_a_page_of_old_data_gets_its_banner_though_nothing_new_has_landed(publish: Publish, settings: Settings) -> None:
    publish()
    assert _banner(settings, 0) == ""
    written = write_report_of_old_data(settings)
    assert written is not None
    assert "These data are old" in written.file.read_text(encoding="utf-8")
