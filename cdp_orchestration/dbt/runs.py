"""Runs of dbt in this process: the arguments, the invocation, what came of it.

dbt runs here rather than in a process of its own because its start and its parsing would cost more than the models,
three times a sync, and because a process of its own would go on writing after the run that started it was killed.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from cdp_orchestration.dbt.project import PROJECT_ARGUMENTS, QUIET, invoke, parsed_manifest
from cdp_orchestration.errors import DbtFailedError

if TYPE_CHECKING:
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt_common.events.base_types import EventMsg


_RESULTS = {"LogModelResult", "LogSeedResult", "LogTestResult"}


# Nobody reads the manifest and the results that a build would write: up to half a second each time.
_BUILD = (*QUIET, "--no-write-json", "build", *PROJECT_ARGUMENTS)


@dataclass(frozen=True)
class DbtRun:
    """What one invocation of dbt did: its messages about nodes in order, and the names of the nodes that failed."""

    messages: tuple[dict[str, Any], ...]
    failed: tuple[str, ...]


@dataclass(frozen=True)
class BuiltModel:
    """A model that was built: how dbt keeps it, and what was asked of the database."""

    name: str
    materialization: str
    language: str
    compiled_code: str


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


def run_dbt(arguments: Sequence[str], home: Path) -> DbtRun:
    """Run dbt on the warehouse of a home to its end and return what became of each node.

    Raises:
        DbtFailedError: dbt could not run at all.
    """
    from dbt_common.events.functions import msg_to_dict

    messages: list[dict[str, Any]] = []

    def collect(message: "EventMsg") -> None:
        # dbt tells some thousand things a run; only these are about a node's result.
        if message.info.name in _RESULTS:
            messages.append(msg_to_dict(message))

    result = invoke(arguments, home, manifest=parsed_manifest(), callbacks=[collect])
    if result.exception:
        raise DbtFailedError(f"dbt could not run: {result.exception}") from result.exception
    outcome = cast("RunExecutionResult", result.result)
    failed = [each.node.name for each in outcome.results if each.status in {"error", "fail"}]
    return DbtRun(tuple(messages), tuple(failed))


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
    result = invoke(arguments, home, manifest=parsed_manifest())
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
        arguments = [*QUIET, "docs", "generate", "--static", *PROJECT_ARGUMENTS, *places]
        result = invoke(arguments, home, manifest=parsed_manifest())
        if not result.success:
            raise DbtFailedError(
                f"the documentation could not be written: {result.exception or 'a table could not be read'}"
            )
        file.parent.mkdir(parents=True, exist_ok=True)
        (target / "static_index.html").replace(file)
    finally:
        shutil.rmtree(target, ignore_errors=True)
