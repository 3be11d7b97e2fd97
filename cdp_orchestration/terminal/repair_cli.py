"""``cdp repair``: a damaged home becomes whole again, as far as it has what that takes."""

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.tables import lines, show, show_wait


def repair() -> None:
    """Mend a damaged home: the warehouse, landed batches, the live release and the pointer to it.

    Nothing is deleted: what cannot be used is renamed to end in `.damaged`. Run `cdp sync` afterwards.
    """
    from cdp_orchestration.dbt.project import manifest
    from cdp_orchestration.dbt.published_tables import published_tables
    from cdp_orchestration.home.writer_lock import writer_lock
    from cdp_orchestration.repair import repair_home

    settings = Settings.from_environment()
    with writer_lock(settings.writer_lock, "cdp repair", settings.short_wait_seconds, show_wait):
        repairs = list(repair_home(settings, published_tables(manifest()).values()))
    if not repairs:
        show("Nothing to repair: the warehouse, what has landed and the live release are whole.")
    for each in repairs:
        show(lines([f"{each.what}: {each.found}", f"   {each.done}"]))
