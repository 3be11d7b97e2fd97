"""What `cdp source check` shows of streams: how their rows fare in landing, without landing them."""

import typer

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.tables import facts, show, table


def show_trials(name: str, settings: Settings) -> None:
    """Try a stream, or those of a source that have any rows, and show what became of these.

    Args:
        name: ``<source>/<stream>``, or the source.
        settings: the home.

    Raises:
        Exit: no row of one of them could land.
    """
    from cdp_orchestration.landing.inbox import find_deliveries
    from cdp_orchestration.sources import declared_streams

    of_source = [stream for stream in declared_streams(settings) if stream.source == name]
    tried = [s for s in of_source if (s.mapping and s.mapping.from_) or find_deliveries(s, settings)] or of_source[:1]
    names = [f"{stream.source}/{stream.name}" for stream in tried] or [name]
    found = [_show_trial(each, settings) for each in names]
    if not all(found):
        raise typer.Exit(1)


def _show_trial(name: str, settings: Settings) -> bool:
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
        "rows filled": f"{landed.rows_filled:,}, whose program leaves out empty values" if landed.rows_filled else None,
        **{title: ", ".join(names) or "none" for title, names in columns.items()},
    }
    show(facts(f"{name}, tried; nothing was written into the home", values))
    if trial.refused:
        rows = [(field, reason, f"{count:,}", message) for field, reason, count, message in trial.refused]
        show(table("Refused", ("field", "reason", "count", "meaning"), rows))
    return trial.is_good
