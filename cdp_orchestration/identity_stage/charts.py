"""The charts of identity as picture files, and in the UI; drawn offline, without any personal data."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

if TYPE_CHECKING:
    from identity import Limits, Resolution

_SCALE = 2
# Vega-Lite's schema in the form that the renderer carries with it
_VEGA_LITE = "6.4"


def write_identity_charts(resolution: "Resolution", limits: "Limits", folder: Path) -> dict[str, str]:
    """Draw the charts of a resolution as PNG files, which replace those of the resolution before.

    The files are match_weights.png, profile_sizes.png and, for a resolution with figures, pair_scores.png and
    record_evidence.png.

    Args:
        resolution: the resolution.
        limits: the thresholds that the charts show.
        folder: the folder of the files.

    Returns:
        Each chart by its name as Markdown that contains the picture. It is SVG, because it becomes part of an event,
        and SVG is a quarter of the size of PNG.
    """
    from identity.quality import charts

    specs = {
        "match_weights": charts.match_weights_chart(resolution.model),
        "profile_sizes": charts.cluster_sizes_chart(_record_counts(resolution.clusters)),
    }
    if resolution.figures:
        specs["pair_scores"] = charts.scores_chart(resolution.figures, limits)
        specs["record_evidence"] = charts.own_weights_chart(resolution.figures, limits)
    folder.mkdir(parents=True, exist_ok=True)
    for name, spec in specs.items():
        write_chart(spec, folder / f"{name}.png")
    return {name: _markdown(name, _svg(spec)) for name, spec in specs.items()}


def write_chart(spec: Mapping[str, Any], path: Path) -> None:
    """Draw one chart into a file: SVG when its name ends with .svg, else PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".svg":
        path.write_text(_svg(spec), encoding="utf-8")
    else:
        path.write_bytes(_png(spec))


def _png(spec: Mapping[str, Any]) -> bytes:
    import vl_convert

    return bytes(vl_convert.vegalite_to_png({**spec, "background": "white"}, vl_version=_VEGA_LITE, scale=_SCALE))


def _svg(spec: Mapping[str, Any]) -> str:
    import vl_convert

    return str(vl_convert.vegalite_to_svg({**spec, "background": "white"}, vl_version=_VEGA_LITE))


def _markdown(name: str, svg: str) -> str:
    return f"![{name.replace('_', ' ')}](data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})"


def _record_counts(clusters: pa.Table) -> dict[int, int]:
    with duckdb.connect() as work:
        work.register("clusters", clusters)
        sizes = "select count(*) as record_count from clusters group by cluster_id"
        return dict(work.execute(f"select record_count, count(*) from ({sizes}) group by 1 order by 1").fetchall())
