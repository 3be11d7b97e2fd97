"""The status of a home for a person: what readers see, what is wrong and what to do, sources, syncs, tables."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich.console import Group, RenderableType

from cdp_orchestration.dagster.run_history import PastRun
from cdp_orchestration.health.gates import LIVE_RELEASE
from cdp_orchestration.health.sources import StreamHealth
from cdp_orchestration.landing.states.lateness import in_words
from cdp_orchestration.notifications import Finding
from cdp_orchestration.release.reader import Release
from cdp_orchestration.terminal.plain_text import text
from cdp_orchestration.terminal.status import Status, automation_sentence
from cdp_orchestration.terminal.tables import lines, table

MAX_DETAILS = 5
_SAID_AS_FINDINGS = ("Late: ", "Not fetched: ")


def status_report(found: Status, candidate: RenderableType | None = None) -> RenderableType:
    """Return the state of a home for the terminal, the most important first.

    Args:
        found: the state.
        candidate: the comparison with a candidate model that waits, if one does.
    """
    return Group(
        text(f"Home: {found.home}"),
        lines(_verdict(found)),
        lines(_wrong(found)),
        *_sources(found.streams),
        _runs(found.syncs),
        *([text(f"Schedules and sensors {automation_sentence(found.automation)}")] if found.automation else []),
        *_tables(found.live),
        *([candidate] if candidate else []),
    )


def _verdict(found: Status) -> Iterator[str]:
    if found.live is None or found.live_age is None:
        yield f"{found.health.capitalize()}. Live release: none yet; `cdp demo` or `cdp sync` makes one"
        return
    gates = found.live.manifest.get("gates")
    passed = (
        f"its {len(gates)} gates have passed" if gates else "cut by an older version, without a record of its gates"
    )
    if found.objections:
        passed = "a gate has since refused what it was cut from"
    age = in_words(found.live_age)
    yield f"{found.health.capitalize()}. Live release: {found.live.release_id}, {age} old, {passed}"


def _wrong(found: Status) -> Iterator[str]:
    for finding in found.findings:
        yield f"{finding.severity.capitalize()}: {finding.what}"
        yield f"  To do: {finding.remedy}"
        yield from _details(finding)
    said = tuple(f"gate {finding.subject} refuses " for finding in found.findings)
    yield from (f"Not live yet: {each}" for each in found.unfinished if not each.startswith(said))
    yield from (notice for notice in found.notices if not notice.startswith(_SAID_AS_FINDINGS))
    if not found.findings:
        yield "Nothing is wrong." if found.live else "Nothing has gone wrong."


def _details(finding: Finding) -> Iterator[str]:
    lead = "Do not trust it: " if finding.subject == LIVE_RELEASE else ""
    yield from (f"  - {lead}{detail}" for detail in finding.details[:MAX_DETAILS])
    if len(finding.details) > MAX_DETAILS:
        more = len(finding.details) - MAX_DETAILS
        yield f"  - and {more} more: `cdp status --json` has all"


def _sources(streams: Sequence[StreamHealth] | None) -> Iterator[RenderableType]:
    if streams is None:
        return
    shown = [each for each in streams if each.lateness.delivered_at or each.refused or each.problem]
    if shown:
        rows = [_stream_row(each) for each in shown]
        # A narrow terminal has no room for columns that say nothing
        filled = [name for name in rows[0] if any(row[name] for row in rows)]
        yield table("Sources", filled, ([row[name] for name in filled] for row in rows))
    silent = [each.name for each in streams if each not in shown]
    if silent and shown:
        yield text(f"Nothing has been delivered yet by {', '.join(silent)}")


def _stream_row(each: StreamHealth) -> dict[str, str]:
    freshness = each.stream.freshness
    delivered = each.lateness.delivered_at
    return {
        "stream": each.name,
        "last delivery": f"{in_words(datetime.now(UTC).replace(tzinfo=None) - delivered)} ago"
        if delivered
        else "never",
        "expected within": in_words(freshness.warn) if freshness and freshness.warn else "",
        "state": state_of(each),
        "refused": refused_of(each),
        "not declared": ", ".join(each.undeclared),
    }


def state_of(each: StreamHealth) -> str:
    """Return the state of a stream in one or two words."""
    if each.paused_since:
        return "paused"
    states: list[str] = [] if each.lateness.punctuality == "in time" else [each.lateness.punctuality]
    states += ["not fetched"] if each.problem else []
    states += ["files refused"] if each.refused else []
    return ", ".join(states) or "well"


def refused_of(each: StreamHealth) -> str:
    """Return what is refused of the newest version of each file of a stream, empty where nothing is."""
    counts = {"files": len(each.refused), "rows": each.refused_row_count, "values": each.refused_value_count}
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)


def _runs(runs: Sequence[PastRun] | None) -> RenderableType:
    if runs is None:
        return text("Syncs: none yet")
    rows = [
        (run.run_id, run.job_name, run.status, _time(run.started_at), _seconds(run.started_at, run.ended_at))
        for run in runs
    ]
    return table("Last syncs", ("run", "job", "status", "started (UTC)", "seconds"), rows)


def _tables(release: Release | None) -> Iterator[RenderableType]:
    if release is not None:
        rows = [(name, f"{entry['rows']:,}") for name, entry in release.manifest["tables"].items()]
        yield table(f"Tables in {release.folder}", ("table", "rows"), rows)


def _time(timestamp: float | None) -> str:
    return "" if timestamp is None else f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%d %H:%M:%S}"


def _seconds(started: float | None, ended: float | None) -> str:
    return "" if started is None or ended is None else f"{ended - started:.0f}"
