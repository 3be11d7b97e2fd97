"""The dbt project as the orchestrator sees it: its manifest, and the arguments of its runs.

What the models compute is written in ``dbt_project/``.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from dagster_dbt import DbtCliResource, DbtProject

from cdp_orchestration.errors import SettingsError
from cdp_orchestration.settings import PROJECT_ROOT

DBT_PROJECT_DIR = PROJECT_ROOT / "dbt_project"
DBT_STAGES = ("staging", "profiles", "journeys")
PUBLISHED_STAGES = ("profiles", "journeys")


def dbt_project() -> DbtProject:
    """Return the project, with a manifest as new as its files (parsed anew when one has changed)."""
    project = DbtProject(project_dir=DBT_PROJECT_DIR, profiles_dir=DBT_PROJECT_DIR)
    if _is_stale(project.manifest_path):
        _parse()
    return project


def dbt_resource(project: DbtProject) -> DbtCliResource:
    """Return the resource that runs dbt in its own process."""
    return DbtCliResource(
        project_dir=project, profiles_dir=str(DBT_PROJECT_DIR), dbt_executable=str(_executable())
    )


def selection(stage: str) -> str:
    """Return dbt's selection of one stage; the seeds are loaded with the first."""
    return f"path:models/{stage}" + (" path:seeds" if stage == "staging" else "")


def build_arguments() -> list[str]:
    """Return the arguments of one stage's run; unit tests prove logic, not data, so they run with the tests."""
    return ["build", "--exclude-resource-type", "unit_test"]


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


def _executable() -> Path:
    # The environment's own, whether or not it is activated.
    return Path(sys.executable).parent / "dbt"


def _parse() -> None:
    told = subprocess.run(
        [_executable(), "parse", "--quiet", "--project-dir", DBT_PROJECT_DIR, "--profiles-dir", DBT_PROJECT_DIR],
        cwd=DBT_PROJECT_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    if told.returncode:
        raise SettingsError(f"{DBT_PROJECT_DIR} cannot be parsed by dbt; mend the project first:\n{told.stdout}")


def _is_stale(manifest_path: Path) -> bool:
    if not manifest_path.exists():
        return True
    written = manifest_path.stat().st_mtime_ns
    sources = (path for path in DBT_PROJECT_DIR.rglob("*") if "target" not in path.parts and "logs" not in path.parts)
    return any(path.is_file() and path.stat().st_mtime_ns > written for path in sources)
