from pathlib import Path

import pytest

from cdp_orchestration.errors import SettingsError
from cdp_orchestration.home.retention import read_retention


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert str(read_retention(tmp_path / "retention.yml")) == (
        "the 24 newest releases and the last of 30 days stay, Dagster's runs of 90 days, and refused rows of 365 days"
    )


def test_what_the_file_leaves_out_is_the_default(tmp_path: Path) -> None:
    file = tmp_path / "retention.yml"
    file.write_text("releases: {keep: 3}\n", encoding="utf-8")
    retention = read_retention(file)
    assert (retention.releases.keep, retention.releases.keep_daily) == (3, 30)
    assert str(retention.with_releases(None, 0)).startswith("the 3 newest releases and the last of 0 days")


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("releases: {keep: 0}", "releases.keep: Input should be greater than or equal to 1"),
        ("releases: {keeps: 3}", "releases.keeps: Extra inputs are not permitted"),
        ("runs: {keep_days: many}", "runs.keep_days"),
        ("releases: [", "line 2: found no YAML"),
        ("- a", "valid dictionary"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_expected(tmp_path: Path, written: str, found: str) -> None:
    file = tmp_path / "retention.yml"
    file.write_text(written + "\n", encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        read_retention(file)
    assert str(file) in str(raised.value)
    assert found in str(raised.value)
    assert "until then nothing is removed" in str(raised.value)
