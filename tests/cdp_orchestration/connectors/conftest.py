"""An API that answers what a test gives it, and a PostgreSQL of one's own."""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from api_server import Answered, Api, Asked
from postgres_server import running_postgres
from served_rows import NOW


@pytest.fixture
def serve() -> Iterator[Callable[..., Api]]:
    started: list[Api] = []

    def start(*answers: Answered | Callable[[Asked], Answered]) -> Api:
        """Answer in turn; the last one stays."""
        left = list(answers)

        def answer(asked: Asked) -> Answered:
            each = left.pop(0) if len(left) > 1 else left[0]
            return each(asked) if callable(each) else each

        api = Api(answer)
        api.now = NOW
        api.__enter__()
        started.append(api)
        return api

    yield start
    for api in started:
        api.__exit__()


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with running_postgres() as address:
        yield address


@pytest.fixture
def execute(postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    import duckdb_extension_postgres_scanner as scanner

    monkeypatch.setenv("SHOP_DATABASE", postgres)
    with duckdb.connect() as engine:
        engine.load_extension(str(next(Path(scanner.__file__).parent.rglob("*.duckdb_extension"))))
        engine.execute(f"attach '{postgres}' as shop (type postgres)")

        def run(statements: str) -> None:
            engine.execute("call postgres_execute('shop', $$" + statements + "$$)")

        run("drop schema public cascade; create schema public")
        yield run
