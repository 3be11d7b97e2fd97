"""The declarations by which a demo's streams come from a database or an API, in the folder of the home's sources.

Each adds to a source that ships nothing but where its streams come from. A demo knows its own files by their first line
and touches no other.
"""

from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path

from cdp_orchestration.demo.api_silos import TOKEN_VARIABLE
from cdp_orchestration.demo.postgres_silos import ADDRESS_VARIABLE, NUMBER, table_of
from cdp_orchestration.errors import CdpError

_MARK = "# Written by `cdp demo`"
_ENDINGS = (".yml", ".yaml")


class DeclarationInPlaceError(CdpError):
    """A source of the demo is declared by the home already."""


def postgres_origin(stream: str) -> str:
    """Return what stands below ``from`` of a stream that is a table."""
    return f"""\
      kind: postgres
      url: env:{ADDRESS_VARIABLE}  # where the address is: a password stands in no declaration
      table: {table_of(stream)}
      cursor: {NUMBER}  # it grows with each row that is written, so that a late row comes, however old its own time
      overlap: 0  # rows are never committed in another order than that of their numbers
"""


def api_origin(base_url: str) -> Callable[[str], str]:
    """Return what gives the text below ``from`` of a stream that an API of this address serves."""

    def origin(stream: str) -> str:
        return f"""\
      kind: rest
      base_url: {base_url}
      path: {stream}
      rows: rows  # where the answer has its list of rows
      auth: {{kind: bearer, token: "env:{TOKEN_VARIABLE}"}}  # where the token is, never the token itself
      paging:
        kind: cursor
        path: next  # where the answer has the cursor of the next page
        param: after  # the parameter that takes it
        more: {{path: has_more, more_when: true}}
        is_kept: true  # the next sync goes on from the last cursor, so that it reads what is new alone
      attempts: 2  # an API on this machine answers at once or not at all
"""

    return origin


def write_declarations(folder: Path, streams: Iterable[str], origin: Callable[[str], str]) -> list[Path]:
    """Write one file for each source, in place of those of an earlier demo.

    Args:
        folder: the declarations of the home.
        streams: the streams of the demo, ``<source>/<name>``.
        origin: what gives the text below ``from`` of a stream.

    Returns:
        The files.

    Raises:
        DeclarationInPlaceError: another file declares something about one of the sources.
    """
    texts = {
        source: _text(source, [name.partition("/")[2] for name in names], origin)
        for source, names in groupby(sorted(streams), lambda stream: stream.partition("/")[0])
    }
    for source in texts:
        for path in (folder / f"{source}{ending}" for ending in _ENDINGS):
            if path.exists() and not _is_of_a_demo(path):
                raise DeclarationInPlaceError(
                    f"{path} is there already, and the demo would have to replace it to say where its streams come "
                    "from. Use another home (CDP_HOME), or run the demo with files."
                )
    folder.mkdir(parents=True, exist_ok=True)
    for source, text in texts.items():
        (folder / f"{source}.yml").write_text(text, encoding="utf-8")
    return [folder / f"{source}.yml" for source in texts]


def put_away_declarations(folder: Path, kept: Path) -> None:
    """Move the declarations that a demo has written to where no sync reads them.

    Args:
        folder: the declarations of the home; it is removed where nothing else is in it.
        kept: the folder in which they are kept to read and to copy.
    """
    written = [path for path in sorted(folder.glob("*.yml")) if _is_of_a_demo(path)]
    for path in written:
        kept.mkdir(parents=True, exist_ok=True)
        path.replace(kept / path.name)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _is_of_a_demo(path: Path) -> bool:
    return path.read_bytes().startswith(_MARK.encode())


def _text(source: str, names: list[str], origin: Callable[[str], str]) -> str:
    streams = "".join(f"  {name}:\n    from:\n{origin(f'{source}/{name}')}" for name in names)
    return (
        f"{_MARK}: where the streams of {source} come from. All else of them is declared by the project.\n"
        f"source: {source}\n"
        f"streams:\n{streams}"
    )
