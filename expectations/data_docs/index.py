"""The first page: every suite with its newest result and its last runs, as a plain table."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlparse
from urllib.request import url2pathname

from expectations.data_docs.figure_trends import read_trends
from expectations.data_docs.history import Summary, history_page, read_summaries, shown_time, verdict
from expectations.data_docs.markup import link, page, table, text
from expectations.gates import FIGURES

OUTCOMES, RESULTS, FIGURES_FOLDER = "uncommitted", "validations", "figures"
"""The folder of outcomes in a project of Great Expectations, and what is in it."""


def index_page(by_suite: Mapping[str, Sequence[Summary]]) -> str:
    """Return the first page.

    Args:
        by_suite: the results of each suite, the newest first.

    Returns:
        HTML: suites with critical failures first, then with warnings, then the others.
    """
    ordered = sorted(by_suite.items(), key=lambda each: (not each[1][0].critical, not each[1][0].warning, each[0]))
    rows = [_row(suite, summaries) for suite, summaries in ordered]
    newest = [summaries[0] for summaries in by_suite.values()]
    failed = sum(each.critical > 0 for each in newest)
    warned = sum(each.warning > 0 for each in newest)
    summary = (
        f"<p>{len(newest)} suites with {sum(each.evaluated for each in newest):,} expectations: "
        f"{failed} with a critical failure, {warned} with a warning.</p>"
    )
    head = ["Suite", "Newest result", "Expectations", "Evaluated at (UTC)", "Last runs", "History"]
    return page("Data Docs", f"<h1>Data Docs</h1>{summary}{table('Suites', head, rows, [2])}")


def _row(suite: str, summaries: Sequence[Summary]) -> list[str]:
    newest = summaries[0]
    runs = "".join(map(_run, reversed(summaries)))
    return [
        link(f"expectations/{suite.replace('.', '/')}.html", suite),
        verdict(newest, up=""),
        f"{newest.evaluated:,}",
        text(shown_time(newest.run_time)),
        f'<span class="runs">{runs}</span>',
        link(f"history/{suite}.html", "trends"),
    ]


def _run(summary: Summary) -> str:
    words = f"{shown_time(summary.run_time)}, run {summary.run_name}"
    return f'<span class="{_kind(summary)}">{link(summary.page, _mark(summary), words)}</span>'


def _kind(summary: Summary) -> str:
    return "bad" if summary.critical else "warn" if summary.warning else "good"


def _mark(summary: Summary) -> str:
    return "\N{BALLOT X}" if summary.critical else "!" if summary.warning else "\N{CHECK MARK}"


def write_overviews(site: Path, outcomes: Path, suites: Sequence[str] | None = None) -> None:
    """Write the first page, and the history of suites.

    Args:
        site: the folder of the pages.
        outcomes: the folder of the project in which results and figures are kept.
        suites: those that were evaluated; all by default.
    """
    by_suite = read_summaries(outcomes / RESULTS, outcomes / "summaries.json")
    (site / "history").mkdir(parents=True, exist_ok=True)
    for suite in by_suite if suites is None else [each for each in suites if each in by_suite]:
        figures = read_trends(outcomes / FIGURES_FOLDER, suite)
        related = [each for each in (f"{suite}{FIGURES}", suite.removesuffix(FIGURES)) if each != suite]
        written = history_page(suite, by_suite[suite], figures, [each for each in related if each in by_suite])
        (site / "history" / f"{suite}.html").write_text(written, encoding="utf-8")
    (site / "index.html").write_text(index_page(by_suite), encoding="utf-8")


class OfflineIndexBuilder:
    """Builds the first page where a project of Great Expectations builds its Data Docs."""

    def __init__(self, data_context: Any, target_store: Any, **_: Any) -> None:
        """Take what Great Expectations gives every builder.

        Args:
            data_context: the project.
            target_store: where the pages are written.
        """
        self._root = Path(data_context.root_directory)
        self._target_store = target_store

    def build(self, skip_and_clean_missing: bool = True, build_index: bool = True) -> tuple[Any, None]:  # noqa: ARG002
        """Write the overviews.

        Args:
            skip_and_clean_missing: not used.
            build_index: whether to.

        Returns:
            The address of the first page, None where it was not built; and no list of links.
        """
        if not build_index:
            return None, None
        address = self._target_store.get_url_for_resource(only_if_exists=False)
        site = Path(url2pathname(urlparse(address).path)).parent
        write_overviews(site, self._root / OUTCOMES)
        return address, None
