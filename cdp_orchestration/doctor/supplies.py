"""What a home is fed by and reports to: declarations of sources, secrets, deliveries, targets of notifications."""

from collections.abc import Iterable, Sequence

from cdp_orchestration.connectors.secret_values import SecretMissingError, references_in, secret_value
from cdp_orchestration.destinations import standings
from cdp_orchestration.doctor.line import Line, fail, ok, warn
from cdp_orchestration.errors import CdpError, DeclarationError
from cdp_orchestration.figures.hand_limits import read_limits
from cdp_orchestration.health.sources import StreamHealth
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.states.unread_files import unread_folders
from cdp_orchestration.notifications import read_notifications
from cdp_orchestration.sources import declared_sources, declared_streams


def declaration_line(settings: Settings) -> Line:
    """Return whether the declarations of all sources can be read."""
    try:
        sources = declared_sources(settings)
    except CdpError as error:
        return fail(
            "declarations", str(error).splitlines()[0], "`cdp source check` names each error; correct the file."
        )
    count = sum(len(source.streams) for source in sources)
    return ok("declarations", f"{len(sources)} sources with {count} streams can be read")


def secret_lines(owner: str, references: Iterable[str]) -> list[Line]:
    """Return whether the secrets that something names are there; none is shown.

    Args:
        owner: what names them.
        references: ``env:NAME`` or ``file:PATH``.
    """
    named = sorted(set(references))
    missing = [each for each in named if not _is_there(each)]
    if missing:
        return [fail("secrets", f"{owner} names {', '.join(missing)}, which is empty or not there", "Set it.")]
    return [ok("secrets", f"{owner}: {len(named)} are there")] if named else []


def delivery_lines(streams: Sequence[StreamHealth]) -> list[Line]:
    """Return the streams that are not well, or one line that all are."""
    delivering = [each for each in streams if each.lateness.delivered_at]
    lines = list(filter(None, map(_delivery_line, streams)))
    return lines or [ok("deliveries", f"{len(delivering)} of {len(streams)} streams have delivered, all in time")]


def source_lines(settings: Settings) -> list[Line]:
    """Return the lines about declarations, secrets of connectors, and files that no stream reads."""
    first = declaration_line(settings)
    if first.verdict == "fail":
        return [first]
    lines = [first]
    for stream in declared_streams(settings):
        origin = stream.mapping.from_ if stream.mapping else None
        if origin is not None:
            lines += secret_lines(f"{stream.source}/{stream.name}", references_in(origin.model_dump(mode="json")))
    return [*lines, *(warn("inbox", str(folder), "Move or declare them.") for folder in unread_folders(settings))]


def notification_lines(settings: Settings) -> list[Line]:
    """Return whether the targets of notifications can be read, and whether their secrets are there."""
    try:
        declared = read_notifications(settings)
    except CdpError as error:
        found = str(error).splitlines()[0]
        return [fail("notifications", found, "Correct the file; `cdp notify list` reads it again.")]
    if not declared.targets:
        return [
            ok("notifications", f"no target: no one hears of a failed sync; {settings.notifications} would name who")
        ]
    secrets = secret_lines("notifications.yml", references_in(declared.model_dump(mode="json")))
    return [ok("notifications", f"{len(declared.targets)} targets: {', '.join(declared.targets)}"), *secrets]


def destination_lines(settings: Settings) -> list[Line]:
    """Return whether each destination shows the live release, and whether its secrets are there; none is asked."""
    try:
        found = standings(settings)
    except DeclarationError as error:
        first = str(error).splitlines()[0]
        return [fail("destinations", first, "Correct the file; `cdp releases destinations` reads it again.")]
    lines = []
    for each in found:
        shown = f"{each.name} shows {each.state.release_id or 'no release'}"
        if each.is_behind:
            remedy = f"`cdp releases publish {each.name}` tries again and says why."
            lines.append(warn("destinations", f"{shown}, which is not the live one as declared", remedy))
        else:
            lines.append(ok("destinations", shown))
        lines += secret_lines(f"{each.name} of destinations.yml", each.declared.references)
    return lines


def limit_lines(settings: Settings) -> list[Line]:
    """Return whether the limits of figures that people set can be read; without a file there is nothing to say."""
    if not settings.figure_limits.exists():
        return []
    try:
        limits = read_limits(settings.figure_limits)
    except CdpError as error:
        found = str(error).splitlines()[0]
        return [fail("limits", found, "Correct the file; until then the first gate stops each sync.")]
    return [ok("limits", f"{len(limits)} limits of figures are set by hand")]


def _delivery_line(each: StreamHealth) -> Line | None:
    ask = "`cdp status` says what was expected; ask whoever sends it, or `cdp source pause` the source."
    if each.problem:
        return warn("deliveries", f"{each.name} is not fetched: {each.problem}", "Correct the connection.")
    if each.lateness.punctuality != "in time":
        return warn("deliveries", f"{each.name} is {each.lateness.punctuality}", ask)
    if each.refused:
        files = "1 file is" if len(each.refused) == 1 else f"{len(each.refused)} files are"
        found = f"{each.name}: {files} refused"
        return warn("deliveries", found, f"`cdp quarantine list {each.name}` names them.")
    return None


def _is_there(reference: str) -> bool:
    try:
        secret_value(reference)
    except (SecretMissingError, OSError):
        return False
    return True
