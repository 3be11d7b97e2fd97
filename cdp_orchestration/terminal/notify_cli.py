"""The commands about notifications: who hears of what, what was sent and what waits, and a test of each target."""

import time
from datetime import UTC, datetime
from typing import Any

import typer

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.terminal.arguments import AsJson
from cdp_orchestration.terminal.tables import show, show_json, table

notify_app = typer.Typer(no_args_is_help=True, help="Notifications: who hears of what is wrong, and whether they do.")


@notify_app.command(
    "list",
    epilog="Example: cdp notify list\n\nJSON: a list of target, kind, events, min_severity, sent, last_sent, waiting, "
    "problem (why what waits was not taken).",
)
def list_targets(as_json: AsJson = False) -> None:
    """Show each target of notifications.yml: its events, what it has taken, what waits and why."""
    from cdp_orchestration.notifications import open_outbox, read_notifications

    settings = Settings.from_environment()
    declared = read_notifications(settings)
    rows: list[dict[str, Any]] = []
    if declared.targets:
        with open_outbox(settings) as outbox:
            for name, target in declared.targets.items():
                sent, last, problem = outbox.last_of(name)
                waiting = len(outbox.waiting(name, time.time()))
                rows.append(
                    {
                        "target": name,
                        "kind": target.kind,
                        "events": list(target.events),
                        "min_severity": target.min_severity,
                        "sent": sent,
                        "last_sent": None if last is None else datetime.fromtimestamp(last, UTC),
                        "waiting": waiting,
                        "problem": problem if waiting else None,
                    }
                )
    if as_json:
        show_json(rows)
    elif rows:
        names = [name.replace("_", " ") for name in rows[0]]
        shown = ({**row, "events": _chosen(row["events"]), "last_sent": _minute(row["last_sent"])} for row in rows)
        show(table(f"Targets in {settings.notifications}", names, (row.values() for row in shown)))
    else:
        show(f"No one is to hear of anything. {_how_to_declare(settings)}")


@notify_app.command(
    epilog="Example: cdp notify test\n\nJSON: a list of target, kind, problem (null where it was taken), remark."
)
def test(as_json: AsJson = False) -> None:  # noqa: PT028 - a command, not a test
    """Send a test message to each target, and show which has taken it; ends with 1 where one has not.

    Raises:
        Exit: with 1 where a target has not taken the message, or there is none.
    """
    from cdp_orchestration.notifications import send_test

    settings = Settings.from_environment()
    results = send_test(settings)
    if as_json:
        show_json([vars(result) for result in results])
    elif results:
        rows = ((each.target, each.kind, each.problem or each.remark or "taken") for each in results)
        show(table("Test messages", ("target", "kind", "result"), rows))
    else:
        show(f"There is no target. {_how_to_declare(settings)}")
    if not results or any(each.problem for each in results):
        raise typer.Exit(1)


def _chosen(events: list[str]) -> str:
    from cdp_orchestration.notifications.findings import KINDS

    return "all" if set(events) == {*KINDS, "recovered"} else ", ".join(events)


def _minute(sent: datetime | None) -> str | None:
    return None if sent is None else f"{sent:%Y-%m-%d %H:%M} UTC"


def _how_to_declare(settings: Settings) -> str:
    return f"Declare targets in {settings.notifications}; README.md of cdp_orchestration shows how."
