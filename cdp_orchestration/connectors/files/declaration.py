"""The declaration of a stream whose files lie elsewhere: in a folder, a bucket, on an SFTP server, behind a URL."""

import base64
import itertools
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from cdp_orchestration.connectors.secret_values import ENVIRONMENT, FILE, SecretReference, outside

SCHEMES = ("", "s3", "gs", "abfs", "az", "sftp", "https", "http")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Files(BaseModel):
    """Files of a place outside the home. New and changed ones are copied into the stream's inbox under their names.

    What the place no longer has stays in the inbox: it has landed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: Literal["files"]
    path: Annotated[str, AfterValidator(outside)] = Field(
        min_length=1,
        description="A folder or a pattern such as /exports/*.csv, s3://bucket/contacts/, gs://…, az://container/…, "
        "sftp://host/folder/, https://host/export.csv; env:NAME or file:PATH for an address that is a secret.",
    )
    endpoint: str | None = Field(
        None, pattern=r"^https?://[^@?#\s]+$", description="Of S3: the address of another server that speaks it."
    )
    region: str | None = Field(None, description="Of S3: the region of the bucket.")
    account: str | None = Field(None, description="Of Azure: the storage account.")
    user: str | None = Field(None, description="Of SFTP: who connects.")
    host_key: str | None = Field(
        None, description="Of SFTP: the server's public key, type and key, as `ssh-keyscan` shows them."
    )
    access_key: SecretReference | None = Field(None, description="Of S3; without it what the machine has is used.")
    secret_key: SecretReference | None = Field(None, description="Of S3, or the account's key of Azure.")
    session_token: SecretReference | None = Field(None, description="Of S3: what belongs to keys that expire.")
    password: SecretReference | None = Field(None, description="Of SFTP.")
    private_key: SecretReference | None = Field(None, description="Of SFTP: as file:PATH of the key.")
    token: SecretReference | None = Field(None, description="Of HTTPS and Google: a bearer token.")
    quiet_seconds: int = Field(
        60, ge=0, description="How long a file has not changed before it is copied; one that is written waits."
    )

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if self.path.startswith((ENVIRONMENT, FILE)):
            return self
        if self.host_key is not None and not self.host_key_parts:
            raise ValueError(
                "host_key is none; expected type and key of the server, such as `ssh-ed25519 AAAAC3…`: "
                "`ssh-keyscan <host>` shows them, a fingerprint is too little"
            )
        parts = urlsplit(self.path)
        if "@" in parts.netloc or (parts.scheme in ("http", "https") and parts.query):
            raise ValueError("the address may hold a secret; expected env:NAME or file:PATH for it")
        if problem := self.problem_of(self.path):
            raise ValueError(problem)
        if (self.access_key is None) != (self.secret_key is None) and parts.scheme == "s3":
            raise ValueError("access_key and secret_key need each other")
        if self.session_token and not self.access_key:
            raise ValueError("session_token needs the access_key and secret_key that it belongs to")
        if self.private_key and not self.private_key.startswith(FILE):
            raise ValueError("private_key: expected file:PATH, the key's own file")
        return self

    @property
    def host_key_parts(self) -> tuple[str, bytes] | None:
        """Type and bytes of the server's public key, without what may stand around them; None where it is no key."""
        words = (self.host_key or "").split()
        for kind, key in itertools.pairwise(words):
            try:
                found = base64.b64decode(key, validate=True)
            except ValueError:
                continue
            # A key begins with the length of the name of its type, and that name
            if found.startswith(len(kind).to_bytes(4, "big") + kind.encode()):
                return kind, found
        return None

    def problem_of(self, address: str) -> str | None:
        """Return why no files can be read from an address as declared here, without the address; None where they can.

        Args:
            address: the declared path, or the secret that it refers to.
        """
        parts = urlsplit(address)
        listed = ", ".join(filter(None, SCHEMES))
        is_plain = parts.scheme == "http" and parts.hostname not in _LOOPBACK
        rules = {
            f"path begins with another scheme; expected one of {listed}": parts.scheme not in SCHEMES,
            "expected a whole path, which begins with /, or an address": not parts.scheme and address[:1] != "/",
            "sftp needs user, and host_key so that no other server is taken for it (`ssh-keyscan <host>` shows it)": (
                parts.scheme == "sftp" and not (self.user and self.host_key)
            ),
            "the token would travel without TLS; expected https": is_plain and self.token is not None,
        }
        return next((rule for rule, is_broken in rules.items() if is_broken), None)

    @property
    def gives_snapshots(self) -> bool:
        """Whether a file may hold every row, which is for the declaration of the stream to say."""
        return True
