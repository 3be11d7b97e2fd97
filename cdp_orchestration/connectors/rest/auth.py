"""How a request proves who asks: bearer token, name and password, API key, OAuth2 client credentials."""

import base64
from collections.abc import Callable
from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from cdp_orchestration.connectors.fetching import FetchError
from cdp_orchestration.connectors.secret_values import SecretReference, secret_value

_EARLIER_SECONDS = 60  # a token is renewed before it expires, so that it does not expire on the way
_STRICT = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

TokenRequest = Callable[[str, dict[str, str], dict[str, str]], Any]
"""Posts a form with headers to an address, and returns the parsed answer."""


class Bearer(BaseModel):
    """A token that the vendor issued once, such as that of a private app."""

    model_config = _STRICT
    kind: Literal["bearer"]
    token: SecretReference = Field(description="Where the token is: env:NAME or file:PATH.")


class Basic(BaseModel):
    """Name and password; for Zendesk the name is <e-mail>/token and the password the API token."""

    model_config = _STRICT
    kind: Literal["basic"]
    username: SecretReference = Field(description="Where the name is: env:NAME or file:PATH.")
    password: SecretReference = Field(description="Where the password is: env:NAME or file:PATH.")


class ApiKey(BaseModel):
    """A key in a header or a parameter of the address."""

    model_config = _STRICT
    kind: Literal["api_key"]
    name: str = Field(description="Name of the header or parameter, such as X-Shopify-Access-Token.")
    value: SecretReference = Field(description="Where the key is: env:NAME or file:PATH.")
    place: Literal["header", "query"] = Field("header", description="A header is better: addresses are logged.")


class ClientCredentials(BaseModel):
    """OAuth2 client credentials: a token is kept in memory alone, and renewed when it expires or a 401 comes."""

    model_config = _STRICT
    kind: Literal["oauth2_client_credentials"]
    token_url: str = Field(pattern=r"^https?://[^@?#\s]+$", description="Where tokens are issued.")
    client_id: SecretReference = Field(description="Where the client's id is: env:NAME or file:PATH.")
    client_secret: SecretReference = Field(description="Where the client's secret is: env:NAME or file:PATH.")
    scope: str | None = Field(None, description="What the token shall allow, as the vendor writes it.")
    sent_in: Literal["body", "header"] = Field("body", description="Where the vendor expects id and secret.")


Auth = Annotated[Bearer | Basic | ApiKey | ClientCredentials, Field(discriminator="kind")]


class Proof(Protocol):
    """What is added to a request."""

    def parts(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return headers and parameters."""
        ...

    def renew(self) -> bool:
        """Forget what a 401 has shown to be old; False where nothing newer can be had."""
        ...


def proof_of(auth: Auth | None, request_token: TokenRequest, monotonic: Callable[[], float]) -> Proof:
    """Return what proves who asks; the secrets are read now, and held in memory alone.

    Args:
        auth: as declared; None for an open API.
        request_token: the way to the address that issues tokens.
        monotonic: the clock by which a token expires.

    Returns:
        A proof for the requests of one fetch.
    """
    if isinstance(auth, ClientCredentials):
        return _IssuedToken(auth, request_token, monotonic)
    if isinstance(auth, Bearer):
        return _Fixed({"Authorization": f"Bearer {_of_header(auth.token)}"}, {})
    if isinstance(auth, Basic):
        return _Fixed({"Authorization": _basic(secret_value(auth.username), secret_value(auth.password))}, {})
    if isinstance(auth, ApiKey):
        if auth.place == "header":
            return _Fixed({auth.name: _of_header(auth.value)}, {})
        return _Fixed({}, {auth.name: secret_value(auth.value)})
    return _Fixed({}, {})


class _Fixed:
    def __init__(self, headers: dict[str, str], params: dict[str, str]) -> None:
        self._headers, self._params = headers, params

    def parts(self) -> tuple[dict[str, str], dict[str, str]]:
        return self._headers, self._params

    def renew(self) -> bool:
        return False


class _IssuedToken:
    def __init__(self, auth: ClientCredentials, request: TokenRequest, monotonic: Callable[[], float]) -> None:
        self._auth, self._request, self._monotonic = auth, request, monotonic
        self._token: str | None = None
        self._expires_at: float | None = None

    def parts(self) -> tuple[dict[str, str], dict[str, str]]:
        if self._token is None or (self._expires_at is not None and self._monotonic() >= self._expires_at):
            self._issue()
        return {"Authorization": f"Bearer {self._token}"}, {}

    def renew(self) -> bool:
        self._token = None
        return True

    def _issue(self) -> None:
        form, headers = {"grant_type": "client_credentials"}, {"Accept": "application/json"}
        client_id, client_secret = secret_value(self._auth.client_id), secret_value(self._auth.client_secret)
        if self._auth.sent_in == "header":
            headers["Authorization"] = _basic(client_id, client_secret)
        else:
            form |= {"client_id": client_id, "client_secret": client_secret}
        if self._auth.scope:
            form["scope"] = self._auth.scope
        answer = self._request(self._auth.token_url, form, headers)
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not _is_printable(token):
            raise FetchError(
                f"{self._auth.token_url} answered without an access_token; expected the answer of an OAuth2 token "
                "endpoint. Check token_url."
            )
        self._token, self._expires_at = token, self._expiry(answer.get("expires_in"))

    def _expiry(self, seconds: Any) -> float | None:
        try:
            lasts = float(str(seconds))
        except ValueError:
            return None  # Salesforce does not say; a 401 will
        return self._monotonic() + max(lasts - _EARLIER_SECONDS, lasts / 2)


def _basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode("ascii")


def _of_header(reference: str) -> str:
    value = secret_value(reference)
    if not _is_printable(value):
        raise FetchError(f"The secret {reference} has signs that no header may have; expected printable ASCII.")
    return value


def _is_printable(text: str) -> bool:
    return text.isascii() and text.isprintable()
