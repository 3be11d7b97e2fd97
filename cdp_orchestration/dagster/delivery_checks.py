"""Whether each stream has delivered in time, and which files of the inbox no stream reads: checks that only report.

Landing materializes a stream with every sync, whether it has delivered or not, so that a freshness policy of Dagster,
which counts materializations, would stay green for ever. These checks count the rows that have arrived instead. They
are evaluated with every sync, and by a sensor between two of them, which runs by itself: a source that has stopped
delivering gives no sync a reason to run.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import dagster as dg

from cdp_orchestration.dagster.automation import FRESHNESS_SENSOR
from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.errors import WriterBusyError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import read_warehouse
from cdp_orchestration.landing.pauses import paused_sources
from cdp_orchestration.landing.states.lateness import Lateness, last_deliveries, lateness_by_table
from cdp_orchestration.landing.states.unread_files import UnreadFolder, unread_folders
from cdp_orchestration.sources import Source, Stream, declared_sources, declared_streams

IN_TIME, UNREAD = "delivered_in_time", "unread_folders"


def delivery_checks() -> dg.AssetChecksDefinition:
    """Return the checks as one step: one a stream with a declared freshness, one a source about files not read."""
    sources = declared_sources()
    timed = [stream for source in sources for stream in source.streams if stream.freshness]
    specs = [*map(_in_time_spec, timed), *map(_unread_spec, sources)]

    @dg.multi_asset_check(name="landing_deliveries", specs=specs, can_subset=True)
    def deliveries(context: dg.AssetCheckExecutionContext, home: Home) -> Iterator[dg.AssetCheckResult]:
        with home.warehouse() as connection:
            delivered = last_deliveries(connection)
        found = _lateness(home.settings, delivered)
        folders = unread_folders(home.settings)
        chosen = context.op_execution_context.selected_asset_check_keys
        for stream in timed:
            if _key(stream, IN_TIME) in chosen:
                yield _in_time_result(stream, found[stream.table])
        for source in sources:
            if _key(source.streams[0], UNREAD) in chosen:
                yield unread_result(source, [each for each in folders if _source_of(each, sources) == source.name])

    return deliveries


def freshness_sensor() -> dg.SensorDefinition:
    """Return the sensor that reports a stream as late while no sync runs."""

    @dg.sensor(
        name=FRESHNESS_SENSOR,
        minimum_interval_seconds=300,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Reports each stream whose newest rows have become older than its source declares, or have arrived "
        f"again, as a result of its check {IN_TIME}. It starts no run.",
    )
    def freshness(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        settings = Settings.from_environment()
        if not settings.warehouse.exists():
            return dg.SkipReason("nothing has landed yet")
        try:
            with read_warehouse(settings.warehouse) as connection:
                delivered = last_deliveries(connection)
        except WriterBusyError:
            return dg.SkipReason("a sync is running, which evaluates the same checks")
        found = _lateness(settings, delivered)
        known = json.loads(context.cursor or "{}")
        states = {table: each.punctuality for table, each in found.items()}
        timed = [stream for stream in declared_streams(settings) if stream.table in states]
        changed = [stream for stream in timed if states[stream.table] != known.get(stream.table)]
        events = [_as_event(stream, found[stream.table]) for stream in changed]
        return dg.SensorResult(asset_events=events, cursor=json.dumps(states, sort_keys=True))

    return freshness


def unread_result(source: Source, folders: list[UnreadFolder]) -> dg.AssetCheckResult:
    """Return the result of the check about the files that no stream reads; the names in it are plain text."""
    return dg.AssetCheckResult(
        passed=not folders,
        asset_key=_key(source.streams[0], UNREAD).asset_key,
        check_name=UNREAD,
        severity=dg.AssetCheckSeverity.WARN,
        description=_counted(folders) if folders else "Every file is read.",
        metadata={
            "files": sum(folder.file_count for folder in folders),
            # Senders choose the names: text, which the UI shows as it is, and no Markdown
            "folders": dg.MetadataValue.text("\n".join(map(str, folders)) or "none"),
        },
    )


def _counted(folders: list[UnreadFolder]) -> str:
    files = sum(folder.file_count for folder in folders)
    return f"{files} {'file is' if files == 1 else 'files are'} not read; the metadata has their folders."


def _in_time_spec(stream: Stream) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        IN_TIME,
        asset=["landing", stream.table],
        description="New rows have arrived within the time that the declaration of the source expects. A stream that "
        "is late stops no release.",
    )


def _unread_spec(source: Source) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        UNREAD,
        asset=["landing", source.streams[0].table],
        description=f"Every file in inbox/{source.name}/ lies in the folder of a declared stream. It stops no release.",
    )


def _lateness(settings: Settings, delivered: Mapping[str, datetime]) -> dict[str, Lateness]:
    now = datetime.now(UTC).replace(tzinfo=None)
    return lateness_by_table(declared_streams(settings), delivered, paused_sources(settings), now)


def _in_time_result(stream: Stream, found: Lateness) -> dg.AssetCheckResult:
    severity = dg.AssetCheckSeverity.ERROR if found.punctuality == "overdue" else dg.AssetCheckSeverity.WARN
    arrived = {"last_delivery": dg.MetadataValue.timestamp(_utc(found.delivered_at))} if found.delivered_at else {}
    return dg.AssetCheckResult(
        passed=found.punctuality == "in time",
        asset_key=["landing", stream.table],
        check_name=IN_TIME,
        severity=severity,
        description=found.sentence,
        metadata={"state": found.punctuality, **arrived},
    )


def _as_event(stream: Stream, found: Lateness) -> dg.AssetCheckEvaluation:
    result = _in_time_result(stream, found)
    return dg.AssetCheckEvaluation(
        asset_key=dg.AssetKey(["landing", stream.table]),
        check_name=IN_TIME,
        passed=result.passed,
        severity=result.severity,
        description=result.description,
        metadata=result.metadata,
    )


def _utc(time: datetime) -> datetime:
    return time.replace(tzinfo=UTC)


def _key(stream: Stream, name: str) -> dg.AssetCheckKey:
    return dg.AssetCheckKey(dg.AssetKey(["landing", stream.table]), name)


def _source_of(folder: UnreadFolder, sources: tuple[Source, ...]) -> str:
    """Return the source whose check names a folder: the one it is in or meant for, the first one otherwise."""
    names = [source.name for source in sources]
    for path in (folder.name, folder.meant or ""):
        if path.split("/")[0] in names:
            return path.split("/")[0]
    return names[0]
