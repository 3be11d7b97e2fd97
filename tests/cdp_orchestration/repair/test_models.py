"""A model that is not what was saved is one line that names the repair: its copy decides, as it did."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cdp_orchestration.benchmark.faults.damages import cut
from cdp_orchestration.errors import DamagedModelError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.models import model_in_force, put_in_force
from cdp_orchestration.repair.models import repair_model
from identity import TrainedModel
from identity.model.trained_model import default_parameters


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with a model in force."""
    settings = Settings(tmp_path)
    put_in_force(settings, TrainedModel(1e-4, 0.5, default_parameters(), {}))
    return settings


def _overwrite(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] = 0xF5
    file.write_bytes(content)


@pytest.mark.parametrize("damage", [cut, _overwrite, Path.unlink])
@pytest.mark.parametrize("file", ["model.json", "word_roles.parquet"])
def test_a_damaged_model_is_put_aside_and_its_copy_decides(
    settings: Settings, file: str, damage: Callable[[Path], None]
) -> None:
    model = model_in_force(settings)
    assert model is not None
    assert list(repair_model(settings)) == []
    damage(settings.models / model.version / file)
    with pytest.raises(DamagedModelError, match="cdp repair"):
        model_in_force(settings)
    assert [each.done for each in repair_model(settings)] == ["put aside; its copy decides as it did"]
    assert model_in_force(settings) == model
    assert (settings.models / f"{model.version}.damaged").is_dir()
    assert list(repair_model(settings)) == []


@pytest.mark.parametrize("damage", [cut, _overwrite, Path.unlink])
def test_a_model_whose_copy_is_damaged_as_well_is_put_aside(settings: Settings, damage: Callable[[Path], None]) -> None:
    model = model_in_force(settings)
    assert model is not None
    damage(settings.models / model.version / "model.json")
    damage(settings.models / "copies" / model.version / "model.json")
    assert ["trains another one" in each.done for each in repair_model(settings)] == [True]
    assert model_in_force(settings) is None
    assert list(repair_model(settings)) == []


@pytest.mark.parametrize("content", [b"", b"no model", b"\xff\xfe", b"../../etc"])
def test_a_name_of_no_model_is_put_aside_and_the_copy_is_named(settings: Settings, content: bytes) -> None:
    model = model_in_force(settings)
    (settings.models / "IN_FORCE").write_bytes(content)
    with pytest.raises(DamagedModelError, match="cdp repair"):
        model_in_force(settings)
    assert [each.what for each in repair_model(settings)] == ["models/IN_FORCE"]
    assert model_in_force(settings) == model


def test_another_model_in_force_leaves_no_copy_of_the_former(settings: Settings) -> None:
    other = TrainedModel(1e-3, 0.5, default_parameters(), {})
    put_in_force(settings, other)
    assert [copy.name for copy in (settings.models / "copies").iterdir()] == [other.version]


def test_a_model_whose_name_is_lost_is_its_copy(settings: Settings) -> None:
    model = model_in_force(settings)
    (settings.models / "IN_FORCE").unlink()
    assert model_in_force(settings) == model


def test_what_lies_in_the_place_of_a_model_and_is_not_it_is_replaced(settings: Settings) -> None:
    model = model_in_force(settings)
    assert model is not None
    cut(settings.models / model.version / "model.json")
    put_in_force(settings, model)
    assert model_in_force(settings) == model


def test_a_candidate_goes_on_waiting_when_the_model_in_force_is_mended(settings: Settings) -> None:
    waiting = settings.models / "CANDIDATE.json"
    waiting.write_text("{}", encoding="utf-8")
    model = model_in_force(settings)
    assert model is not None
    cut(settings.models / model.version / "model.json")
    assert len(list(repair_model(settings))) == 1
    assert waiting.exists()
