"""Charts of a model, a resolution and a pair, as Vega-Lite specifications with counts and weights alone."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from identity.explanation.weighed_pair import WeighedPair
from identity.explanation.wording import words_of_level
from identity.limits import Limits, threshold_weight
from identity.model.trained_model import TrainedModel
from identity.quality.figures import Figures

Spec = dict[str, Any]

_FOR, _AGAINST, _NEUTRAL = "#2a7f62", "#b5483a", "#5b6b7b"
_MAX_SIZE_SHOWN = 15
_PERSON, _SPARSE = "a person", "neither given name nor date of birth"


def match_weights_chart(model: TrainedModel) -> Spec:
    """The bits of each level of each comparison: bars against strangers, ticks against a household."""
    rows = [
        {
            "comparison": comparison.replace("_", " "),
            "level": words_of_level(comparison, level),
            "order": rank,
            "bits": round(math.log2(values["m"] / values["u"]), 2),
            "household": round(math.log2(values["m"] / values["u_household"]), 2),
        }
        for comparison, levels in model.parameters.items()
        for rank, (level, values) in enumerate(levels.items())
    ]
    names = list(dict.fromkeys(row["comparison"] for row in rows))
    level = {
        "field": "level",
        "type": "nominal",
        "sort": {"field": "order"},
        "title": None,
        "axis": {"labelLimit": 260},
    }
    bars = {"mark": "bar", "encoding": {"y": level, "x": _bits("bits"), "color": _by_sign("datum.bits")}}
    ticks = {
        "mark": {"type": "tick", "color": "black", "thickness": 2},
        "encoding": {"y": level, "x": _bits("household")},
    }
    return {
        "title": _title("Match weights", "bars: against two strangers; black ticks: against two of one household"),
        "data": {"values": rows},
        "facet": {"row": {"field": "comparison", "sort": names, "title": None, "header": {"labelAngle": 0}}},
        "spec": {"width": 360, "layer": [bars, ticks]},
        "resolve": {"scale": {"y": "independent"}},
    }


def waterfall_chart(pair: WeighedPair) -> Spec:
    """The parts of a pair's weight, from any two records to the probability that these two are one person."""
    steps = [("any two records at all", pair.prior_weight)]
    steps += [(found.words, found.weight) for found in pair.findings if found.weight]
    steps += [("doubt: a household, or names alone", pair.doubt)] if pair.doubt else []
    rows, total = [], 0.0
    for name, weight in steps:
        rows.append({"step": name, "from": total, "to": total + weight, "sign": weight})
        total += weight
    together = f"together: probability {pair.match_probability:.4f}"
    rows.append({"step": together, "from": 0, "to": pair.match_weight, "sign": pair.match_weight})
    order = [row["step"] for row in rows]
    return {
        "title": _title("Why, or why not", f"{pair.left} and {pair.right}"),
        "width": 420,
        "data": {"values": rows},
        "mark": "bar",
        "encoding": {
            "y": {"field": "step", "type": "nominal", "sort": order, "title": None, "axis": {"labelLimit": 260}},
            "x": {"field": "from", "type": "quantitative", "title": "bits"},
            "x2": {"field": "to"},
            "color": _by_sign("datum.sign"),
        },
    }


def cluster_sizes_chart(record_counts: Mapping[int, int]) -> Spec:
    """The number of profiles by their number of records, from the number of clusters by that number."""
    shown: dict[int, int] = {}
    for size, count in record_counts.items():
        shown[min(size, _MAX_SIZE_SHOWN)] = shown.get(min(size, _MAX_SIZE_SHOWN), 0) + count
    rows = [
        {"records": f"{size}+" if size == _MAX_SIZE_SHOWN else str(size), "profiles": count}
        for size, count in sorted(shown.items())
    ]
    return _bars("Profiles by size", "records of a profile", rows, ("records", "ordinal"), "profiles")


def scores_chart(figures: Figures, limits: Limits) -> Spec:
    """The number of weighed pairs by match weight, with the thresholds of a review and of a link."""
    rows = [{"bits": bits + 0.5, "pairs": count} for bits, count in figures.pairs_by_weight.items()]
    bars = _bars("Scores of the compared pairs", "match weight, bits", rows, ("bits", "quantitative"), "pairs")
    return _with_thresholds(bars, limits)


def own_weights_chart(figures: Figures, limits: Limits) -> Spec:
    """The evidence within records: the number of records by their weight against themselves, with the thresholds."""
    rows = [
        {"bits": bits + 0.5, "records": count, "kind": _SPARSE if is_sparse else _PERSON}
        for (bits, is_sparse), count in figures.units_by_own_weight.items()
    ]
    share = (
        ""
        if figures.unlinkable_share is None
        else f": {figures.unlinkable_share:.1%} too little for a link by likeness"
    )
    title = f"Evidence within a record{share}"
    bars = _bars(title, "match weight with itself, bits", rows, ("bits", "quantitative"), "records")
    bars["encoding"]["color"] = {
        "field": "kind",
        "title": None,
        "scale": {"range": [_FOR, _NEUTRAL], "domain": [_PERSON, _SPARSE]},
        "legend": {"orient": "bottom", "labelLimit": 260},
    }
    return _with_thresholds(bars, limits)


def _bars(title: str, x_title: str, rows: Iterable[Spec], x: tuple[str, str], count: str) -> Spec:
    name, kind = x
    return {
        "title": title,
        "width": 420,
        "height": 220,
        "data": {"values": list(rows)},
        "mark": {"type": "bar", "color": _NEUTRAL, **({"width": 5} if kind == "quantitative" else {})},
        "encoding": {
            "x": {"field": name, "type": kind, "title": x_title, **({"sort": None} if kind == "ordinal" else {})},
            "y": {"field": count, "type": "quantitative", "title": count},
        },
    }


def _with_thresholds(bars: Spec, limits: Limits) -> Spec:
    rules = [
        {"at": round(threshold_weight(probability), 3), "label": f"{name} {probability:.0%}"}
        for name, probability in (("review", limits.review_probability), ("link", limits.link_probability))
    ]
    lines = {
        "data": {"values": rules},
        "mark": {"type": "rule", "strokeDash": [4, 3], "strokeWidth": 2},
        "encoding": {
            "x": {"field": "at", "type": "quantitative"},
            "color": {
                "field": "label",
                "title": None,
                "scale": {"range": ["#c98a1b", "black"], "domain": [rule["label"] for rule in rules]},
                "legend": {"orient": "bottom"},
            },
        },
    }
    outer = {key: bars.pop(key) for key in ("title", "width", "height")}
    return {**outer, "layer": [bars, lines], "resolve": {"scale": {"color": "independent"}}}


def _title(text: str, subtitle: str) -> Spec:
    return {"text": text, "subtitle": subtitle}


def _bits(field: str) -> Spec:
    return {"field": field, "type": "quantitative", "title": "bits"}


def _by_sign(value: str) -> Spec:
    return {"condition": {"test": f"{value} >= 0", "value": _FOR}, "value": _AGAINST}
