"""The image for Spark holds what its steps need; the steps themselves are made here, in a folder of their own."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from cdp_orchestration.home.settings import PROJECT_ROOT

DOCKERFILE = (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8")
INSTRUCTIONS = re.findall(r"^([A-Z]+) (.*)$", DOCKERFILE.replace("\\\n", ""), re.MULTILINE)
MADE = [argument.split()[1:] for word, argument in INSTRUCTIONS if word == "RUN" and argument.startswith("make ")]


def test_the_image_holds_the_four_packages_and_every_file_that_setting_up_reads() -> None:
    copied = {source for source, _ in _copied()}
    assert {"cdp_orchestration", "dbt_project", "expectations", "identity"} <= copied
    assert {"Makefile", "pyproject.toml", "requirements.txt", "requirements-spark.txt", "README.md"} <= copied
    assert all((PROJECT_ROOT / source).exists() for source in copied)


def test_the_python_of_the_image_is_one_that_is_supported() -> None:
    (base,) = (argument for word, argument in INSTRUCTIONS if word == "FROM")
    assert base.startswith("python:3.11-")
    assert 'requires-python = ">=3.11"' in (PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.long  # a second environment of two gigabytes; `make test-spark` sets one up by the same targets
@pytest.mark.skipif(shutil.which("java") is None, reason="pyspark needs Java 17, and there is no java")
def test_the_steps_of_the_image_set_up_an_environment_with_the_platform_and_spark(tmp_path: Path) -> None:
    for source, target in _copied():
        found = PROJECT_ROOT / source
        if found.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "target", "logs")
            shutil.copytree(found, tmp_path / target, ignore=ignored)
        else:
            shutil.copy(found, tmp_path / target)
    assert MADE == [["setup-spark"]]
    for targets in MADE:
        subprocess.run(["make", *targets], cwd=tmp_path, check=True)

    ready = "import identity, pyspark; from cdp_orchestration.identity_stage.spark_engine import open_spark"
    subprocess.run([tmp_path / ".venv/bin/python", "-c", ready], cwd=tmp_path, check=True)
    shown = subprocess.run([tmp_path / ".venv/bin/cdp", "--help"], cwd=tmp_path, check=True, capture_output=True)
    assert b"Usage" in shown.stdout


def _copied() -> list[tuple[str, str]]:
    pairs = []
    for word, argument in INSTRUCTIONS:
        if word == "COPY":
            *sources, target = shlex.split(argument)
            pairs += [(source, target) for source in sources]
    return pairs
