"""The folders of models: ``models/<version>/``, and ``models/copies/<version>/`` for one that decided.

A model that is trained anew, on other records, decides otherwise, so that a damaged disk would change profiles: hence
the copy. A version is a hash of the content, so that a copy proves itself.
"""

import shutil
from contextlib import suppress
from pathlib import Path

import pyarrow as pa

from cdp_orchestration.home.durable_files import UNFINISHED_ENDING, sync_to_disk
from cdp_orchestration.home.settings import Settings
from identity import IdentityError, TrainedModel

UNREADABLE = (IdentityError, ValueError, KeyError, TypeError, OSError, pa.ArrowException)
"""What reading a model raises that is not what was saved."""
_COPIES = "copies"


def store_model(settings: Settings, model: TrainedModel, *, with_copy: bool) -> None:
    """Store a model, each folder in one step; one that is there already, and sound, is the same model and stays.

    Args:
        settings: the home.
        model: the model.
        with_copy: whether it decides, so that a copy is kept.
    """
    for folder in (settings.models, settings.models / _COPIES) if with_copy else (settings.models,):
        _save(model, folder / model.version)


def remove_other_copies(settings: Settings, version: str) -> None:
    """Remove the copies of all models but one."""
    _remove_others(settings.models / _COPIES, version)


def remove_other_models(settings: Settings, version: str) -> None:
    """Remove all models but one, with their copies, and what a repair has put aside."""
    _remove_others(settings.models, version, _COPIES)
    remove_other_copies(settings, version)


def sound_copy(settings: Settings, version: str | None) -> TrainedModel | None:
    """Return the copy of a model that decided; None without one that is what was saved.

    Args:
        settings: the home.
        version: the model that is looked for; where it is not known, any that decided.

    Returns:
        The model.
    """
    for folder in sorted((settings.models / _COPIES).glob(version or "*")):
        with suppress(*UNREADABLE):
            return TrainedModel.load(folder)
    return None


def _save(model: TrainedModel, folder: Path) -> None:
    with suppress(*UNREADABLE):
        TrainedModel.load(folder)
        return
    unfinished = folder.with_name(folder.name + UNFINISHED_ENDING)
    shutil.rmtree(unfinished, ignore_errors=True)
    model.save(unfinished)
    for file in unfinished.iterdir():
        sync_to_disk(file)
    shutil.rmtree(folder, ignore_errors=True)  # of another format, or damaged
    unfinished.rename(folder)
    sync_to_disk(folder.parent)


def _remove_others(folder: Path, *kept: str) -> None:
    for each in list(folder.iterdir()) if folder.exists() else []:
        if each.is_dir() and each.name not in kept:
            shutil.rmtree(each)
