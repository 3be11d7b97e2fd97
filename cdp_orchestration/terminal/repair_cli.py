"""``cdp repair``: a damaged home becomes whole again, as far as it has what that takes."""

import typer

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.tables import lines, show, show_wait


def repair() -> None:
    """Mend a damaged home: warehouse, landed batches, live release, pointer, and the files that commands work with.

    Nothing is deleted: what cannot be used is renamed to end in `.damaged`. Run `cdp sync` afterwards.

    Raises:
        Exit: 1, where something cannot be mended by what the home has.
    """
    from cdp_orchestration.dbt.project import manifest
    from cdp_orchestration.dbt.published_tables import growing_tables, published_tables
    from cdp_orchestration.home.audit import record
    from cdp_orchestration.home.writer_lock import writer_lock
    from cdp_orchestration.identity_stage.published import CONTINUED
    from cdp_orchestration.repair import repair_home

    settings = Settings.from_environment()
    project = manifest()
    continued = {*CONTINUED, *growing_tables(project)}
    with writer_lock(settings.writer_lock, "cdp repair", settings.short_wait_seconds, show_wait):
        repairs = []
        for each in repair_home(settings, tuple(published_tables(project).values()), continued):
            show(lines([f"{each.what}: {each.found}", f"   {each.done}"]))
            repairs.append(each)
        if repairs:
            details = {"places": [each.what for each in repairs], "mended": sum(each.is_mended for each in repairs)}
            record(settings.audit, "repair", "home", details=details)
    if not repairs:
        show("Nothing to repair: the warehouse, what has landed and the live release are whole.")
    if not all(each.is_mended for each in repairs):
        raise typer.Exit(1)
