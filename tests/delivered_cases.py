"""Situations from people's bug reports, which lie beside the repository: their deliveries, put into a home's inbox."""

import shutil
from pathlib import Path

import pytest

CASES = Path(__file__).parents[2] / "shared" / "cases"


def deliver_cases(home: Path, *cases: str, inbox: str = "inbox") -> None:
    """Copy the deliveries of cases, such as ``ingest/05``, into the inbox; the case goes before each file's name."""
    for case in cases:
        folder = _folder(case)
        for file in sorted((folder / inbox).rglob("*")):
            if file.is_file():
                stream = home / "inbox" / Path(*file.relative_to(folder / inbox).parts[:2])
                stream.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, stream / f"{case.replace('/', '_')}_{file.name}")


def deliver_case_alone(home: Path, case: str) -> None:
    """Copy the delivery of one case with its own names, where the names of files and folders are what matters."""
    shutil.copytree(_folder(case) / "inbox", home / "inbox")


def _folder(case: str) -> Path:
    if not CASES.is_dir():
        pytest.skip("the cases are not beside the repository")
    (folder,) = CASES.glob(f"{case}_*")
    return folder
