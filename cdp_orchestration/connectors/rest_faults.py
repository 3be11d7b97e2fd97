"""What can go wrong with one request: a fault that passes, or an answer that will be the same again."""

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
