"""Texts that are kept too long: counted first, then taken out and logged; nothing is due where nothing is said."""

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from small_releases import FIRST, make_live

from cdp_orchestration.doctor.privacy import privacy_line
from cdp_orchestration.home.retention import KeptTexts, read_retention
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing import land_stream
from cdp_orchestration.privacy.old_texts import OldTexts, coarsen_texts, old_texts
from cdp_orchestration.privacy.requests import read_log
from cdp_orchestration.privacy.settings import PrivacySettings
from cdp_orchestration.sources import declared_stream

NOW = datetime(2026, 11, 29, 10, tzinfo=UTC)
STREAM = "support/survey_responses"
AS_OF = datetime(2026, 7, 1)  # noqa: DTZ001 - as the contract has it
KEPT, EVER = KeptTexts(keep_days=90), KeptTexts()


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path)
    stream = declared_stream(STREAM, settings)
    path = settings.inbox / STREAM / "a.jsonl"
    path.parent.mkdir(parents=True)
    answers = [
        {"response_id": f"R{month}", "comment": f"Zoe in {month}", "survey": "nps", "score": 9, "responded_at": at}
        for month, at in ((1, "2026-01-01T00:00:00Z"), (6, "2026-06-01T00:00:00Z"))
    ]
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in answers))
    assert land_stream(stream, settings).rows_landed == 2
    make_live(tmp_path, FIRST, {"as_of": [(AS_OF,)]}, {"as_of": {"as_of_at": "timestamp"}})
    return settings


def comments(settings: Settings) -> list[tuple[object, ...]]:
    with open_warehouse(settings.warehouse) as connection:
        query = "select response_id, comment, score from landing.support_survey_responses order by response_id"
        return connection.execute(query).fetchall()


def test_days_are_counted_from_the_newest_thing_that_has_landed(home: Settings) -> None:
    assert old_texts(home, KEPT) == [OldTexts(STREAM, 1)]
    assert old_texts(home, KeptTexts(keep_days=365)) == []
    assert old_texts(home, EVER) == []


def test_to_count_them_changes_nothing(home: Settings) -> None:
    before = comments(home)
    old_texts(home, KEPT)
    assert comments(home) == before


def test_they_are_taken_out_once_and_the_log_says_how_many(home: Settings) -> None:
    assert coarsen_texts(home, EVER, PrivacySettings(), "ada", NOW) == 0
    assert coarsen_texts(home, KEPT, PrivacySettings(), "ada", NOW) == 1
    assert comments(home) == [("R1", None, 9), ("R6", "Zoe in 6", 9)]
    assert coarsen_texts(home, KEPT, PrivacySettings(), "ada", NOW) == 0
    (entry,) = read_log(home)
    assert (entry.request_type, entry.system_name, entry.profile_id, entry.rows_affected) == (
        "coarsen", "support", "", 1,
    )  # fmt: skip
    assert entry.completed_at
    assert not any(b"Zoe in 1" in path.read_bytes() for path in home.inbox.rglob("*.jsonl"))


def test_doctor_counts_rows_with_old_texts(home: Settings) -> None:
    columns = {
        "profiles": {"profile_id": "varchar", "is_anonymous": "boolean", "last_seen_at": "timestamp"},
        "profile_metrics": {"profile_id": "varchar", "order_count": "bigint"},
        "as_of": {"as_of_at": "timestamp"},
    }
    make_live(home.home, "r2", {"profiles": [], "profile_metrics": [], "as_of": [(AS_OF,)]}, columns)
    assert privacy_line(home).verdict == "ok"
    home.retention.write_text("texts: {keep_days: 90}\n", encoding="utf-8")
    assert read_retention(home.retention).texts == KEPT
    assert "1 rows have texts beyond what is kept" in privacy_line(home).found
