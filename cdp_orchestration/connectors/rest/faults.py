"""What can go wrong with one request: a fault that passes, or an answer that will be the same again."""

from typing import Any

from cdp_orchestration.connectors.fetching import FetchError

REMEDIES = {
    401: "Check the declared auth and its secret; it may have expired.",
    403: "Check what the account behind the secret may read.",
    404: "Check base_url and path.",
}


class PassingError(Exception):
    """A fault that may pass when the request is made again; the text has no secret and no value."""

    def __init__(self, found: str, wait_seconds: float | None = None) -> None:
        super().__init__(found)
        self.found = found
        self.wait_seconds = wait_seconds


class AnswerError(FetchError):
    """An answer with a status that another try does not change."""

    def __init__(self, address: str, status: int, found: str) -> None:
        remedy = REMEDIES.get(status, "Check the declared path, parameters and paging.")
        super().__init__(f"{address} {found}; expected 200 with JSON. {remedy}")
        self.status = status


def refuse_failure(around: Any, address: str, code: str, *, is_empty: bool, is_graphql: bool) -> None:
    """Refuse an answer with status 200 that says of itself that it has failed: its missing rows are no end of a list.

    Args:
        around: the answer around its rows.
        address: names the API in errors.
        code: the vendor's code of the error in brackets, or nothing.
        is_empty: whether the answer has no row; only then ``error``, ``ok`` and ``success`` say something about rows.
        is_graphql: whether it answers a question in GraphQL, whose rows lack what an error names.

    Raises:
        PassingError: it lists errors, as GraphQL does under load.
        FetchError: it has an error, or says that it has not succeeded.
    """
    if not isinstance(around, dict):
        return
    errors = around.get("errors")
    if isinstance(errors, list | dict) and errors and (is_empty or is_graphql):
        raise PassingError(f"an answer of 200 that lists errors{code}")
    if is_empty and (around.get("error") or around.get("ok") is False or around.get("success") is False):
        raise FetchError(
            f"{address} answers 200 and says that it has failed{code}; expected rows. Check the declared auth, path "
            "and parameters."
        )
