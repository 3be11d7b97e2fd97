"""Render the figures as one self-contained HTML page: style and charts are inline, there is no script."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import jinja2

from cdp_orchestration.customer_report import (
    campaigns,
    charts,
    cohorts,
    experience,
    freshness,
    headlines,
    highlights,
    identity_health,
    journeys,
    marks,
    reach,
    revenue,
)
from cdp_orchestration.customer_report import scorecard as scores
from cdp_orchestration.customer_report import words as wording
from cdp_orchestration.customer_report.figures import Figures
from expectations.known_values import STAGES

_TEMPLATES = Path(__file__).parent / "templates"
_FUNCTIONS = ("marketing", "sales", "product", "support", "in_store", "supply_chain")


@dataclass(frozen=True)
class Page:
    """What stands around the figures: whose customers they are, the list beside the page, what the gates found."""

    attribution_window_days: int
    company_name: str | None = None
    contacts_file: str = ""
    contact_count: int = 0
    data_docs: str = ""


def render_page(figures: Figures, page: Page) -> str:
    """Return the page as HTML."""
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            figures=figures,
            page=page,
            highlights=highlights.highlights(figures),
            metrics_by_function=_by_function(figures.metrics),
            trends=_trends(figures.trends),
            flow_table=_flow_table(figures.flows),
            heat_tables=[_heat_table(figures.heat, measure) for measure in experience.MEASURES],
            reach_table={(found.channel, found.purpose): found for found in figures.reach},
            style=(_TEMPLATES / "style.css").read_text(encoding="utf-8"),
        )
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,  # of every template, whatever its ending: customers' values never become markup
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(words=wording.words, rule=wording.rule_words, line=wording.line_words)
    environment.globals.update(
        campaigns=campaigns,
        charts=charts,
        cohorts=cohorts,
        experience=experience,
        freshness=freshness,
        headlines=headlines,
        identity_health=identity_health,
        journeys=journeys,
        reach=reach,
        revenue=revenue,
        scorecard=scores,
        part_of=wording.part_of,
        month=wording.month,
        # A number is shown by one of these alone, so that it carries its name and exact value.
        fig=marks.figure,
        n=marks.number,
        pct=marks.share,
        cents=marks.cents,
        money=marks.money,
        on=marks.day,
        decimal=marks.decimal,
        measured=marks.measured,
    )
    return environment


def _by_function(metrics: Iterable[scores.Metric]) -> dict[str, list[scores.Metric]]:
    grouped: dict[str, list[scores.Metric]] = defaultdict(list)
    for metric in metrics:
        grouped[metric.function].append(metric)
    return {function: grouped[function] for function in wording.in_order(set(grouped), _FUNCTIONS)}


def _trends(points: Iterable[scores.TrendPoint]) -> dict[tuple[str, str], list[tuple[date, float]]]:
    trends: dict[tuple[str, str], list[tuple[date, float]]] = defaultdict(list)
    for point in points:
        trends[point.function, point.metric].append((point.scored_on, point.value))
    return trends


def _flow_table(flows: Iterable[journeys.StageFlow]) -> dict[str, object]:
    counts = {(flow.source, flow.target): flow.count for flow in flows}
    left, right = Counter[str](), Counter[str]()
    for (source, target), often in counts.items():
        left[source] += often
        right[target] += often
    return {
        "sources": wording.in_order(left, (journeys.BEGINNING, *STAGES)),
        "targets": wording.in_order(right, (*STAGES, *journeys.ENDINGS)),
        "counts": counts,
        "left": left,
        "right": right,
        "total": sum(counts.values()),
    }


def _heat_table(cells: Iterable[experience.HeatCell], measure: experience.HeatMeasure) -> dict[str, object]:
    found = {(cell.channel, cell.stage): cell for cell in cells if cell.measure == measure.name}
    return {
        "measure": measure,
        "channels": sorted({channel for channel, _ in found}),
        "stages": wording.in_order({stage for _, stage in found}, STAGES),
        "cells": found,
    }
