"""What keeps a short command short: a library that it does not use is not imported on its way."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType


class _NoPandas(MetaPathFinder):
    """Answers that pandas is not installed."""

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is not imported by this command", name=fullname)
        return None


@contextmanager
def without_pandas() -> Iterator[None]:
    """Let the first import of pandas fail while the block runs; only for a process that never needs pandas.

    DuckDB imports pandas (0.3 s of CPU) when the first value is bound to a query, only to recognise the null values of
    pandas; where pandas is not installed, it goes on without. Such values cannot come from a command line.

    Yields:
        Nothing.
    """
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
