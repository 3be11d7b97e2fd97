"""The figures of a table on the page of their gate: each as a line over the last runs, within what was usual then."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Literal

from expectations.data_docs.markup import long_name, text

OPEN_FIGURES = 12
"""How many figures are shown at once; the others are folded, by kind."""

State = Literal["waiting", "accepted", "unusual", "held", "usual", "first"]
_STATES: Mapping[State, tuple[str, str]] = {
    "waiting": ("bad", "\N{BALLOT X} waits for a person"),
    "accepted": ("warn", "\N{CHECK MARK} accepted by a person"),
    "unusual": ("warn", "! unusual"),
    "held": ("soft", "\N{CHECK MARK} usual, waits too"),
    "usual": ("good", "\N{CHECK MARK} usual"),
    "first": ("soft", "no limits yet"),
}
_WIDTH, _HEIGHT, _EDGE = 240, 48, 5


@dataclass(frozen=True)
class FigureTrend:
    """One figure over the last runs.

    Attributes:
        figure: the kind of figure.
        means: what figures of this kind are, for people.
        of: what this one is of: a field, or a group of rows.
        values: what was found, the oldest first.
        limits: of each value the usual limits then, the lower and the upper; None where there were none.
        states: of each value whether it was usual, and whether it counts.
        found: the newest value, for people.
        usual: its usual limits, for people; empty where there are none.
        rows: how many rows the newest value is about.
    """

    figure: str
    means: str
    of: str
    values: Sequence[float]
    limits: Sequence[Sequence[float] | None]
    states: Sequence[State]
    found: str
    usual: str
    rows: int

    @property
    def state(self) -> State:
        """Whether the newest value is usual, and whether it counts."""
        return self.states[-1]


@dataclass(frozen=True)
class FigureTrends:
    """The figures of one table in its newest run that measured some, the most unusual first."""

    run_name: str
    measured_at: str
    trends: Sequence[FigureTrend]


def store_trends(folder: Path, suite: str, found: FigureTrends) -> None:
    """Keep the figures of a suite for its page, which may be written again at any time."""
    folder.mkdir(parents=True, exist_ok=True)
    _file(folder, suite).write_text(json.dumps(asdict(found)), encoding="utf-8")


def read_trends(folder: Path, suite: str) -> FigureTrends | None:
    """Return the figures that were kept for the page of a suite; None of a suite about something else.

    What another version of this code kept is left out until the table is checked again.
    """
    file = _file(folder, suite)
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"trends": [{}]}
    names = {each.name for each in fields(FigureTrend)}
    if any(set(each) != names for each in kept["trends"]):
        return None
    return FigureTrends(**{**kept, "trends": [FigureTrend(**each) for each in kept["trends"]]})


def _file(folder: Path, suite: str) -> Path:
    return folder / f"{suite}.json"


def trends_section(found: FigureTrends) -> str:
    """Return the figures as a part of a page.

    Args:
        found: the figures.

    Returns:
        HTML: a summary, the most unusual figures, and the others folded by kind.
    """
    shown, others = found.trends[:OPEN_FIGURES], found.trends[OPEN_FIGURES:]
    folded = "".join(
        f"<details><summary>{_kind(each[0])} ({len(each)})</summary>{_listed(each, with_kind=False)}</details>"
        for each in _by_kind(others)
    )
    return f"<h2>Figures</h2>{_summary(found)}{_listed(shown)}{folded}"


def _summary(found: FigureTrends) -> str:
    counts = {state: sum(each.state == state for each in found.trends) for state in _STATES}
    parts = [
        f'<span class="{kind}">{words}: {counts[state]}</span>'
        for state, (kind, words) in _STATES.items()
        if counts[state]
    ]
    said = (
        f"Measured at {text(found.measured_at)} (UTC) by run {text(found.run_name)}. The band is what was usual at the "
        "time; dots are the newest value and those outside of the band. Those farthest from what is usual come first."
    )
    return f'<p class="soft">{said}</p><p>{" · ".join(parts)}</p>{_remedy(found) if counts["waiting"] else ""}'


def _remedy(found: FigureTrends) -> str:
    accept = f"<code>cdp gates accept {text(found.run_name)} --why …</code> makes it usual"
    return f"<p>{accept}, <code>cdp source withdraw</code> takes a delivery back; then run <code>cdp sync</code>.</p>"


def _by_kind(trends: Iterable[FigureTrend]) -> list[list[FigureTrend]]:
    kinds: dict[str, list[FigureTrend]] = {}
    for each in trends:
        kinds.setdefault(each.figure, []).append(each)
    return [kinds[kind] for kind in sorted(kinds)]


def _kind(trend: FigureTrend) -> str:
    return f"<b>{text(trend.figure)}</b>: {text(trend.means)}"


def _listed(trends: Sequence[FigureTrend], *, with_kind: bool = True) -> str:
    return f'<ul class="figures">{"".join(_figure(each, with_kind=with_kind) for each in trends)}</ul>'


def _figure(trend: FigureTrend, *, with_kind: bool) -> str:
    mark, words = _STATES[trend.state]
    usual = f"<small>usual {text(trend.usual)}</small>" if trend.usual else ""
    kind = f"<small>{_kind(trend)}</small>" if with_kind else ""
    return (
        f"<li><span>{long_name(trend.of)}{kind}</span>{_line(trend)}<span><b>{text(trend.found)}</b>{usual}</span>"
        f'<span class="{mark}">{words}<small>{trend.rows:,} {"row" if trend.rows == 1 else "rows"}</small></span></li>'
    )


def _line(trend: FigureTrend) -> str:
    """Return the values as a line over the band of what was usual; one value is a dot."""
    bounds = [bound for limits in trend.limits if limits for bound in limits]
    low, high = min([*trend.values, *bounds]), max([*trend.values, *bounds])
    last = len(trend.values) - 1
    step = (_WIDTH - 2 * _EDGE) / max(1, last)

    def place(position: int, value: float) -> tuple[str, str]:  # of a point, in units of the picture
        up = (value - low) / (high - low) if high > low else 0.5
        return f"{_WIDTH - _EDGE - step * (last - position):.0f}", f"{_HEIGHT - _EDGE - (_HEIGHT - 2 * _EDGE) * up:.0f}"

    line = " ".join(",".join(place(position, value)) for position, value in enumerate(trend.values))
    dots = "".join(
        '<circle class="{}" cx="{}" cy="{}" r="3.5"/>'.format(_STATES[state][0], *place(position, value))
        for position, (value, state) in enumerate(zip(trend.values, trend.states, strict=True))
        if state in ("waiting", "accepted", "unusual") or position == last
    )
    words = f"{trend.figure} of {trend.of}: {len(trend.values)} values, now {trend.found}"
    return (
        f'<svg class="figure" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{text(words)}">'
        f'{_band(trend.limits, place)}<polyline points="{line}"/>{dots}</svg>'
    )


def _band(limits: Sequence[Sequence[float] | None], place: Callable[[int, float], tuple[str, str]]) -> str:
    known = [(position, bounds) for position, bounds in enumerate(limits) if bounds]
    upper = [place(position, high) for position, (_, high) in known]
    lower = [place(position, low) for position, (low, _) in reversed(known)]
    points = " ".join(map(",".join, [*upper, *lower]))
    return f'<polygon points="{points}"/>' if known else ""
