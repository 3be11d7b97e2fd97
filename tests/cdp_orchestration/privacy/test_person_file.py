"""What a person may see: everything about them, nothing of others, and no value that becomes markup."""

import json
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from narrow_screen import BROWSER, measure_page
from small_releases import FIRST, make_live

from cdp_orchestration.dbt.project import manifest, published_models
from cdp_orchestration.errors import CdpError, ProfileNotFoundError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.privacy.person import OF_NO_ONE, condition_of
from cdp_orchestration.privacy.person_file import PersonFileError, default_folder, write_person_file
from cdp_orchestration.privacy.roles import published_role
from cdp_orchestration.release.reader import require_live_release

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"
STRANGER = "the stranger's"
COLUMNS = {
    "profiles": {
        "profile_id": "varchar",
        "full_name": "varchar",
        "household_id": "varchar",
        "country_code": "varchar",
    },
    "profile_records": {
        "person_record_id": "varchar",
        "profile_id": "varchar",
        "source_record_id": "varchar",
        "source_system": "varchar",
        "source_record_type": "varchar",
    },
    "profile_redirects": {"old_profile_id": "varchar", "profile_id": "varchar", "reason": "varchar"},
    "profile_identifiers": {
        "profile_id": "varchar",
        "identifier_type": "varchar",
        "identifier_value": "varchar",
        "first_seen_at": "timestamp",
        "last_seen_at": "timestamp",
    },
    "profile_events": {
        "profile_id": "varchar",
        "event_type": "varchar",
        "decided_by": "varchar",
        "occurred_at": "timestamp",
    },
    "profile_history": {"profile_id": "varchar", "valid_to": "timestamp", "full_name": "varchar"},
    "match_edges": {
        "person_record_id_left": "varchar",
        "person_record_id_right": "varchar",
        "reason": "varchar",
        "match_probability": "double",
        "is_used": "boolean",
    },
    "touchpoints": {
        "person_record_id": "varchar",
        "profile_id": "varchar",
        "occurred_at": "timestamp",
        "topic": "varchar",
    },
    "quality_results": {"run_id": "varchar"},
}
ROWS: dict[str, list[tuple[Any, ...]]] = {
    "profiles": [("p", f"Ada {HOSTILE}", "h", "GB"), ("q", STRANGER, "h", "GB")],
    "profile_records": [
        ("crm:contact:1", "p", "1", "crm", "contact"),
        ("crm:contact:2", "p", "2", "crm", "contact"),
        ("crm:contact:3", "q", "3", "crm", "contact"),
    ],
    "profile_redirects": [("o", "p", "merged")],
    "profile_identifiers": [("p", "email", "ada@example.org", None, None), ("q", "email", "q@example.org", None, None)],
    "profile_events": [("p", "split", "an employee", "2026-01-02 00:00:00")],
    "profile_history": [("o", "2026-01-01 12:00:00", STRANGER), ("p", None, "Ada")],
    "match_edges": [
        ("crm:contact:1", "crm:contact:2", "probabilistic_match", 0.97, True),
        ("crm:contact:1", "crm:contact:3", "probabilistic_match", 0.4, False),
    ],
    "touchpoints": [
        ("crm:contact:1", "p", "2026-01-03 00:00:00", HOSTILE),
        ("crm:contact:3", "q", "2026-01-03 00:00:00", STRANGER),
    ],
    "quality_results": [("run",)],
}


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    make_live(tmp_path / "home", FIRST, ROWS, COLUMNS)
    return Settings(tmp_path / "home")


def test_a_file_has_everything_about_the_person_and_nothing_of_others(home: Settings, tmp_path: Path) -> None:
    written = write_person_file(home, "ada@example.org", tmp_path / "T-1")
    text = (tmp_path / "T-1" / "person.json").read_text(encoding="utf-8")
    found = json.loads(text)
    assert (written.profile_id, written.record_count) == ("p", 2)
    assert (found["request_id"], found["former_profile_ids"]) == ("T-1", ["o"])
    assert {name: len(table["rows"]) for name, table in found["tables"].items()} == {
        "match_edges": 1,
        "profile_events": 1,
        "profile_history": 1,
        "profile_identifiers": 1,
        "profile_records": 2,
        "profile_redirects": 1,
        "profiles": 1,
        "touchpoints": 1,
    }
    for others in (STRANGER, "q@example.org", "crm:contact:3", "an employee"):
        assert others not in text + (tmp_path / "T-1" / "person.html").read_text(encoding="utf-8")
    assert found["tables"]["touchpoints"]["rows"][0]["occurred_at"] == "2026-01-03T00:00:00+00:00"


def test_a_file_says_in_words_why_records_were_joined(home: Settings, tmp_path: Path) -> None:
    write_person_file(home, "p", tmp_path / "T-1")
    found = json.loads((tmp_path / "T-1" / "person.json").read_text(encoding="utf-8"))
    assert [(join["left"], join["right"], join["because"]) for join in found["joined_because"]] == [
        ("crm:contact:1", "crm:contact:2", "match weight above the threshold")
    ]


def test_what_a_profile_looked_like_before_it_was_parted_is_left_out_and_said(home: Settings, tmp_path: Path) -> None:
    write_person_file(home, "p", tmp_path / "T-1")
    page = (tmp_path / "T-1" / "person.html").read_text(encoding="utf-8")
    assert "Records were taken out of this profile on 2026-01-02" in page


def test_a_hostile_value_is_text_of_the_page(home: Settings, tmp_path: Path) -> None:
    write_person_file(home, "p", tmp_path / "T-1")
    page = (tmp_path / "T-1" / "person.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)" in page
    assert not re.search(r"<(script|img|link|iframe|object)\b", page)
    assert "http" not in page.replace('http-equiv="Content-Security-Policy"', "")
    assert "default-src 'none'" in page


def test_only_the_user_reads_a_file_also_one_that_others_could_read_before(home: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "T-1"
    folder.mkdir(mode=0o755)
    (folder / "person.json").touch(mode=0o644)
    write_person_file(home, "p", folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_a_folder_with_other_files_stays_as_it_is(home: Settings, tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o755)
    (tmp_path / "shared" / "minutes.txt").touch()
    with pytest.raises(PersonFileError, match="holds 1 other file"):
        write_person_file(home, "p", tmp_path / "shared")
    assert stat.S_IMODE((tmp_path / "shared").stat().st_mode) == 0o755


def test_a_value_that_several_profiles_share_is_asked_again(home: Settings, tmp_path: Path) -> None:
    rows = {**ROWS, "profile_identifiers": [(each, "email", "home@example.org", None, None) for each in "pq"]}
    make_live(tmp_path / "other", FIRST, rows, COLUMNS)
    with pytest.raises(ProfileNotFoundError, match=r"2 profiles share that value \(p, q\)"):
        write_person_file(Settings(tmp_path / "other"), "home@example.org", tmp_path / "T-1")
    with pytest.raises(ProfileNotFoundError):
        write_person_file(home, "no.one@example.org", tmp_path / "T-1")
    assert not (tmp_path / "T-1").exists()


@pytest.mark.parametrize("request_id", ["../T-1", "", "a/b", ".hidden"])
def test_a_request_id_leads_out_of_no_folder(request_id: str, tmp_path: Path) -> None:
    with pytest.raises(CdpError, match="is no name of a folder"):
        default_folder(Settings(tmp_path), request_id)


def test_every_published_table_about_people_is_in_a_file() -> None:
    tables = {name: tuple(node["columns"]) for name, node in published_models(manifest()).items()}
    about_people = {
        name
        for name, columns in tables.items()
        if any(published_role(name, column) in {"identifying", "key"} for column in columns)
    }
    assert {name for name in about_people if condition_of(name, tables[name]) is None} == OF_NO_ONE


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
def test_a_real_file_is_read_on_a_narrow_screen(live_home: Path, tmp_path: Path) -> None:
    settings = Settings(live_home)
    with require_live_release(settings.releases).connect() as release:
        most = "select profile_id from profiles order by source_count desc, record_count desc, profile_id limit 1"
        profile_id = release.execute(most).fetchall()[0][0]
    written = write_person_file(settings, profile_id, tmp_path / "T-1")
    found = json.loads((written.folder / "person.json").read_text(encoding="utf-8"))
    assert len(found["joined_because"]) >= written.record_count - 1
    assert any(join["agrees"] for join in found["joined_because"])
    assert found["tables"]["profile_attributes"]["rows"]
    (tmp_path / "scratch").mkdir()
    measured = measure_page(written.folder / "person.html", 390, tmp_path / "scratch")
    assert (measured.cut, measured.page_width <= measured.width) == ([], True)
