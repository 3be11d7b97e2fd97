"""Requests that are tried again: waits that the API asks for, time limits, and errors without secrets or values."""

import http.client
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.rest.answers import dumps
from cdp_orchestration.connectors.rest.auth import Auth, proof_of
from cdp_orchestration.connectors.rest.bodies import error_code, is_for_people, json_of, read_body
from cdp_orchestration.connectors.rest.calls import Call, joined, origin_of
from cdp_orchestration.connectors.rest.faults import AnswerError, PassingError
from cdp_orchestration.connectors.rest.link_header import next_link_of
from cdp_orchestration.connectors.rest.logged_addresses import shorten_logged_addresses
from cdp_orchestration.connectors.waits import Clock, backoff_seconds, seconds_to_wait, time_of

_MAX_REDIRECTS = 5
_TRY_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})

T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """How long and how often a request is tried, and how large an answer may be."""

    attempts: int
    timeout_seconds: float
    page_seconds: float
    max_wait_seconds: float
    max_page_bytes: int


@dataclass(frozen=True)
class Reply:
    """A whole answer with status 200."""

    content: bytes
    sent_at: datetime | None
    next_link: str | None


@dataclass
class Client:
    """The requests of one fetch; it holds its secrets in memory alone.

    What proves who asks goes to ``base_url``'s scheme, host and port alone, also when an answer leads elsewhere.
    """

    base_url: str
    headers: dict[str, str]
    auth: Auth | None
    limits: Limits
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        import requests

        shorten_logged_addresses()
        self._session = requests.Session()
        self._proof = proof_of(self.auth, self._request_token, self.clock.monotonic)

    def answer(self, call: Call, read: Callable[[Reply], T]) -> T:
        """Make a call, and again after a passing fault.

        Args:
            call: the call.
            read: what makes something of the answer; its ValueError means a broken answer, which is a passing fault.

        Returns:
            What ``read`` returned.
        """
        return self._try(call.address, lambda: self._once(call, read))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def _try(self, address: str, once: Callable[[], T]) -> T:
        from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

        def wait(state: RetryCallState) -> float:
            fault = state.outcome.exception() if state.outcome else None
            asked = fault.wait_seconds if isinstance(fault, PassingError) else None
            if asked is not None and asked > self.limits.max_wait_seconds:
                raise FetchError(
                    f"{address} asks to wait {asked:.0f} s; expected at most {self.limits.max_wait_seconds:.0f} s. "
                    "Fetch again later, or raise max_wait_seconds."
                )
            return backoff_seconds(state.attempt_number, asked)

        retrying = Retrying(
            sleep=self.clock.sleep,
            stop=stop_after_attempt(self.limits.attempts),
            wait=wait,
            retry=retry_if_exception_type(PassingError),
            reraise=True,
        )
        try:
            return retrying(once)
        except PassingError as fault:
            found = fault.found
        raise FetchError(f"{address}: {found}, {self.limits.attempts} times; expected an answer. Fetch again later.")

    def _once(self, call: Call, read: Callable[[Reply], T]) -> T:
        headers = {**self.headers, "Accept": "application/json", "Accept-Encoding": "gzip, deflate"}
        data = None if call.body is None else dumps(call.body)
        if data is not None:
            headers["Content-Type"] = "application/json"
        reply = self._follow(call, headers, data, is_renewed=False)
        try:
            return read(reply)
        except ValueError:
            pass
        raise PassingError("a broken or cut-off answer")

    def _follow(self, call: Call, headers: dict[str, str], data: bytes | None, *, is_renewed: bool) -> Reply:
        target = call
        for _ in range(_MAX_REDIRECTS):
            sent, params = dict(headers), dict(target.params)
            if target.origin == origin_of(self.base_url):
                proving, added = self._proof.parts()
                sent, params = {**sent, **proving}, {**params, **added}
                # The address of a next page repeats parameters, at some APIs the key as well.
                params = {name: value for name, value in params.items() if name not in _parameters(target.url)}
            elif target is call:
                raise FetchError(
                    f"{self.base_url} leads to another host, {target.address}; expected the next page at the same one. "
                    "If the other is right, declare it as base_url."
                )
            else:
                sent = {name: value for name, value in sent.items() if name.startswith(("Accept", "User-Agent"))}
            with self._send(replace(target, params=params), sent, data) as response:
                if response.status_code == 401 and not is_renewed and self._proof.renew():
                    break
                if not response.is_redirect:
                    return self._reply(target, response)
                target = _redirected(target, response.headers["location"], response.status_code)
        else:
            raise AnswerError(call.address, 310, f"answers with more than {_MAX_REDIRECTS} redirects")
        return self._follow(call, headers, data, is_renewed=True)

    def _send(self, call: Call, headers: dict[str, str], data: bytes | None) -> Any:
        import requests

        try:
            return self._session.request(
                call.method,
                call.url,
                params=call.params,
                data=data,
                headers=headers,
                # requests would look for a name and password in ~/.netrc if it were given none.
                auth=lambda request: request,
                timeout=(min(10.0, self.limits.timeout_seconds), self.limits.timeout_seconds),
                allow_redirects=False,
                stream=True,
            )
        except requests.exceptions.SSLError:
            found: Exception = FetchError(
                f"{call.address} has a certificate that is not trusted; expected a valid one."
            )
        except requests.exceptions.Timeout:
            found = PassingError(f"no answer within {self.limits.timeout_seconds:.0f} s")
        except requests.exceptions.ConnectionError:
            found = PassingError("no connection, or one that broke")
        except (requests.exceptions.RequestException, ValueError):
            found = FetchError(f"{call.address} cannot be asked; expected a valid address, headers and parameters.")
        # Outside of the except clause, since the library's error has the address with its parameters in it.
        raise found

    def _reply(self, call: Call, response: Any) -> Reply:
        status = response.status_code
        sent_at = time_of(response.headers.get("date"))
        wait = seconds_to_wait(response.headers.get("retry-after"), sent_at or self.clock.now())
        reason = f"{status} {http.client.responses.get(status, '')}".strip()
        if status in _TRY_AGAIN or (wait is not None and status in {403, 202}):
            raise PassingError(reason, wait)
        content = read_body(response, self.limits.max_page_bytes, self.limits.page_seconds, self.clock, call.address)
        if status != 200:
            raise AnswerError(call.address, status, f"answers {reason}{error_code(content)}")
        if is_for_people(content):
            raise PassingError("a page for people (HTML) instead of JSON, as of a log-in or of maintenance")
        return Reply(content, sent_at, next_link_of(response.headers.get("link")))

    def _request_token(self, url: str, form: dict[str, str], headers: dict[str, str]) -> Any:
        call = Call(url, method="POST")
        data = urlencode(form).encode()
        sent = {**headers, "Content-Type": "application/x-www-form-urlencoded"}

        def once() -> Any:
            with self._send(call, sent, data) as response:
                return json_of(self._reply(call, response).content)

        try:
            return self._try(call.address, once)
        except AnswerError as error:
            text = str(error)
        raise FetchError(text)  # an answer about the token says nothing about the page that needed it


def _parameters(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query, keep_blank_values=True)


def _redirected(call: Call, location: str, status: int) -> Call:
    url = joined(call.url, location)
    target = Call(url, body=call.body, method=call.method)
    is_kept = call.method == "GET" or (status in {307, 308} and target.origin == call.origin)
    if not is_kept or (call.origin[0] == "https" and target.origin[0] != "https"):
        raise AnswerError(call.address, status, f"redirects to {target.address}, where it must not be followed")
    return target
