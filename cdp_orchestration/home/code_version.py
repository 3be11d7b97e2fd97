"""Which code made a table: a hash, so that other code is a reason to make it again."""

import hashlib
from functools import cache
from pathlib import Path

from cdp_orchestration.home.settings import DBT_PROJECT_DIR, PROJECT_ROOT

_CODE_FOLDERS = (PROJECT_ROOT / "cdp_orchestration", PROJECT_ROOT / "identity", PROJECT_ROOT / "expectations")
_CODE_ENDINGS = {".py", ".sql", ".yml", ".csv", ".txt"}


@cache
def code_version() -> str:
    """Return a hash of the code that makes tables, libraries included: other code is a reason to build them again."""
    digest = hashlib.sha256()
    for folder in (*_CODE_FOLDERS, DBT_PROJECT_DIR):
        for path in sorted(folder.rglob("*")):
            if _is_code(path.relative_to(folder)):
                digest.update(str(path.relative_to(PROJECT_ROOT)).encode())
                digest.update(path.read_bytes())
    digest.update((PROJECT_ROOT / "requirements.txt").read_bytes())
    return digest.hexdigest()[:12]


def _is_code(path: Path) -> bool:
    return path.suffix in _CODE_ENDINGS and "target" not in path.parts
