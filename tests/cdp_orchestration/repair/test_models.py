"""A model that is not what was saved is one line that names the repair, which puts it aside."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cdp_orchestration.benchmark.fault_damages import cut
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
def test_a_damaged_model_is_named_and_put_aside(settings: Settings, file: str, damage: Callable[[Path], None]) -> None:
    model = model_in_force(settings)
    assert model is not None
    assert list(repair_model(settings)) == []
    damage(settings.models / model.version / file)
    with pytest.raises(DamagedModelError, match=r"is not what was saved .*`cdp repair` puts it aside"):
        model_in_force(settings)
    assert len(list(repair_model(settings))) == 1
    assert model_in_force(settings) is None
    assert (settings.models / f"{model.version}.damaged").is_dir()
    assert list(repair_model(settings)) == []


@pytest.mark.parametrize("content", [b"0123456789abcdef", b"\xff\xfe", b"../../etc"])
def test_a_name_of_no_model_is_put_aside(settings: Settings, content: bytes) -> None:
    (settings.models / "IN_FORCE").write_bytes(content)
    with pytest.raises(DamagedModelError):
        model_in_force(settings)
    assert [each.what for each in repair_model(settings)] == ["models/IN_FORCE"]
    assert model_in_force(settings) is None
