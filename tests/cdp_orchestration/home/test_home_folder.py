"""A home lies in any folder whose name Dagster's storage finds again."""

import pytest

from cdp_orchestration.errors import SettingsError
from cdp_orchestration.home.settings import Settings


@pytest.mark.parametrize("name", ["O'Neill's [home] {a} ä", "50% off", "a#b", "100%"])
def test_a_home_may_have_any_other_name(tmp_path, monkeypatch, name):
    monkeypatch.setenv("CDP_HOME", str(tmp_path / name))
    assert Settings.from_environment().home == tmp_path / name


@pytest.mark.parametrize(("name", "found"), [("My%20data", "`%20`"), ("which?", "`?`")])
def test_a_path_that_means_another_place_to_dagster_is_refused(tmp_path, monkeypatch, name, found):
    monkeypatch.setenv("CDP_HOME", str(tmp_path / name))
    with pytest.raises(SettingsError, match="Rename the folder") as refused:
        Settings.from_environment()
    assert found in str(refused.value)
    assert not (tmp_path / name).exists()
