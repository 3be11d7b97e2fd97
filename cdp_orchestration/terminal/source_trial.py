"""What `cdp source check` shows of one stream: how its rows fare in landing, without landing them."""

import typer

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.tables import facts, show, table


def show_trial(name: str, settings: Settings) -> None:
    """Try a stream and show what became of its rows; ends with 1 where no row could land."""
    from cdp_orchestration.landing.trial import try_stream
    from cdp_orchestration.sources import declared_stream

    trial = try_stream(declared_stream(name, settings), settings)
    landed = trial.landed
    columns = {
        "undeclared columns": landed.undeclared_columns,
        "columns left out": landed.left_out_columns,
        "missing columns": trial.missing_columns,
        "fields without a value": trial.empty_fields,
        "mapped, without a value": trial.unread_parts,
    }
    values = {
        "rows from": trial.origin,
        "rows read": f"{trial.rows_read:,}",
        "rows landed": f"{landed.rows_landed:,}",
        "rows refused": f"{landed.rows_refused:,}",
        "values refused": f"{landed.values_refused:,}" if landed.values_refused else None,
        **{title: ", ".join(names) or "none" for title, names in columns.items()},
    }
    show(facts(f"{name}, tried; nothing was written into the home", values))
    if trial.refused:
        rows = [(field, reason, f"{count:,}", message) for field, reason, count, message in trial.refused]
        show(table("Refused", ("field", "reason", "count", "meaning"), rows))
    if not trial.is_good:
        raise typer.Exit(1)
