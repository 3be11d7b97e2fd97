"""Three ways to the same four silos: files in the inbox, tables of a PostgreSQL, a REST API."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from cdp_orchestration.demo.api_silos import PAGE_ROWS, TOKEN_VARIABLE, ApiSilos
from cdp_orchestration.demo.declarations import api_origin, postgres_origin, put_away_declarations, write_declarations
from cdp_orchestration.demo.inbox import demo_streams, file_of
from cdp_orchestration.demo.postgres_silos import ADDRESS_VARIABLE, PostgresSilos
from cdp_orchestration.demo.throwaway_postgres import NoServerError, throwaway_postgres
from cdp_orchestration.home.settings import Settings

Via = Literal["files", "postgres", "rest"]  # how the platform comes to the rows of the demo


@dataclass(frozen=True)
class Silos:
    """The four silos, ready to be filled.

    Attributes:
        folder: where the generator writes the files of a delivery.
        place: where the platform finds their rows, for people to read, such as "in the inbox".
        take: hands a delivery over, by its number from 0, once its files are written.
        opening: what to say about them before the first delivery.
        closing: what to say when the command has ended.
    """

    folder: Path
    place: str
    take: Callable[[int], None]
    opening: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()


@contextmanager
def open_silos(via: Via, settings: Settings) -> Iterator[Silos]:
    """Open the silos of a demo; servers that this starts end with the block, and their declarations are put away.

    Args:
        via: how their rows come.
        settings: the home that they deliver to.

    Yields:
        The silos. NoServerError: PostgreSQL can neither be started nor has another one been named. DemoDatabaseError:
        the database that was named does not take the demo. DeclarationInPlaceError: the home declares one of the
        sources already.
    """
    # Those of a demo that was killed would name a server that is gone.
    put_away_declarations(settings.own_sources, kept_declarations(settings))
    opened = {"files": _files, "postgres": _postgres, "rest": _api}[via]
    with ExitStack() as running:
        yield opened(settings, running)


def kept_declarations(settings: Settings) -> Path:
    """Return the folder of declarations whose server has ended: to read and to copy, no sync reads them."""
    return settings.home / "demo_sources"


def _files(settings: Settings, running: ExitStack) -> Silos:  # noqa: ARG001 - nothing runs
    return Silos(settings.inbox, f"in {settings.inbox}", lambda drop: None)  # noqa: ARG005 - they are there already


def _postgres(settings: Settings, running: ExitStack) -> Silos:
    folder = _staging(settings, running)
    is_named = bool(os.environ.get(ADDRESS_VARIABLE))
    if not is_named:
        running.enter_context(_variable(ADDRESS_VARIABLE, _started_postgres(running)))
    database = PostgresSilos(os.environ[ADDRESS_VARIABLE])
    running.callback(database.close)
    database.create_tables(demo_streams())
    written = write_declarations(settings.own_sources, demo_streams(), postgres_origin)
    database_name, closing = f"the PostgreSQL that {ADDRESS_VARIABLE} names", _stays(settings)
    if not is_named:
        database_name, closing = "a throwaway PostgreSQL", _put_away_at_the_end(settings, running, "The PostgreSQL")
    until = "" if is_named else ", which runs as long as this command"
    opening = f"The four silos are tables of {database_name}{until}: a schema for each source, a table for each stream."
    take = partial(_hand_over, folder, take=database.take)
    return Silos(folder, "in its tables", take, (opening, _declared(written)), (closing,))


def _started_postgres(running: ExitStack) -> str:
    try:
        return running.enter_context(throwaway_postgres()).address
    except NoServerError as error:
        raise NoServerError(
            f"{error} Or name an empty database in {ADDRESS_VARIABLE}, or run `cdp demo --via rest`, which needs none."
        ) from None


def _api(settings: Settings, running: ExitStack) -> Silos:
    folder = _staging(settings, running)
    api = running.enter_context(ApiSilos(folder, demo_streams()))
    running.enter_context(_variable(TOKEN_VARIABLE, api.token))
    written = write_declarations(settings.own_sources, demo_streams(), api_origin(api.url))
    closing = _put_away_at_the_end(settings, running, "The API")
    opening = (
        f"The four silos are a REST API at {api.url}, which runs as long as this command: a path for each stream, "
        f"{PAGE_ROWS} rows a page."
    )
    take = partial(_hand_over, folder, take=api.take)
    return Silos(folder, "behind the API", take, (opening, _declared(written)), (closing,))


def _staging(settings: Settings, running: ExitStack) -> Path:
    settings.home.mkdir(parents=True, exist_ok=True)
    return Path(running.enter_context(tempfile.TemporaryDirectory(prefix=".demo-silos-", dir=settings.home)))


def _stays(settings: Settings) -> str:
    return (
        f"The tables stay, and so do the declarations in {settings.own_sources}: each `cdp sync` fetches what is new, "
        f"as long as {ADDRESS_VARIABLE} names the database."
    )


def _put_away_at_the_end(settings: Settings, running: ExitStack, server: str) -> str:
    kept = kept_declarations(settings)
    running.callback(put_away_declarations, settings.own_sources, kept)
    return (
        f"{server} has ended with this command, so its declarations are out of force; {kept} keeps them to read and to "
        f"copy. What was fetched stays in {settings.inbox}, so that `cdp sync` goes on without it."
    )


def _declared(written: list[Path]) -> str:
    names = ", ".join(path.name for path in written)
    return f"Where each stream comes from is declared in {written[0].parent}: {names}."


def _hand_over(folder: Path, drop: int, take: Callable[[str, Path], None]) -> None:
    for stream in demo_streams():
        path = file_of(folder, stream, drop)
        if path.exists():
            take(stream, path)


@contextmanager
def _variable(name: str, value: str) -> Iterator[None]:
    """Set a variable of the environment, from which the sync reads the secret as from any other."""
    former = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if former is None:
            del os.environ[name]
        else:
            os.environ[name] = former
