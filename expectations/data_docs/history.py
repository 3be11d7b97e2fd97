"""What several runs of a suite say together: each stored result in short, and a page with a trend a figure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from expectations.data_docs.figure_trends import FigureTrends, trends_section
from expectations.data_docs.markup import link, long_name, page, table, text


@dataclass(frozen=True)
class Summary:
    """One stored result in short.

    Attributes:
        suite: the suite.
        run_name: the run that evaluated it.
        run_time: when.
        page: its page, below the site's folder.
        evaluated: how many expectations it has.
        critical: how many failed that are critical; what could not be evaluated is.
        warning: how many others failed.
        figures: what was found, by description: a number, or the share of good rows.
        shares: the descriptions of those that are shares.
    """

    suite: str
    run_name: str
    run_time: str
    page: str
    evaluated: int
    critical: int
    warning: int
    figures: Mapping[str, float]
    shares: Sequence[str]


def read_summaries(results: Path, cache: Path) -> dict[str, list[Summary]]:
    """Return the stored results of each suite, the newest first.

    Args:
        results: the folder of stored results; a result never changes.
        cache: the file in which what was read before is kept.

    Returns:
        The results by the name of the suite.
    """
    known = json.loads(cache.read_text(encoding="utf-8")) if cache.exists() else {}
    files = {str(path.relative_to(results)): path for path in results.rglob("*.json")}
    found = {name: _kept(known.get(name)) or asdict(_summary(name, path)) for name, path in files.items()}
    if found != known:
        cache.write_text(json.dumps(found), encoding="utf-8")
    by_suite: dict[str, list[Summary]] = {}
    for each in sorted(found.values(), key=lambda each: str(each["run_time"]), reverse=True):
        by_suite.setdefault(each["suite"], []).append(Summary(**each))
    return dict(sorted(by_suite.items()))


def _kept(summary: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return what was read before, none where another version of this code read other things."""
    return summary if summary and set(summary) == {each.name for each in fields(Summary)} else None


def _summary(name: str, path: Path) -> Summary:
    stored = json.loads(path.read_text(encoding="utf-8"))
    failed = [each for each in stored["results"] if not each["success"]]
    critical = sum(_is_critical(each) for each in failed)
    *_, run_name, run_time, _ = Path(name).parts
    return Summary(
        suite=stored["suite_name"],
        run_name=run_name,
        run_time=run_time,
        page=f"validations/{Path(name).with_suffix('.html').as_posix()}",
        evaluated=len(stored["results"]),
        critical=critical,
        warning=len(failed) - critical,
        figures=dict(_figures(stored["results"])),
        shares=[_name(each) for each in stored["results"] if _is_share(each)],
    )


def _is_critical(result: Mapping[str, Any]) -> bool:
    # A result without content could not be evaluated.
    return result["expectation_config"].get("severity") == "critical" or not result.get("result")


def _name(result: Mapping[str, Any]) -> str:
    return str(result["expectation_config"].get("description") or "")


def _is_share(result: Mapping[str, Any]) -> bool:
    return "unexpected_count" in (result.get("result") or {})


def _figures(results: Sequence[Mapping[str, Any]]) -> list[tuple[str, float]]:
    figures = []
    for each in results:
        found, name = each.get("result") or {}, _name(each)
        if _is_share(each):
            evaluated = found["element_count"] - (found.get("missing_count") or 0)
            value = (evaluated - found["unexpected_count"]) / evaluated if evaluated else None
        else:
            value = found.get("observed_value")
        if name and isinstance(value, int | float):
            figures.append((name, float(value)))
    return figures


def history_page(
    suite: str, summaries: Sequence[Summary], figures: FigureTrends | None = None, related: Sequence[str] = ()
) -> str:
    """Return the page of a suite over its last runs.

    Args:
        suite: its name.
        summaries: its results, the newest first.
        figures: what it compares, if it is about figures.
        related: other suites about the same table.

    Returns:
        HTML with one row an expectation: the trend from old to new, then what each run found; then the figures.
    """
    names = list(dict.fromkeys(name for each in summaries for name in each.figures))
    head = ["Expectation", "Trend", *(shown_time(each.run_time) for each in summaries)]
    rows = [[text(name), _trend_of(name, summaries), *(_found(name, each) for each in summaries)] for name in names]
    verdicts = ["Result", "", *(verdict(each) for each in summaries)]
    numbers = range(2, 2 + len(summaries))
    shown = table("History", head, [verdicts, *rows], list(numbers))
    compared = trends_section(figures) if figures else ""
    body = f"<h1>{long_name(suite)}: the last {len(summaries)} runs</h1>{shown}{compared}"
    ways = {"All suites": "../index.html", **{each: f"{each}.html" for each in related}}
    return page(f"{suite}: history", body, ways)


def _found(name: str, summary: Summary) -> str:
    value = summary.figures.get(name)
    return f"{value:.2%}" if value is not None and name in summary.shares else _shown(value)


def _trend_of(name: str, summaries: Sequence[Summary]) -> str:
    known = [each for each in reversed(summaries) if name in each.figures]
    if len(known) < 2:
        return ""
    return trend([each.figures[name] for each in known], f"from {_found(name, known[0])} to {_found(name, known[-1])}")


def verdict(summary: Summary, up: str = "../") -> str:
    """Return the result of a run as a link to its page."""
    kind, words = "good", "\N{CHECK MARK} passed"
    if summary.critical:
        kind, words = "bad", f"\N{BALLOT X} {summary.critical} critical"
    elif summary.warning:
        kind, words = "warn", f"! {summary.warning} warned"
    return f'<span class="{kind}">{link(up + summary.page, words)}</span>'


def shown_time(run_time: str) -> str:
    """Return the time of a run, which is part of a file's name there, for people."""
    day, _, clock = run_time.partition("T")
    if len(day) != 8 or len(clock) < 4:
        return run_time
    return f"{day[:4]}-{day[4:6]}-{day[6:]} {clock[:2]}:{clock[2:4]}"


def trend(values: Sequence[float], words: str) -> str:
    """Return a line through two or more values, from old to new, and what it says in words."""
    low, high = min(values), max(values)
    span = (high - low) or 1
    points = " ".join(
        f"{100 * position / (len(values) - 1):.1f},{18 - 16 * (value - low) / span:.1f}"
        for position, value in enumerate(values)
    )
    return (
        f'<svg class="trend" viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label="{text(words)}">'
        f'<polyline points="{points}"/></svg>'
    )


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:,.6g}"
