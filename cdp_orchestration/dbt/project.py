"""The dbt project as the platform uses it: its manifest, and its models by the part that they play."""

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from cdp_orchestration.errors import DbtFailedError
from cdp_orchestration.home.settings import DBT_PROJECT_DIR, Settings

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

DBT_STAGES = ("staging", "profiles", "journeys")
PUBLISHED_STAGES = ("profiles", "journeys")
PROJECT_ARGUMENTS = ("--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR))
QUIET = ("--log-level", "none", "--log-level-file", "none", "--no-use-colors")


def manifest() -> Mapping[str, Any]:
    """Return the project's manifest, as new as its files (parsed anew when one has changed); do not modify it."""
    path = Settings.from_environment().parsed_dbt_project / "manifest.json"
    if _is_stale(path):
        _write_manifest(path)
    return _manifest_at(path, path.stat().st_mtime_ns)


def _write_manifest(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"manifest.{os.getpid()}.json")
    parsed_manifest().write(str(unfinished))  # type: ignore[no-untyped-call]
    unfinished.replace(path)


@cache
def _manifest_at(path: Path, _modified_ns: int) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def published_models(manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the public models under their plain names: the tables of a release, in order of name."""
    nodes = (node for node in manifest["nodes"].values() if node["resource_type"] == "model")
    public = [node for node in nodes if node["schema"] in PUBLISHED_STAGES and node["access"] == "public"]
    return {node["name"]: node for node in sorted(public, key=lambda node: node["name"])}


def node_by_table(manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the models and seeds by schema and name (``<schema>/<name>``), which is also the key of their asset."""
    nodes = (node for node in manifest["nodes"].values() if node["resource_type"] in {"model", "seed"})
    return {f"{node['schema']}/{node['name']}": node for node in nodes}


def growing_models(manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the public models that hold data stored nowhere else, so that no build may start them anew."""
    public = published_models(manifest)
    return {name: node for name, node in public.items() if node["config"]["full_refresh"] is False}


def models_by_profile(manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the models that are built by touched profile: a build renews the rows of changed profiles."""
    models = (node for node in manifest["nodes"].values() if node["resource_type"] == "model")
    return {node["name"]: node for node in models if node["config"]["incremental_strategy"] == "touched_profiles"}


@cache
def parsed_manifest() -> "Manifest":
    """Return the manifest as dbt's own object, from which runs start; raises DbtFailedError when it does not parse."""
    # Parsed once in a process; every later run of dbt in it starts from here. The file that other processes read of
    # the same project is not written: they would find a part of it.
    target = str(Settings.from_environment().parsed_dbt_project)
    places = ("--target-path", target, "--log-path", target)
    result = invoke([*QUIET, "--no-write-json", "parse", *PROJECT_ARGUMENTS, *places], DBT_PROJECT_DIR)
    if result.exception or not result.success:
        raise DbtFailedError(f"{DBT_PROJECT_DIR} cannot be parsed; correct the project: {result.exception}")
    return cast("Manifest", result.result)


def invoke(arguments: Sequence[str], folder: Path, **options: Any) -> "dbtRunnerResult":
    """Run dbt with these arguments in a folder, and leave no connection open."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    # The profile names the warehouse relative to the working directory: an open connection would serve the next home.
    with contextlib.chdir(folder):
        result = dbtRunner(**options).invoke(list(arguments))
    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    return result


def _is_stale(manifest_path: Path) -> bool:
    if not manifest_path.exists():
        return True
    written = manifest_path.stat().st_mtime_ns
    sources = (path for path in DBT_PROJECT_DIR.rglob("*") if "target" not in path.parts and "logs" not in path.parts)
    # An installer keeps the time of a file's content, so the time at which the file came here counts as well.
    return any(path.is_file() and max(path.stat().st_mtime_ns, path.stat().st_ctime_ns) > written for path in sources)
