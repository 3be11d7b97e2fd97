"""Who is inactive for longer than the home keeps them, by kind; nothing is due where nothing is said."""

from datetime import datetime
from pathlib import Path

import pytest
from small_releases import FIRST, make_live

from cdp_orchestration.doctor.privacy import privacy_line
from cdp_orchestration.errors import SettingsError
from cdp_orchestration.home.retention import KeptPeople, read_retention
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.privacy.inactivity import due_profiles

COLUMNS = {
    "profiles": {"profile_id": "varchar", "is_anonymous": "boolean", "last_seen_at": "timestamp"},
    "profile_metrics": {"profile_id": "varchar", "order_count": "bigint"},
    "as_of": {"as_of_at": "timestamp"},
}


def day(month: int) -> datetime:
    return datetime(2026, month, 1)  # noqa: DTZ001 - as the contract has it


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    rows = {
        "profiles": [
            ("customer", False, day(1)),
            ("contact", False, day(1)),
            ("visitor", True, day(1)),
            ("newcomer", False, day(6)),
        ],
        "profile_metrics": [("customer", 2), ("contact", 0), ("newcomer", 1)],
        "as_of": [(day(7),)],
    }
    make_live(tmp_path, FIRST, rows, COLUMNS)
    return Settings(home=tmp_path)


def test_no_one_is_due_where_nothing_is_said(home: Settings) -> None:
    assert due_profiles(home, KeptPeople()) == []


@pytest.mark.parametrize("kind", ["customers", "contacts", "visitors"])
def test_each_kind_has_days_of_its_own(home: Settings, kind: str) -> None:
    due = due_profiles(home, KeptPeople.model_validate({kind: 90}))
    assert [(each.profile_id, each.kind) for each in due] == [(kind.removesuffix("s"), kind)]
    assert due_profiles(home, KeptPeople.model_validate({kind: 365})) == []


def test_doctor_counts_who_is_due(home: Settings) -> None:
    assert privacy_line(home).verdict == "ok"
    home.retention.write_text("people: {customers: 90, visitors: 90}\n", encoding="utf-8")
    assert "2 people are inactive" in privacy_line(home).found


def test_days_that_are_no_number_keep_everyone(home: Settings) -> None:
    home.retention.write_text("people: {customers: soon}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="people"):
        read_retention(home.retention)
