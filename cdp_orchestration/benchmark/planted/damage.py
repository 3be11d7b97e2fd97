"""Damage that is well-formed: what is planted, and which figure of the stream's gate must find it."""

from dataclasses import dataclass
from typing import Any, Literal

from cdp_orchestration.benchmark.planted.homes import Planted, Verdict

Level = Literal["stops", "warns"]


@dataclass(frozen=True)
class Damage:
    """A planted delivery, the figure that must find it, and whether readers are harmed, so that it must stop."""

    planted: Planted
    figure: str
    level: Level = "stops"

    def is_found(self, verdict: Verdict) -> bool:
        """Return whether the gate says so."""
        return bool(verdict.stopping) if self.level == "stops" else self.figure in verdict.warning


def damage(name: str, stream: str, change: Any, figure: str, level: Level = "stops", **more: Any) -> Damage:
    """Return a damage by what is planted (see ``Planted``) and what must find it."""
    return Damage(Planted(name, stream, change, **more), figure, level)
