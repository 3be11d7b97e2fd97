"""A model of identity that is not what was saved is put aside; its copy decides, or the next sync trains another."""

from collections.abc import Iterator

from cdp_orchestration.home.durable_files import put_aside
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.identity_stage.models import model_damage, named_in_force, restore_copy
from cdp_orchestration.repair.repaired import Repair


def repair_model(settings: Settings) -> Iterator[Repair]:
    """Put the model in force aside where it cannot be used, with the file that names it, and its copy in force.

    Args:
        settings: the home.

    Yields:
        What was wrong.
    """
    if model_damage(settings) is None:
        return
    name, folder = named_in_force(settings)
    places = [str(each.relative_to(settings.home)) for each in (name, folder) if each]
    for each in (name, folder):
        if each:
            put_aside(each)
    if restore_copy(settings, folder.name if folder else None):
        done = "put aside; its copy decides as it did"
    else:
        done = "put aside; `cdp sync` trains another one, and the ids of profiles go on from the live release"
    yield Repair(" and ".join(places), "is no model as it was saved", done)
