"""The commands that write what is known of the published tables into files."""

from pathlib import Path
from typing import Annotated

import typer

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.dictionary import Form
from cdp_orchestration.terminal.tables import show

export_app = typer.Typer(no_args_is_help=True, help="Files about the published tables.")

_ENDINGS: dict[Form, str] = {"csv": "csv", "markdown": "md", "json": "json"}


@export_app.command(
    epilog="Example: cdp export dictionary --form markdown --output dictionary.md\n\nJSON: release_id, created_at, "
    "contract_version, columns: [{table, table_meaning, column, type, meaning, classification, role}]."
)
def dictionary(
    form: Annotated[Form, typer.Option(help="The form of the file.")] = "csv",
    output: Annotated[
        Path | None, typer.Option(help="The file; by default reports/data_dictionary with the ending of its form.")
    ] = None,
) -> None:
    """Write what every table and column of the live release means, with its type, classification and role."""
    from cdp_orchestration.privacy.roles import published_role
    from cdp_orchestration.release.dictionary import written_dictionary
    from cdp_orchestration.release.reader import require_live_release

    settings = Settings.from_environment()
    release = require_live_release(settings.releases)
    file = output or settings.reports / f"data_dictionary.{_ENDINGS[form]}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(written_dictionary(release.manifest, form, published_role), encoding="utf-8")
    count = sum(len(entry["columns"]) for entry in release.manifest["tables"].values())
    show(f"Wrote {file}: {count:,} columns of {len(release.manifest['tables'])} tables")
