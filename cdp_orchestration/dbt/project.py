"""The dbt project as the platform uses it: its manifest, and its models by the part that they play."""

import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from cdp_orchestration.dbt.asked_to_end import ending_dbt_with_signals
from cdp_orchestration.dbt.bucket_files import remove_bucket_files
from cdp_orchestration.dbt.composition import project_dir
from cdp_orchestration.dbt.own_model_files import where_written
from cdp_orchestration.errors import DbtFailedError
from cdp_orchestration.home.settings import DBT_PROJECT_DIR, PROJECT_ROOT, Settings

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

DBT_STAGES = ("staging", "profiles", "journeys")
PUBLISHED_STAGES = ("profiles", "journeys")
_OWN_IS_WRONG = "The models of this home cannot be read; correct the file that is named"
QUIET = ("--log-level", "none", "--log-level-file", "none", "--no-use-colors")


def manifest() -> Mapping[str, Any]:
    """Return the project's manifest, as new as its files (parsed anew when one has changed); do not modify it."""
    settings = Settings.from_environment()
    project = project_dir(settings)
    path = _target(settings, project) / "manifest.json"
    if _is_stale(path, project):
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


def parsed_manifest() -> "Manifest":
    """Return the manifest as dbt's own object, from which runs start; raises DbtFailedError when it does not parse."""
    settings = Settings.from_environment()
    project = project_dir(settings)
    return _parsed(project, _target(settings, project), _newest_change(project) if project != DBT_PROJECT_DIR else 0)


@cache
def _parsed(project: Path, target: Path, _changed_ns: int) -> "Manifest":
    # Parsed once in a process; every later run of dbt in it starts from here. The file that other processes read of
    # the same project is not written: they would find a part of it.
    places = ("--target-path", str(target), "--log-path", str(target))
    result = invoke([*QUIET, "--no-write-json", "parse", *_arguments(project), *places], project)
    if result.exception or not result.success:
        said = where_written(str(result.exception), Settings.from_environment())
        # That of a home is a copy: what is wrong stands in the files that it is made of
        wrong = f"{project} cannot be parsed; correct the project" if project == DBT_PROJECT_DIR else _OWN_IS_WRONG
        raise DbtFailedError(f"{wrong}: {said}")
    return cast("Manifest", result.result)


def project_arguments() -> tuple[str, ...]:
    """Return the arguments that name dbt's project of the home of the environment, and on what its runs compute."""
    settings = Settings.from_environment()
    target = ("--target", "spark") if settings.engine.name == "spark" else ()
    return (*_arguments(project_dir(settings)), *target)


def _arguments(project: Path) -> tuple[str, ...]:
    return ("--project-dir", str(project), "--profiles-dir", str(project))


def lineage_file() -> Path:
    """Return where the lineages of columns are kept that were read from models: one file for all homes, if it can."""
    return _target(Settings.from_environment(), DBT_PROJECT_DIR) / "column_lineage.json"


def _target(settings: Settings, project: Path) -> Path:
    """Return where dbt writes what it has parsed: in the home where the project is its own or cannot be written."""
    is_installed = project == DBT_PROJECT_DIR and project.parent != PROJECT_ROOT
    return settings.dbt_target / "project" if is_installed else project / "target"


def invoke(arguments: Sequence[str], folder: Path, **options: Any) -> "dbtRunnerResult":
    """Run dbt with these arguments in a folder, and leave no connection open, nor a file of tasks."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    # The profile names the warehouse relative to the working directory: an open connection would serve the next home.
    with ending_dbt_with_signals():
        try:
            with contextlib.chdir(folder):
                result = dbtRunner(**options).invoke(list(arguments))
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        finally:
            remove_bucket_files(folder)
    return result


def _is_stale(manifest_path: Path, project: Path) -> bool:
    return not manifest_path.exists() or _newest_change(project) > manifest_path.stat().st_mtime_ns


def _newest_change(project: Path) -> int:
    places = (path.relative_to(project).parts for path in project.rglob("*"))
    sources = (project.joinpath(*parts) for parts in places if parts[0] not in ("target", "logs"))
    # An installer keeps the time of a file's content, so the time at which the file came here counts as well; a file
    # that is gone has changed its folder.
    return max(max(path.stat().st_mtime_ns, path.stat().st_ctime_ns) for path in sources)
