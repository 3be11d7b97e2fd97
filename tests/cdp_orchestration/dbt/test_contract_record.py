"""What readers rely on is recorded, and no change takes it away within a major version."""

import json
from pathlib import Path

import pytest

from cdp_orchestration.dbt.contract_record import (
    ContractError,
    breaking_changes,
    contract_of,
    record_contract,
    record_file,
)
from cdp_orchestration.dbt.project import manifest
from cdp_orchestration.dbt.published_tables import published_tables

RECORDED = {"profiles": {"profile_id": "varchar", "created_at": "timestamp"}, "orders": {"order_id": "varchar"}}


def test_the_models_keep_the_recorded_contract_and_what_they_add_is_recorded() -> None:
    recorded = json.loads(record_file().read_text(encoding="utf-8"))
    present = contract_of(published_tables(manifest()))
    assert list(breaking_changes(recorded, present)) == [], "see cdp_orchestration/dbt/contract_record.py"
    assert recorded == present, "run `make generate`"


def test_every_published_time_says_that_it_is_utc() -> None:
    types = [kind for columns in contract_of(published_tables(manifest())).values() for kind in columns.values()]
    assert {kind for kind in types if "timestamp" in kind} == {"timestamp with time zone"}


def test_what_is_gone_or_has_another_type_breaks_a_contract_and_what_is_added_does_not() -> None:
    present = {"profiles": {"profile_id": "varchar", "created_at": "date", "added": "varchar"}, "added": {}}
    assert list(breaking_changes(RECORDED, present)) == [
        "column profiles.created_at was timestamp and is date",
        "table orders is gone",
    ]
    del present["profiles"]["created_at"]
    assert "column profiles.created_at is gone" in breaking_changes(RECORDED, present)


def test_a_broken_contract_is_not_recorded(tmp_path: Path) -> None:
    file = tmp_path / "contracts" / "2.json"
    record_contract(RECORDED, file)
    record_contract({**RECORDED, "added": {"id": "varchar"}}, file)
    written = file.read_text(encoding="utf-8")
    assert list(json.loads(written)) == ["profiles", "orders", "added"]
    with pytest.raises(ContractError, match=r"table orders is gone; table added is gone\. Keep it, or"):
        record_contract({"profiles": RECORDED["profiles"]}, file)
    assert file.read_text(encoding="utf-8") == written


def test_each_major_version_has_a_record_of_its_own(tmp_path: Path) -> None:
    assert record_file("3.1", tmp_path).name == "3.json"
