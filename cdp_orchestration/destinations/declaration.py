"""``$CDP_HOME/destinations.yml``: where the live release is published to, and where the secrets for it are.

.. code-block:: yaml

    destinations:
      warehouse:
        kind: postgres
        url: env:CDP_POSTGRES             # postgresql://user:password@host:5432/database
        schema: cdp                       # the views; the tables of a release lie in cdp_<release>
        readers: [analysts]               # roles that may read the views
        keep: 2                           # releases whose tables stay
        tables: [profiles, touchpoints]   # without this, all
        tier: open                        # without this, the restricted one
      bucket:
        kind: files
        path: s3://company-data/cdp/
        region: eu-west-1
        access_key: env:S3_KEY
        secret_key: env:S3_SECRET
        keep: 3
      lake:
        kind: delta
        path: /mnt/lake/cdp
        keep_days: 7                      # versions of a table that stay readable
"""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from cdp_orchestration.connectors.secret_values import SecretReference, references_in
from cdp_orchestration.errors import DeclarationError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.sources.reading import read_checked

CLOUD_SCHEMES = ("s3", "gs", "abfs", "az")
"""Stores that Arrow reads and writes by itself."""
REMEDY = "Correct the file; `cdp releases destinations` reads it again."

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[^\x00]+$")]
_SECRET = frozenset({"url", "access_key", "secret_key", "session_token", "token", "secrets"})


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class _Destination(_Strict):
    tables: tuple[Name, ...] = Field((), description="The published tables; without any, all.")
    tier: Literal["restricted", "open"] = Field(
        "restricted", description="`open`: the tables without names and ids, where the home has them."
    )
    retries: int = Field(2, ge=0, le=10, description="How often a fault that may pass is tried again at once.")

    def releases(self, settings: Settings) -> Path:
        """Return the folder of a home whose live release it shows."""
        return settings.open_releases if self.tier == "open" else settings.releases

    @property
    def references(self) -> tuple[SecretReference, ...]:
        """Where its secrets are."""
        return tuple(references_in(self.model_dump(mode="json")))


class Postgres(_Destination):
    """A database: a schema a release, and views in a schema of a stable name."""

    kind: Literal["postgres"]
    url: SecretReference = Field(description="Where postgresql://user:password@host:5432/database is.")
    views: Name = Field("cdp", alias="schema", description="The schema of the views, of the platform alone.")
    readers: tuple[Word, ...] = Field((), description="Roles that may read the views.")
    keep: int = Field(2, ge=1, description="Of how many releases the tables stay, the shown one included.")
    wait_seconds: float = Field(60, ge=0, description="How long readers that hold the views are waited for.")

    def keeping_only_newest(self) -> Self:
        """Return it without any former release."""
        return self.model_copy(update={"keep": 1})

    @property
    def place(self) -> str:
        """Where it is, without a secret."""
        return f"schema {self.views} of the database at {self.url}"


class _Store(_Destination):
    path: str = Field(
        min_length=1, description="A folder, s3://bucket/folder/, gs://…, az://container/…, or any fsspec URL."
    )
    endpoint: str | None = Field(
        None, pattern=r"^https?://[^@?#\s]+$", description="Of S3: the address of another server that speaks it."
    )
    region: str | None = Field(None, description="Of S3: the region of the bucket.")
    account: str | None = Field(None, description="Of Azure: the storage account.")
    access_key: SecretReference | None = Field(None, description="Of S3; without it what the machine has is used.")
    secret_key: SecretReference | None = Field(None, description="Of S3, or the account's key of Azure.")
    session_token: SecretReference | None = Field(None, description="Of S3: what belongs to keys that expire.")
    token: SecretReference | None = Field(None, description="Of Google: a bearer token.")
    options: dict[str, str | int | bool] = Field(
        default_factory=dict, description="Of another library: what it is to be opened with."
    )
    secrets: dict[str, SecretReference] = Field(
        default_factory=dict, description="Options that are secrets, by where they are."
    )

    @model_validator(mode="after")
    def _is_consistent(self) -> "_Store":
        parts = urlsplit(self.path)
        if "@" in parts.netloc or parts.query:
            raise ValueError("the address may hold a secret; expected it without user and query, and secrets by name")
        if not parts.scheme and not self.path.startswith("/"):
            raise ValueError("expected a whole path, which begins with /, or an address such as s3://bucket/folder/")
        if parts.scheme == "sftp":
            raise ValueError("the library takes any server's key; expected another place, such as a mounted folder")
        if (self.access_key is None) != (self.secret_key is None) and parts.scheme == "s3":
            raise ValueError("access_key and secret_key need each other")
        if self.session_token and not self.access_key:
            raise ValueError("session_token needs the access_key and secret_key that it belongs to")
        return self

    @property
    def scheme(self) -> str:
        """The scheme of its address; empty for a folder of this machine."""
        return urlsplit(self.path).scheme

    @property
    def place(self) -> str:
        """Where it is, without a secret."""
        return self.path


class Files(_Store):
    """The files of a release in a folder of its own, and an object that names the release."""

    kind: Literal["files"]
    keep: int = Field(3, ge=1, description="How many releases stay, the shown one included.")

    def keeping_only_newest(self) -> Self:
        """Return it without any former release."""
        return self.model_copy(update={"keep": 1})


class Delta(_Store):
    """A Delta table for each published table, and an object that names their versions."""

    kind: Literal["delta"]
    keep_days: int = Field(7, ge=1, description="For how many days the files of former versions stay.")

    def keeping_only_newest(self) -> Self:
        """Return it without any former version."""
        return self.model_copy(update={"keep_days": 0})


Destination = Annotated[Postgres | Files | Delta, Field(discriminator="kind")]


class _Destinations(_Strict):
    destinations: dict[Name, Destination] = Field(default_factory=dict)


def destinations_file(settings: Settings) -> Path:
    """Return the file in which a home declares its destinations; it may be missing."""
    return settings.home / "destinations.yml"


def read_destinations(settings: Settings) -> dict[str, Destination]:
    """Return the destinations of a home by name, none where it declares none.

    Args:
        settings: the home.

    Returns:
        What the file declares.

    Raises:
        DeclarationError: it cannot be read, or a destination lies in the home itself. The message names file, line and
            field, and repeats no value that may be a secret.
    """
    file = destinations_file(settings)
    if not file.exists():
        return {}
    found = read_checked(file, _Destinations, expected="`destinations:`", remedy=REMEDY, secret=_SECRET).destinations
    home = settings.home.resolve()
    for name, each in found.items():
        if isinstance(each, _Store) and each.scheme in ("", "file") and _is_below(urlsplit(each.path).path, home):
            raise DeclarationError(f"{file}: {name}.path lies in the home itself; expected a folder outside. {REMEDY}")
    return found


def _is_below(path: str, home: Path) -> bool:
    resolved = Path(path).resolve()
    return resolved.is_relative_to(home) or home.is_relative_to(resolved)
