"""Where the rows of a new source are, as a person names it in a command: what stands below ``from`` follows from it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from anyascii import anyascii
from pydantic import ValidationError

from cdp_orchestration.connectors.databases.declaration import Database
from cdp_orchestration.connectors.files.declaration import SCHEMES, Files
from cdp_orchestration.connectors.rest.auth import Bearer
from cdp_orchestration.connectors.rest.declaration import Rest
from cdp_orchestration.connectors.secret_values import ENVIRONMENT, FILE
from cdp_orchestration.sources.drafting.api_inference import rest_from_url
from cdp_orchestration.sources.drafting.samples import SampleError
from cdp_orchestration.sources.file_forms import FileForms

Origin = Rest | Database | Files
_DATABASES = ("postgres", "mysql", "sqlite")
_DATABASE_ADDRESSES = ("postgresql", "mariadb", *_DATABASES)
_FILE_ENDING = re.compile(r"\.(csv|tsv|tab|txt|jsonl|ndjson|parquet|xlsx)(\.gz|\.zst|\.zip)?$", re.IGNORECASE)
_SECRET = re.compile(r"token|secret|passw|api[-_]?key|^key$|signature|^sig$", re.IGNORECASE)
_TAKE_REFERENCE = "put the address into the environment or a file, and name it as env:NAME or file:PATH"


def origin_of(
    named: str, table: str | None = None, token: str | None = None, options: Mapping[str, str] | None = None
) -> Origin | None:
    """Return how rows are fetched from where a person says that they are.

    Args:
        named: ``postgres:env:NAME``, ``mysql:env:NAME`` or ``sqlite:/path``, an address of an API or of files, a folder
            or a pattern, or one file.
        table: the table of a database.
        token: where the bearer token of an API is, as env:NAME or file:PATH.
        options: further words of the declaration, such as region of a bucket.

    Returns:
        What stands below ``from``; None for one file of this machine, which others deliver. An API that does not
        answer with rows raises FetchError.

    Raises:
        SampleError: the address holds a secret, or is none.
    """
    _refuse_secrets(named)
    words = dict(options or {})
    kind, _, place = named.partition(":")
    try:
        if kind in _DATABASES:
            return _database(kind, place, table, words)
        if table:
            raise SampleError("--table belongs to a database; expected --from postgres:env:NAME, mysql:… or sqlite:…")
        if _is_api(named):
            found = rest_from_url(named, Bearer(kind="bearer", token=token) if token else None)
            return Rest.model_validate(found.model_dump(exclude_unset=True) | words)
        return _files(named, words | ({"token": token} if token else {}))
    except ValidationError as error:
        # Without what was found: it may be a secret.
        said = "; ".join(
            ": ".join(filter(None, (".".join(map(str, each["loc"])), each["msg"]))) for each in error.errors()
        )
        said = said.replace("Value error, ", "")
        raise SampleError(
            f"No source can be declared from it: {said}. Words of the declaration are said by `--with <word>=<value>`."
        ) from None


def files_of(named: str, options: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Part the further words of a command into what stands below ``files`` and what stands below ``from``.

    Args:
        named: where the rows are; an API and a database have no files.
        options: the words, such as ``{"encoding": "windows-1252", "columns": "id,email", "region": "eu-west-1"}``.

    Returns:
        How the files are written, as a declaration has it, and the other words.

    Raises:
        SampleError: files cannot be written so.
    """
    if named.partition(":")[0] in _DATABASES or _is_api(named):
        return {}, dict(options)
    words = dict(options)
    said: dict[str, Any] = {name: words.pop(name) for name in FileForms.model_fields if name in words}
    for name in said.keys() & {"columns", "no_value"}:
        said[name] = [each.strip() for each in said[name].split(",")]
    if said.get("sheet", "").isdecimal():
        said["sheet"] = int(said["sheet"])
    try:
        forms = FileForms.model_validate(said)
    except ValidationError as error:
        wrong = "; ".join(
            f"{(*each['loc'], 'files')[0]}: {str(each['msg']).removeprefix('Value error, ')}" for each in error.errors()
        )
        raise SampleError(f"Files are not written so: {wrong}.") from None
    declared = forms.model_dump(mode="json", exclude_defaults=True)
    return declared | {name: said[name] for name in ("encoding",) if name in declared}, words


def declared_origin(origin: Origin, cursor: str | None) -> dict[str, Any]:
    """Return what a declaration says below ``from``.

    Args:
        origin: how the rows are fetched.
        cursor: the column that says when a row last changed; a table is then fetched from the newest one on.
    """
    found: dict[str, Any] = origin.model_dump(mode="json", exclude_unset=True)
    if isinstance(origin, Database) and cursor and "cursor" not in found:
        found["cursor"] = cursor
    return found


def _is_api(named: str) -> bool:
    return named.startswith(("http:", "https:")) and not _FILE_ENDING.search(urlsplit(named).path)


def _refuse_secrets(named: str) -> None:
    # Commands are kept in the history of the shell and shown to every user of the machine, so nothing is repeated.
    if named.startswith((ENVIRONMENT, FILE)):
        return
    kind, _, place = named.partition(":")
    if kind in _DATABASE_ADDRESSES and kind != "sqlite" and not place.startswith((ENVIRONMENT, FILE)):
        raise SampleError(
            f"The address of a database may hold a password; {_TAKE_REFERENCE}, as in postgres:env:SHOP_DATABASE."
        )
    parts = urlsplit(named) if "://" in named else None
    if parts and ("@" in parts.netloc or any(_SECRET.search(each.split("=")[0]) for each in parts.query.split("&"))):
        raise SampleError(
            f"The address holds a secret; {_TAKE_REFERENCE}, or the token of an API with --token env:NAME."
        )


def _database(kind: str, place: str, table: str | None, words: dict[str, str]) -> Database:
    if not table and "query" not in words:
        raise SampleError("Which rows of the database is not said; name its table, as in --table public.orders.")
    where = {"path": str(Path(place).expanduser().resolve())} if kind == "sqlite" else {"url": place}
    if kind == "sqlite" and not Path(where["path"]).is_file():
        raise SampleError(f"{where['path']} is no file; expected that of an SQLite database.")
    return Database.model_validate({"kind": kind, **where, **({"table": table} if table else {}), **words})


def _files(named: str, words: dict[str, str]) -> Files | None:
    scheme = urlsplit(named).scheme if "://" in named else ""
    if "://" in named and scheme not in SCHEMES:
        raise SampleError(f"An address of {scheme} cannot be read; expected one of {', '.join(filter(None, SCHEMES))}.")
    if scheme or named.startswith((ENVIRONMENT, FILE)):
        return Files.model_validate({"kind": "files", "path": named, **words})
    path = Path(named).expanduser()
    if path.is_dir() or (re.search(r"[*?\[]", named) and not path.is_file()):
        return Files.model_validate({"kind": "files", "path": str(Path.cwd() / path), **words})
    if words:
        known = ", ".join(FileForms.model_fields)
        raise SampleError(f"A file of this machine takes no word {', '.join(words)}; expected one of {known}.")
    return None


def stream_word(named: str, table: str | None = None) -> str:
    """Return the word for a stream by what its rows are called elsewhere.

    Args:
        named: a file, folder or address: ``exports/2026-11-01_Members.csv`` gives ``members``.
        table: the table of a database: ``public.orders`` gives ``orders``.

    Returns:
        The word; ``rows`` where the name has no letters.
    """
    parts = [part for part in re.split(r"[/\\]", urlsplit(named).path) if part and not set(part) & set("*?[")]
    called = (
        table.rpartition(".")[2] if table else re.sub(r"(\.[A-Za-z0-9]{1,7}){1,2}$", "", parts[-1] if parts else "")
    )
    return re.sub(r"[^a-z0-9]+", "_", anyascii(called).lower()).strip("_0123456789")[:40] or "rows"
