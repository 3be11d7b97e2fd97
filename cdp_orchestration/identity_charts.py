"""The charts of identity as picture files, and in the UI; drawn offline, without any personal data."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from identity import Resolution

# In the UI the picture is part of the event, so it is drawn at its plain size; files are drawn larger
_SCALE_OF_FILES, _SCALE_OF_EVENTS = 2, 1
# Vega-Lite's schema in the form that the renderer carries with it
_VEGA_LITE = "6.4"


def write_identity_charts(resolution: "Resolution", folder: Path) -> dict[str, str]:
    """Draw the charts of a resolution into `folder`, over those of the last; return each as Markdown with the picture.

    Files: match_weights.png, profile_sizes.png, pair_scores.png, record_evidence.png.
    """
    from identity import Limits, charts

    limits = Limits()
    specs = {
        "match_weights": charts.match_weights_chart(resolution.model),
        "profile_sizes": charts.cluster_sizes_chart(_record_counts(resolution.clusters)),
        "pair_scores": charts.scores_chart(resolution.figures, limits),
        "record_evidence": charts.own_weights_chart(resolution.figures, limits),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, spec in specs.items():
        (folder / f"{name}.png").write_bytes(_png(spec, _SCALE_OF_FILES))
    return {name: _markdown(name, _png(spec, _SCALE_OF_EVENTS)) for name, spec in specs.items()}


def write_chart(spec: Mapping[str, Any], path: Path) -> None:
    """Draw one chart into a file whose ending says whether it is SVG or else PNG."""
    import vl_convert

    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".svg":
        path.write_text(vl_convert.vegalite_to_svg(dict(spec), vl_version=_VEGA_LITE), encoding="utf-8")
    else:
        path.write_bytes(_png(spec, _SCALE_OF_FILES))


def _png(spec: Mapping[str, Any], scale: int) -> bytes:
    import vl_convert

    return bytes(vl_convert.vegalite_to_png({**spec, "background": "white"}, vl_version=_VEGA_LITE, scale=scale))


def _markdown(name: str, picture: bytes) -> str:
    return f"![{name.replace('_', ' ')}](data:image/png;base64,{base64.b64encode(picture).decode()})"


def _record_counts(clusters: pa.Table) -> dict[int, int]:
    sizes = clusters.group_by("cluster_id").aggregate([("person_record_id", "count")])
    counts = sizes.group_by("person_record_id_count").aggregate([("cluster_id", "count")])
    return {row["person_record_id_count"]: row["cluster_id_count"] for row in counts.to_pylist()}
