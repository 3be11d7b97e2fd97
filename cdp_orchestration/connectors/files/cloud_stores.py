"""The stores of clouds that Arrow reads and writes by itself: S3, Google and Azure."""

from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from cdp_orchestration.connectors.files.urls import TIMEOUT_SECONDS
from cdp_orchestration.connectors.secret_values import SecretReference, secret_value


class CloudAccess(Protocol):
    """How a declaration says that a cloud's store is reached; what it leaves out is None."""

    @property
    def endpoint(self) -> str | None:
        """The address of another server that speaks S3."""
        ...

    @property
    def region(self) -> str | None:
        """The region of the bucket."""
        ...

    @property
    def account(self) -> str | None:
        """The storage account of Azure."""
        ...

    @property
    def access_key(self) -> SecretReference | None:
        """The key of S3."""
        ...

    @property
    def secret_key(self) -> SecretReference | None:
        """The secret of S3, or of Azure's account."""
        ...

    @property
    def session_token(self) -> SecretReference | None:
        """What belongs to keys of S3 that expire."""
        ...

    @property
    def token(self) -> SecretReference | None:
        """The bearer token of Google."""
        ...


def arrow_filesystem(declared: CloudAccess, scheme: str) -> Any:
    """Return Arrow's own filesystem of a cloud's store.

    Args:
        declared: how to connect; the secrets are read here.
        scheme: that of the address: s3, gs, abfs or az.
    """
    from pyarrow import fs

    if scheme == "s3":
        options: dict[str, Any] = {"region": declared.region} if declared.region else {}
        if declared.access_key and declared.secret_key:
            options |= {
                "access_key": secret_value(declared.access_key),
                "secret_key": secret_value(declared.secret_key),
                "session_token": secret_value(declared.session_token) if declared.session_token else None,
            }
        if declared.endpoint:
            parts = urlsplit(declared.endpoint)
            options |= {"endpoint_override": parts.netloc + parts.path.rstrip("/"), "scheme": parts.scheme}
        return fs.S3FileSystem(connect_timeout=TIMEOUT_SECONDS, request_timeout=TIMEOUT_SECONDS, **options)
    if scheme in ("abfs", "az"):
        key = {"account_key": secret_value(declared.secret_key)} if declared.secret_key else {}
        return fs.AzureFileSystem(account_name=declared.account or "", **key)
    return fs.GcsFileSystem(**_google_token(declared))


def _google_token(declared: CloudAccess) -> dict[str, Any]:
    if declared.token is None:
        return {}
    return {
        "access_token": secret_value(declared.token),
        "credential_token_expiration": datetime.max.replace(tzinfo=UTC),
    }
