"""The list beside the report: only customers who may be contacted, on the channel that permits it, and no formula."""

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cdp_orchestration.customer_report.contacts import COLUMNS
from cdp_orchestration.customer_report.writing import write_report
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.reader import Release

Row = dict[str, Any]
Publish = Callable[..., Release]

NOW = datetime.fromisoformat("2026-06-30T12:00:00")


def _moment(profile_id: str, **others: Any) -> Row:
    row = {
        "moment_id": f"m of {profile_id}",
        "profile_id": profile_id,
        "moment_type": "anniversary",
        "reason": "2 years",
    }
    row |= {"suggested_action": "Send a greeting", "suggested_channel": "email", "purpose": "marketing"}
    row |= {"occurred_at": NOW - timedelta(days=1), "expires_at": NOW + timedelta(days=9)}
    return {**row, "is_surprise": True, "is_current": True, "is_contactable": True, **others}


def _consent(profile_id: str, channel: str = "email", **others: Any) -> Row:
    row = {"profile_id": profile_id, "channel": channel, "purpose": "marketing", "state": "granted"}
    row |= {"since_at": NOW - timedelta(days=30), "source_field": "crm.contact.HasOptedOutOfEmail"}
    return {**row, "is_contactable": True, **others}


def _profile(profile_id: str, **others: Any) -> Row:
    row = {"profile_id": profile_id, "source_count": 1, "record_count": 1, "identity_confidence": 1.0}
    return {**row, "is_anonymous": False, "is_contactable": True, **others}


def _written(settings: Settings) -> list[dict[str, str]]:
    with write_report(settings).contacts_file.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_says_who_for_what_on_which_channel_and_what_permits_it(publish: Publish, settings: Settings) -> None:
    publish(profiles=[_profile("p1")], profile_consents=[_consent("p1")], moments=[_moment("p1")])
    (row,) = _written(settings)
    assert tuple(row) == COLUMNS
    assert row["permitted_by"] == "consent given on 2026-05-31 in crm.contact.HasOptedOutOfEmail"
    assert (row["profile_id"], row["moment_type"], row["channel"]) == ("p1", "anniversary", "email")
    assert (row["reason"], row["expires_at"]) == ("2 years", "2026-07-09 12:00:00+00:00")


def test_a_call_for_service_needs_no_consent_but_no_refusal(publish: Publish, settings: Settings) -> None:
    service = {"moment_type": "service_recovery", "suggested_channel": "phone", "purpose": "service"}
    publish(
        profiles=[_profile("asked"), _profile("refused")],
        profile_consents=[
            _consent("asked", "call", state="refused", is_contactable=False),
            _consent("refused", "call", purpose="service", state="refused", is_contactable=False),
        ],
        moments=[_moment("asked", **service), _moment("refused", **service)],
    )
    (row,) = _written(settings)
    assert (row["profile_id"], row["channel"]) == ("asked", "call")
    assert row["permitted_by"] == "service needs no consent, and none is refused"


@pytest.mark.parametrize(
    ("profile", "consents", "moment"),
    [
        ({}, [], {}),
        ({}, [_consent("p", state="refused", is_contactable=False)], {}),
        ({}, [_consent("p", is_contactable=False)], {}),
        ({}, [_consent("p", "sms")], {}),
        ({}, [_consent("p", "sms")], {"suggested_channel": "phone"}),
        ({}, [_consent("p")], {"is_contactable": False}),
        ({}, [_consent("p")], {"is_current": False}),
        ({"is_anonymous": True}, [_consent("p")], {}),
    ],
)
def test_without_consent_address_or_a_current_moment_no_one_is_listed(
    publish: Publish, settings: Settings, profile: Row, consents: list[Row], moment: Row
) -> None:
    publish(profiles=[_profile("p", **profile)], profile_consents=consents, moments=[_moment("p", **moment)])
    assert _written(settings) == []


@pytest.mark.parametrize("formula", ["=1+1", "+49 30", "-2", "@SUM(A1)", "\t=1", "＝1", "'=1"])
def test_no_cell_is_a_formula(publish: Publish, settings: Settings, formula: str) -> None:
    texts = dict.fromkeys(("moment_id", "moment_type", "reason", "suggested_action"), formula)
    publish(
        profiles=[_profile(formula)],
        profile_consents=[_consent(formula, source_field=formula)],
        moments=[_moment(formula, **texts)],
    )
    (row,) = _written(settings)
    assert [name for name, value in row.items() if value.lstrip().startswith(tuple("=+-@＝"))] == []
    assert row["reason"] == f"'{formula}"


def test_the_most_urgent_moment_comes_first(publish: Publish, settings: Settings) -> None:
    publish(
        profiles=[_profile("late"), _profile("soon")],
        profile_consents=[_consent("late"), _consent("soon")],
        moments=[_moment("late"), _moment("soon", expires_at=NOW + timedelta(hours=1))],
    )
    assert [row["profile_id"] for row in _written(settings)] == ["soon", "late"]


def test_only_the_owner_may_read_the_report_and_the_list(publish: Publish, settings: Settings, tmp_path: Path) -> None:
    publish(profiles=[_profile("p")])
    output = tmp_path / "elsewhere" / "all.html"
    output.parent.mkdir()
    output.write_text("of another report, readable for all", encoding="utf-8")
    written = write_report(settings, output)
    assert written.contacts_file == output.with_name("all_contacts.csv")
    assert [file.stat().st_mode & 0o777 for file in (written.file, written.contacts_file)] == [0o600, 0o600]
    assert f"{written.contacts_file.name}</code> has" in output.read_text(encoding="utf-8")
