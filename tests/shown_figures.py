"""Compare every number on the customer report with the tables of its release: shares no code with the report.

``find_shown`` reads the marks of the page, and which numbers have none. ``count_again`` counts each figure from the
published tables by queries of its own.
"""

import json
import math
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import duckdb
from figure_queries import QUERIES, SETTINGS

Of = tuple[str, ...]
Counted = dict[str, dict[Of, Any]]

# Sentences of the page that hold a number which is no figure: scales, and the level of the intervals
FIXED_TEXTS = (
    "95 % interval",
    "95 % confidence intervals: in 19 of 20",
    "Negative feedback (0 to 100 %)",
    "of 100 or less",
    "0 to 100 (best)",
    "-1 (worst) to 1 (best)",
    "0 to 100 (most effort)",
    "Expected effort (0 to 6)",
    "expected effort of a contact, 0 to 6",
    "Expected effort of a contact (0 to 6",
)
_VOID = {"meta", "input", "br", "link", "img", "hr"}
_UNITS = {"%": 100, "min": 1, "h": 1 / 60, "days": 1 / 1440}


@dataclass
class ShownFigure:
    """One element of the page that shows a figure."""

    name: str
    of: Of
    value: str
    text: str = ""


@dataclass
class _Element:
    tag: str
    figure: ShownFigure | None
    name: str | None
    text: list[str] = field(default_factory=list)


class _Marks(HTMLParser):
    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self._fixed = (*FIXED_TEXTS, *names)
        self.figures: list[ShownFigure] = []
        self.unmarked: list[str] = []
        self.named: list[tuple[str, str]] = []
        self._open: list[_Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        for name in ("title", "aria-label", "alt"):
            if re.search(r"\d", found.get(name) or ""):
                self.unmarked.append(f"{name}={found[name]}")
        figure = None
        if "data-figure" in found:
            of = tuple(json.loads(found.get("data-of") or "[]"))
            figure = ShownFigure(str(found["data-figure"]), of, found["data-value"] or "")
            self.figures.append(figure)
        if tag not in _VOID:
            self._open.append(_Element(tag, figure, found.get("data-name")))

    def handle_endtag(self, tag: str) -> None:
        closed = self._open.pop()
        assert closed.tag == tag
        text = " ".join("".join(closed.text).split())
        if closed.name is not None:
            if re.search(r"\d", text):
                self.named.append((closed.name, text))
        elif closed.tag != "style" and re.search(r"\d", self._without_fixed(text)):
            self.unmarked.append(text)

    def handle_data(self, data: str) -> None:
        around = next((element for element in reversed(self._open) if element.figure), None)
        if around and around.figure:
            around.figure.text += data
        elif self._open:
            self._open[-1].text.append(data)

    def _without_fixed(self, text: str) -> str:
        for fixed in self._fixed:
            text = text.replace(fixed, "")
        return text


def find_shown(page: str, names: set[str]) -> tuple[list[ShownFigure], list[str]]:
    """Return the figures of a page, and the texts with a number that is neither a figure nor in a name.

    Args:
        page: the page as HTML.
        names: names with a number that are no dimension of a figure, such as that of a file.

    Returns:
        Both in the order of the page.
    """
    marks = _Marks(names)
    marks.feed(page)
    names = names | {name for figure in marks.figures for name in figure.of}
    return marks.figures, marks.unmarked + [text for name, text in marks.named if name not in names]


def count_again(connection: duckdb.DuckDBPyConnection, run_id: str, release_id: str, written_on: date) -> Counted:
    """Count every figure from the tables of a release.

    Args:
        connection: a connection with the release's tables.
        run_id: the sync that made the release.
        release_id: the release.
        written_on: the day on which the page says that it was written.

    Returns:
        For each name, what it is counted of and the value.
    """
    values = {"run_id": run_id, "release_id": release_id, "written_on": written_on}
    counted: Counted = {}
    for name, query in QUERIES.items():
        used = {key: value for key, value in values.items() if f"${key}" in query}
        rows = connection.execute(query, used).fetchall()
        counted[name] = {tuple("" if part is None else str(part) for part in row[:-1]): row[-1] for row in rows}
        assert len(counted[name]) == len(rows), f"{name} is counted twice of the same"
    return counted | _intervals(connection)


def _intervals(connection: duckdb.DuckDBPyConnection) -> Counted:
    """The intervals: Wilson's of a share, the normal one of a mean."""
    lows: dict[Of, float] = {}
    highs: dict[Of, float] = {}
    query = QUERIES["pain.share"].replace("negatives / answers", "[negatives, answers]")
    for kind, (bad, all_of_them) in connection.execute(query).fetchall():
        p, z2 = bad / all_of_them, 1.96**2
        half = 1.96 * math.sqrt(p * (1 - p) / all_of_them + z2 / (4 * all_of_them**2)) / (1 + z2 / all_of_them)
        middle = (p + z2 / (2 * all_of_them)) / (1 + z2 / all_of_them)
        lows[(kind,)], highs[(kind,)] = max(0.0, middle - half), min(1.0, middle + half)
    score_lows: dict[Of, float] = {}
    score_highs: dict[Of, float] = {}
    for kind, mean, spread, answers in connection.execute(QUERIES["score.spread"]).fetchall():
        low, high = {"nps": (-100, 100), "csat": (1, 5), "ces": (1, 7)}[kind]
        if answers > 1 and spread > 0:
            score_lows[(kind,)] = max(low, mean - 1.96 * spread / math.sqrt(answers))
            score_highs[(kind,)] = min(high, mean + 1.96 * spread / math.sqrt(answers))
    return {"pain.low": lows, "pain.high": highs, "score.low": score_lows, "score.high": score_highs}


def differences(shown: list[ShownFigure], counted: Counted) -> list[str]:
    """Return what differs between a page and its tables: a value, its text, or a figure that is missing on one side."""
    found = []
    places = defaultdict(set)
    for figure in shown:
        places[figure.name].add(figure.of)
        expected = SETTINGS if figure.name.startswith("setting.") else counted.get(figure.name, {})
        key = (figure.name, *figure.of) if figure.name.startswith("setting.") else figure.of
        if key not in expected:
            found.append(f"{figure.name} {figure.of} is shown as {figure.text!r} and counted nowhere")
        elif not _is_same(figure.value, expected[key]):
            found.append(f"{figure.name} {figure.of} has the value {figure.value!r}; counted: {expected[key]!r}")
        elif not _says(figure.text, expected[key]):
            found.append(f"{figure.name} {figure.of} is shown as {figure.text!r}; counted: {expected[key]!r}")
    for name, expected in counted.items():
        missing = {of for of in expected if of not in places[name]}
        if missing and name != "score.spread":
            found.append(f"{name} is not shown of {sorted(missing)[:5]}")
    return found


def _is_same(value: str, counted: Any) -> bool:
    if counted is None or value == "":
        return counted is None and value == ""
    if isinstance(counted, datetime):
        counted = counted.date()
    if isinstance(counted, date | str):
        return value == str(counted)
    if isinstance(counted, float):
        return math.isclose(float(value), counted, rel_tol=1e-9, abs_tol=1e-9)
    return Decimal(value) == Decimal(counted)


def _says(text: str, counted: Any) -> bool:
    """Whether a text shows a value, rounded as it is written."""
    if counted is None:
        return text == "–"
    if isinstance(counted, str):
        return text == counted
    if isinstance(counted, date):
        return datetime.strptime(text, "%d %B %Y").date() == (  # noqa: DTZ007 - a day without a time
            counted.date() if isinstance(counted, datetime) else counted
        )
    written = re.search(r"(-?[\d,]+(?:\.(\d+))?)(?:\s(%|min|h|days))?$", text)
    if written is None:
        return False
    number = Decimal(written[1].replace(",", ""))
    exact = float(counted) * _UNITS.get(written[3] or "", 1)
    return abs(float(number) - exact) <= 0.5 * 10 ** -len(written[2] or "") + 1e-6
