"""Pausing a source: its files stay where they are and nothing is fetched, while the other sources go on."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.audit import record
from cdp_orchestration.home.durable_files import write_json
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.sources import declared_sources


class UnknownSourceError(CdpError):
    """No source of the home has the name that was given."""


def paused_sources(settings: Settings) -> dict[str, str]:
    """Return the paused sources with the time since when (ISO 8601, UTC)."""
    if not settings.paused_sources.exists():
        return {}
    found: dict[str, str] = json.loads(settings.paused_sources.read_text(encoding="utf-8"))
    return found


def pause_source(settings: Settings, name: str) -> bool:
    """Pause a source; return whether it went on before. Raises UnknownSourceError where it is not declared."""
    require_sources(settings, [name])
    paused = paused_sources(settings)
    if name in paused:
        return False
    write_json(settings.paused_sources, {**paused, name: datetime.now(UTC).isoformat(timespec="seconds")})
    record(settings.audit, "pause source", name)
    return True


def resume_source(settings: Settings, name: str) -> bool:
    """Let a source go on; return whether it was paused. Raises UnknownSourceError where it is not declared."""
    require_sources(settings, [name])
    paused = paused_sources(settings)
    if name not in paused:
        return False
    write_json(settings.paused_sources, {source: since for source, since in paused.items() if source != name})
    record(settings.audit, "resume source", name)
    return True


def require_sources(settings: Settings, chosen: Iterable[str]) -> None:
    """Make sure that every chosen source is declared; UnknownSourceError names the first that is not."""
    names = [source.name for source in declared_sources(settings)]
    for name in chosen:
        if name in names:
            continue
        raise UnknownSourceError(f"{name!r} is no source of this home; expected one of {', '.join(names)}.")
