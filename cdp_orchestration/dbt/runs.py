"""Runs of dbt in this process: the arguments, the invocation, the results.

dbt runs here rather than in a process of its own because its start and its parsing would cost more than the models,
three times a sync, and because a process of its own would go on writing after the run that started it was killed.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from cdp_orchestration.dbt.failure_report import FailedNode
from cdp_orchestration.dbt.project import QUIET, invoke, parsed_manifest, project_arguments
from cdp_orchestration.errors import DbtFailedError

if TYPE_CHECKING:
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt_common.events.base_types import EventMsg


_RESULTS = {"LogModelResult", "LogSeedResult", "LogTestResult"}


# A build would write its manifest and results, which are not read here: up to half a second each time.
_BUILD = (*QUIET, "--no-write-json", "build")


@dataclass(frozen=True)
class DbtRun:
    """The results of one invocation of dbt.

    Attributes:
        messages: dbt's messages about nodes, in order.
        failed: the nodes that failed.
        queries: the compiled query of each model in SQL, by name.
    """

    messages: tuple[dict[str, Any], ...]
    failed: tuple[FailedNode, ...]
    queries: Mapping[str, str]


@dataclass(frozen=True)
class BuiltModel:
    """A model that was built: how dbt stores it, and the query or code that computed it."""

    name: str
    materialization: str
    language: str
    compiled_code: str


def selection(stage: str) -> str:
    """Return dbt's selection of one stage; the seeds are loaded with the first."""
    return f"path:models/{stage}" + (" path:seeds" if stage == "staging" else "")


def build_arguments(
    nodes: Sequence[Mapping[str, Any]],
    target: Path,
    code_version: str,
    *,
    full_refresh: bool,
    whole_stage: str | None = None,
    landed_contents: Mapping[str, str] | None = None,
    tested_contents: Mapping[str, str] | None = None,
) -> list[str]:
    """Return the arguments that build these models and seeds with their tests, or run these tests.

    Unit tests prove logic, not data, so they run with the project's tests.

    Args:
        nodes: the models, seeds and tests, as the manifest describes them.
        target: a folder for the files that dbt writes during the run.
        code_version: the version of code that is noted with each table that is built by touched profile.
        full_refresh: whether those tables are built anew, not only the rows of changed profiles.
        whole_stage: the stage, where the nodes are all that it has; dbt finds these at once, and each name by itself.
        landed_contents: what names the rows of each stream (``landing.<table>``), so that tables are kept whose
            inputs are those of their last build; without it all of them are built.
        tested_contents: what each table held when the tests of the stage last passed, so that tests are left out that
            would read the same; without it all of them are run.

    Returns:
        The arguments, for ``run_dbt``.
    """
    places = ["--target-path", str(target), "--log-path", str(target)]
    values = {
        "code_version": code_version,
        "landed_contents": landed_contents and dict(landed_contents),
        "tested_contents": tested_contents and dict(tested_contents),
    }
    variables = ["--vars", json.dumps(values), *(["--full-refresh"] if full_refresh else [])]
    # A name alone may also be that of a folder.
    names = [f"fqn:{'.'.join(node['fqn'])}" for node in nodes]
    selectors = selection(whole_stage).split() if whole_stage else names
    chosen = ["--exclude-resource-type", "unit_test", "--select", *selectors]
    return [*_BUILD, *project_arguments(), *places, *variables, *chosen]


def run_dbt(arguments: Sequence[str], home: Path) -> DbtRun:
    """Run dbt on the warehouse of a home to its end.

    Args:
        arguments: as ``build_arguments`` returns them.
        home: the folder of the home.

    Returns:
        The results of the nodes.

    Raises:
        DbtFailedError: dbt could not run at all.
    """
    from dbt_common.events.functions import msg_to_dict

    messages: list[dict[str, Any]] = []

    def collect(message: "EventMsg") -> None:
        # dbt sends some thousand messages a run; only these are about a node's result.
        if message.info.name in _RESULTS:
            messages.append(msg_to_dict(message))

    result = invoke(arguments, home, manifest=parsed_manifest(), callbacks=[collect])
    if result.exception:
        raise DbtFailedError(f"dbt could not run: {result.exception}") from result.exception
    outcome = cast("RunExecutionResult", result.result)
    failed = [_failed(each) for each in outcome.results if each.status in {"error", "fail"}]
    return DbtRun(tuple(messages), tuple(failed), _queries(outcome))


def _queries(outcome: "RunExecutionResult") -> dict[str, str]:
    nodes: list[Any] = [each.node for each in outcome.results]
    models = [node for node in nodes if node.resource_type == "model" and node.language == "sql"]
    return {node.name: node.compiled_code for node in models if node.compiled_code}


def _failed(result: Any) -> FailedNode:
    return FailedNode(
        unique_id=result.node.unique_id,
        name=result.node.name,
        has_found_rows=result.status == "fail",
        message=result.message or "",
        compiled_code=getattr(result.node, "compiled_code", None) or "",
        failure_count=result.failures or 0,
    )


def run_models(
    home: Path,
    chosen: Sequence[str],
    variables: Mapping[str, Any] | None = None,
    *,
    full_refresh: bool,
    with_tests: bool = False,
) -> list[BuiltModel]:
    """Build models of a home outside of Dagster.

    Args:
        home: the home; no other process may write it.
        chosen: dbt's selection; seeds may be among it.
        variables: other values for variables of the project.
        full_refresh: whether the tables that are built by touched profile are built anew.
        with_tests: whether the data tests run as well, as they do in a sync.

    Returns:
        The models in the order in which they were built.

    Raises:
        DbtFailedError: a model could not be built, or a test failed.
    """
    from dbt.contracts.graph.nodes import ModelNode

    target = home / "dbt_models"
    places = ["--target-path", str(target), "--log-path", str(target), "--vars", json.dumps(dict(variables or {}))]
    left_out = ["--exclude-resource-type", "unit_test", *([] if with_tests else ["test"])]
    refresh = ["--full-refresh"] if full_refresh else []
    arguments = [*_BUILD, *project_arguments(), *places, *refresh, *left_out, "--select", *chosen]
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
    """Write the project's documentation, with the columns of a home's warehouse, into one self-contained HTML file.

    Args:
        home: the home; its writer's lock is held by the caller, since dbt opens the warehouse.
        file: the page; a reader sees the former page or the new one, never a part.
        target: a folder for the files that dbt writes during the run, removed at the end.

    Raises:
        DbtFailedError: dbt could not write it.
    """
    places = ["--target-path", str(target), "--log-path", str(target)]
    try:
        arguments = [*QUIET, "docs", "generate", "--static", *project_arguments(), *places]
        result = invoke(arguments, home, manifest=parsed_manifest())
        if not result.success:
            raise DbtFailedError(
                f"the documentation could not be written: {result.exception or 'a table could not be read'}"
            )
        file.parent.mkdir(parents=True, exist_ok=True)
        (target / "static_index.html").replace(file)
    finally:
        shutil.rmtree(target, ignore_errors=True)
