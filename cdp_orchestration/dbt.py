"""The dbt project as the orchestrator sees it: its manifest, and its runs in this process.

What the models compute is written in ``dbt_project/``. dbt runs here rather than in a process of its own because its
start and its parsing would cost more than the models, three times a sync, and because a process of its own would go
on writing after the run that started it was killed.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import dagster as dg
from dagster_dbt import DbtProject
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from cdp_orchestration.errors import DbtFailedError
from cdp_orchestration.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest
    from dbt_common.events.base_types import EventMsg

DBT_PROJECT_DIR = PROJECT_ROOT / "dbt_project"
DBT_STAGES = ("staging", "profiles", "journeys")
PUBLISHED_STAGES = ("profiles", "journeys")
_PROJECT_ARGUMENTS = ("--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR))
_RESULTS = {"LogModelResult", "LogSeedResult", "LogTestResult"}
_QUIET = ("--log-level", "none", "--log-level-file", "none", "--no-use-colors")
# Nobody reads the manifest and the results that a build would write: up to half a second each time.
_BUILD = (*_QUIET, "--no-write-json", "build", *_PROJECT_ARGUMENTS)


@dataclass(frozen=True)
class DbtRun:
    """What one invocation of dbt did: Dagster's events in order, and the names of the nodes that failed."""

    events: tuple[Any, ...]
    failed: tuple[str, ...]


@dataclass(frozen=True)
class BuiltModel:
    """A model that was built: how dbt keeps it, and what was asked of the database."""

    name: str
    materialization: str
    language: str
    compiled_code: str


def dbt_project() -> DbtProject:
    """Return the project, with a manifest as new as its files (parsed anew when one has changed)."""
    project = DbtProject(project_dir=DBT_PROJECT_DIR, profiles_dir=DBT_PROJECT_DIR)
    if _is_stale(project.manifest_path):
        _write_manifest(project.manifest_path)
    return project


def _write_manifest(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_name(f"manifest.{os.getpid()}.json")
    _parsed_manifest().write(str(unfinished))
    unfinished.replace(path)


def selection(stage: str) -> str:
    """Return dbt's selection of one stage; the seeds are loaded with the first."""
    return f"path:models/{stage}" + (" path:seeds" if stage == "staging" else "")


def build_arguments(names: Sequence[str], target: Path, code_version: str, *, is_whole: bool) -> list[str]:
    """Return the arguments that build these models and seeds with their tests.

    Unit tests prove logic, not data, so they run with the project's tests.

    Args:
        names: models and seeds.
        target: a folder for what dbt writes on the way.
        code_version: what the tables that are built by touched profile note as their maker.
        is_whole: whether those are built anew, not by what has changed.
    """
    places = ["--target-path", str(target), "--log-path", str(target)]
    variables = ["--vars", json.dumps({"code_version": code_version}), *(["--full-refresh"] if is_whole else [])]
    chosen = ["--exclude-resource-type", "unit_test", "--select", *names]
    return [*_BUILD, *places, *variables, *chosen]


def run_dbt(
    context: dg.AssetExecutionContext, manifest: Mapping[str, Any], arguments: Sequence[str], home: Path
) -> DbtRun:
    """Run dbt on the warehouse of a home to its end and return what Dagster needs to know of it.

    Raises:
        DbtFailedError: dbt could not run at all.
    """
    from dbt_common.events.functions import msg_to_dict

    messages: list[dict[str, Any]] = []

    def collect(message: "EventMsg") -> None:
        # dbt tells some thousand things a run; only these become Dagster's events.
        if message.info.name in _RESULTS:
            messages.append(msg_to_dict(message))

    result = _invoke(arguments, home, manifest=_parsed_manifest(), callbacks=[collect])
    if result.exception:
        raise DbtFailedError(f"dbt could not run: {result.exception}") from result.exception
    events = [
        event
        for message in messages
        for event in DbtCoreCliEventMessage(message, {}).to_default_asset_events(manifest, context=context)
    ]
    outcome = cast("RunExecutionResult", result.result)
    failed = [each.node.name for each in outcome.results if each.status in {"error", "fail"}]
    return DbtRun(tuple(events), tuple(failed))


def run_models(
    home: Path,
    chosen: Sequence[str],
    variables: Mapping[str, str] | None = None,
    *,
    is_whole: bool,
    with_tests: bool = False,
) -> list[BuiltModel]:
    """Build models of a home outside of Dagster; return them in the order in which they were built.

    Args:
        home: the home; nobody else writes it.
        chosen: dbt's selection; seeds may be among it.
        variables: other values for variables of the project.
        is_whole: whether tables are built anew that are otherwise built by what has changed.
        with_tests: whether the data tests run as well, as they do in a sync.

    Raises:
        DbtFailedError: a model could not be built, or a test failed.
    """
    from dbt.contracts.graph.nodes import ModelNode

    target = home / "dbt_models"
    places = ["--target-path", str(target), "--log-path", str(target), "--vars", json.dumps(dict(variables or {}))]
    left_out = ["--exclude-resource-type", "unit_test", *([] if with_tests else ["test"])]
    how = ["--full-refresh"] if is_whole else []
    arguments = [*_BUILD, *places, *how, *left_out, "--select", *chosen]
    result = _invoke(arguments, home, manifest=_parsed_manifest())
    if not result.success:
        raise DbtFailedError(f"{', '.join(chosen)} could not be built: {result.exception or 'a model or test failed'}")
    shutil.rmtree(target)
    nodes = (each.node for each in cast("RunExecutionResult", result.result).results)
    return [
        BuiltModel(node.name, str(node.config.materialized), node.language, node.compiled_code or "")
        for node in nodes
        if isinstance(node, ModelNode)
    ]


def write_docs(home: Path, file: Path, target: Path) -> None:
    """Write the project's documentation with the columns of a home's warehouse into one HTML file that needs no other.

    Args:
        home: the home; its writer's lock is held by the caller, since dbt opens the warehouse.
        file: the page; a reader sees the former one or the new one, never half.
        target: a folder for what dbt writes on the way, removed at the end.

    Raises:
        DbtFailedError: dbt could not write it.
    """
    places = ["--target-path", str(target), "--log-path", str(target)]
    try:
        arguments = [*_QUIET, "docs", "generate", "--static", *_PROJECT_ARGUMENTS, *places]
        result = _invoke(arguments, home, manifest=_parsed_manifest())
        if not result.success:
            raise DbtFailedError(
                f"the documentation could not be written: {result.exception or 'a table could not be read'}"
            )
        file.parent.mkdir(parents=True, exist_ok=True)
        (target / "static_index.html").replace(file)
    finally:
        shutil.rmtree(target, ignore_errors=True)


@cache
def _manifest_at(path: Path, _modified_ns: int) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def manifest(project: DbtProject) -> Mapping[str, Any]:
    """Return the parsed manifest; callers must not change it."""
    return _manifest_at(project.manifest_path, project.manifest_path.stat().st_mtime_ns)


def published_models(manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the public models under their plain names: the tables of a release, in order of name."""
    nodes = (node for node in manifest["nodes"].values() if node["resource_type"] == "model")
    public = [node for node in nodes if node["schema"] in PUBLISHED_STAGES and node["access"] == "public"]
    return {node["name"]: node for node in sorted(public, key=lambda node: node["name"])}


def growing_models(manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return those public models that hold what is nowhere else any more, so that no build may begin them anew."""
    public = published_models(manifest)
    return {name: node for name, node in public.items() if node["config"]["full_refresh"] is False}


def models_by_profile(manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the models of which a build renews the rows of profiles that have changed."""
    models = (node for node in manifest["nodes"].values() if node["resource_type"] == "model")
    return {node["name"]: node for node in models if node["config"]["incremental_strategy"] == "touched_profiles"}


@cache
def _parsed_manifest() -> "Manifest":
    # Parsed once in a process; every later run of dbt in it starts from here. The file that other processes read of
    # the same project stays as it is: they would find it half written.
    result = _invoke([*_QUIET, "--no-write-json", "parse", *_PROJECT_ARGUMENTS], DBT_PROJECT_DIR)
    if result.exception or not result.success:
        raise DbtFailedError(f"{DBT_PROJECT_DIR} cannot be parsed; mend the project: {result.exception}")
    return cast("Manifest", result.result)


def _invoke(arguments: Sequence[str], folder: Path, **options: Any) -> "dbtRunnerResult":
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    # The profile names the warehouse relative to the working directory; left open, it would serve the next home too.
    with contextlib.chdir(folder):
        result = dbtRunner(**options).invoke(list(arguments))
    DuckDBConnectionManager.close_all_connections()
    return result


def _is_stale(manifest_path: Path) -> bool:
    if not manifest_path.exists():
        return True
    written = manifest_path.stat().st_mtime_ns
    sources = (path for path in DBT_PROJECT_DIR.rglob("*") if "target" not in path.parts and "logs" not in path.parts)
    return any(path.is_file() and path.stat().st_mtime_ns > written for path in sources)
