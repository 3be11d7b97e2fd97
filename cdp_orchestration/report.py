"""What the command prints: summaries of runs, releases and customers as terminal tables."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table

from cdp_orchestration.profile_lookup import CustomerView
from cdp_orchestration.release.reader import Release
from cdp_orchestration.streams import STREAMS
from cdp_orchestration.sync import SyncOutcome

BIGGEST_MERGES = 5
NEXT_COMMANDS = (
    ("cdp status", "what is live, and how the last syncs went"),
    ("cdp dev", "Dagster's UI: the graph by stage, the checks, the runs"),
)


def table(title: str, headings: Iterable[str], rows: Iterable[Iterable[Any]]) -> Table:
    """Return a plain table of text."""
    rendered = Table(title=title, title_justify="left", title_style="bold")
    for heading in headings:
        rendered.add_column(heading)
    for row in rows:
        rendered.add_row(*("" if value is None else str(value) for value in row))
    return rendered


def sync_summary(
    outcome: SyncOutcome, release: Release, seconds: float, example: str | None
) -> RenderableType:
    """Return what a sync made: landed rows, resolution, checks, the release, what to try next."""
    if outcome.is_idle:
        return f"Nothing new in the inbox: no table changed, no release was cut; {release.release_id} is live ({seconds:.0f} s)."
    commands = (
        [(f"cdp profile {example}", "one customer with every record and the whole journey")]
        if example
        else []
    )
    is_new = outcome.metadata("release", "live").get("is_new")
    return Group(
        table("Landed", ("source", "rows", "refused rows", "refused files"), _landed(outcome)),
        _resolution(release),
        f"Checks: {outcome.checks_passed} passed, {outcome.checks_warned} warned, {outcome.checks_failed} failed",
        f"Release: {release.folder}" + ("" if is_new else " (unchanged: the tables are the same as before)"),
        f"Took {seconds:.0f} s",
        table("Try next", ("command", "shows"), [*commands, *NEXT_COMMANDS]),
    )


def _landed(outcome: SyncOutcome) -> list[tuple[str, int, int, int]]:
    totals: dict[str, list[int]] = {}
    for stream in STREAMS:
        metadata = outcome.metadata("landing", stream.table)
        counts = [
            int(str(metadata.get(name, 0))) for name in ("rows_landed", "rows_refused", "files_refused")
        ]
        totals[stream.source] = [
            a + b for a, b in zip(totals.get(stream.source, [0, 0, 0]), counts, strict=True)
        ]
    return [(source, *counts) for source, counts in totals.items()]  # type: ignore[misc]


def _resolution(release: Release) -> RenderableType:
    with release.connect() as connection:
        records, profiles = connection.execute("select sum(record_count), count(*) from profiles").fetchall()[
            0
        ]
        biggest = connection.execute(
            "select profile_id, record_count, source_count from profiles order by 2 desc, 3 desc, 1 limit ?",
            [BIGGEST_MERGES],
        ).fetchall()
    return Group(
        f"Resolved {records or 0:,} person records into {profiles:,} profiles",
        table("Biggest merges", ("profile", "records", "sources"), biggest),
    )


def releases_table(releases: Iterable[Release]) -> RenderableType:
    """Return the published releases, the live one first."""
    rows = [
        (r.release_id, "live" if number == 0 else "", r.manifest["created_at"][:19], r.manifest["tables"]["profiles"]["rows"],
         r.manifest["code_version"], r.manifest["model_version"])
        for number, r in enumerate(releases)
    ]  # fmt: skip
    return table("Releases", ("release", "", "created (UTC)", "profiles", "code", "model"), rows)


def customer(view: CustomerView, touchpoint_limit: int) -> RenderableType:
    """Return one customer for the terminal; of a long journey only the newest touchpoints."""
    shown = view.touchpoints[-touchpoint_limit:]
    title = f"Touchpoints (the newest {len(shown)} of {len(view.touchpoints)}, {len(view.journeys)} journeys)"
    return Group(
        Panel(_facts({**view.profile, **_told(view.metrics)}), title="Profile", title_align="left"),
        table(
            "Records",
            ("source", "record type", "record", "linked by", "probability"),
            [
                (r["source_system"], r["source_record_type"], r["source_record_id"], r["link_reason"], _share(r["match_probability"]))
                for r in view.records
            ],
        ),
        table(
            "Identifiers",
            ("type", "value", "primary", "shared"),
            [
                (i["identifier_type"], i["identifier_value"], "yes" if i["is_primary"] else "", "yes" if i["is_shared"] else "")
                for i in view.identifiers
            ],
        ),
        table(
            title,
            ("when (UTC)", "stage", "channel", "what", "amount", "satisfaction"),
            [
                (f"{t['occurred_at']:%Y-%m-%d %H:%M}", t["stage"], t["channel"], t["touchpoint_type"], _money(t), t["satisfaction_score"])
                for t in shown
            ],
        ),
    )  # fmt: skip


def _told(metrics: Mapping[str, Any]) -> dict[str, Any]:
    names = (
        "segment",
        "order_count",
        "revenue_amount",
        "currency",
        "preferred_channel",
        "is_omnichannel",
        "nps_group",
    )
    return {name: metrics.get(name) for name in names}


def _facts(row: Mapping[str, Any]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    for name, value in row.items():
        if value is not None:
            grid.add_row(
                f"[dim]{name}[/dim]", ", ".join(map(str, value)) if isinstance(value, list) else str(value)
            )
    return grid


def _share(probability: float | None) -> str:
    return "" if probability is None else f"{probability:.4f}"


def _money(touchpoint: Mapping[str, Any]) -> str:
    return "" if touchpoint["amount"] is None else f"{touchpoint['amount']} {touchpoint['currency']}"


def show(renderable: RenderableType) -> None:
    """Print to the terminal."""
    Console().print(renderable)
