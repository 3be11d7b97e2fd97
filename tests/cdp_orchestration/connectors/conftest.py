"""An API that answers what a test gives it."""

from collections.abc import Callable, Iterator

import pytest
from api_server import Answered, Api, Asked
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
