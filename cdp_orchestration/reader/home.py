"""A release of a home, opened to read."""

from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from cdp_orchestration.errors import NoReleaseError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.reader.changes import changes_between
from cdp_orchestration.reader.rows import Rows, Table
from cdp_orchestration.release.bundle import MANIFEST
from cdp_orchestration.release.kept import find_release
from cdp_orchestration.release.leases import take_lease
from cdp_orchestration.release.pointer import read_pointer
from cdp_orchestration.release.reader import Release, open_release, require_live_release

_TRIES = 5


class HomeReader:
    """One release, opened to read: a connection of its own, in UTC, with a view for each table.

    Each published table is an attribute of its name (``reader.profiles``). Close it, or use it as a context manager.
    """

    def __init__(self, releases: Path, release: Release, held: ExitStack) -> None:
        self._releases = releases
        self._release = release
        self._held = held
        self._connection = held.enter_context(release.connect())

    @property
    def release_id(self) -> str:
        """The release that is read."""
        return self._release.release_id

    @property
    def created_at(self) -> datetime:
        """When it was cut, UTC."""
        return datetime.fromisoformat(self._release.manifest["created_at"])

    @property
    def tables(self) -> dict[str, Table]:
        """All tables by name."""
        return {name: self.table(name) for name in self._release.manifest["tables"]}

    def table(self, name: str) -> Table:
        """Return a published table.

        Args:
            name: its name.

        Returns:
            The table.

        Raises:
            KeyError: the release has no such table.
        """
        entries = self._release.manifest["tables"]
        if name not in entries:
            raise KeyError(f"release {self.release_id} has no table {name!r}; it has {', '.join(sorted(entries))}")
        return Table(name, self._connection.view(name), entries[name])

    def __getattr__(self, name: str) -> Table:
        """Return a published table as an attribute."""
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self.table(name)
        except KeyError as error:
            raise AttributeError(error.args[0]) from None

    def sql(self, query: str) -> Rows:
        """Return the rows of a query over the published tables, in DuckDB's SQL."""
        return Rows(self._connection.sql(query))

    def at(self, release_id: str) -> "HomeReader":
        """Open another release of the same home; it is closed with this one.

        Args:
            release_id: its id or the first characters. One that is not kept is an error that names those that are.

        Returns:
            A reader of it.
        """
        return self._held.enter_context(_open(self._releases, release_id))

    def changes(self, since: str) -> Rows:
        """Return what became of profiles since an earlier release, so that a copy can follow.

        Args:
            since: the release that was read last, by its id or the first characters.

        Returns:
            A row a profile that is not as it was: ``profile_id``; ``change`` (created, changed, merged, split from
            another, retired); ``current_profile_id``, where its customer is found now, null for a retired one. A
            profile whose customers are in several profiles now has a row for each.
        """
        return Rows(changes_between(self._connection, self.at(since)._release))

    def close(self) -> None:
        """Let the release go."""
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_home(path: str | Path, tier: Literal["restricted", "open"] = "restricted") -> HomeReader:
    """Open the live release of a home.

    Args:
        path: the home (``$CDP_HOME``). One without a release is an error that says how to make one.
        tier: ``open`` for the tables without names, addresses and ids, where the home has them.

    Returns:
        A reader, which goes on reading this release whatever is published meanwhile.

    Raises:
        NoReleaseError: the home has no open tier.
    """
    settings = Settings(Path(path).expanduser())
    if tier == "open":
        if read_pointer(settings.open_releases) is None:
            raise NoReleaseError(
                f"{settings.open_releases} holds no open tier; {settings.open_tier.name} in the home declares one, and "
                "the next `cdp sync` writes it"
            )
        return _open(settings.open_releases, None)
    return _open(settings.releases, None)


def _open(releases: Path, release_id: str | None) -> HomeReader:
    """Open and hold a release; one that is pruned between the two steps is looked for again.

    Args:
        releases: the folder of all releases.
        release_id: one of them by the first characters of its id; None for the live one.

    Returns:
        A reader that holds it.

    Raises:
        NoReleaseError: it was pruned each time.
    """
    for _ in range(_TRIES):
        release = require_live_release(releases) if release_id is None else find_release(releases, release_id)
        with ExitStack() as held:
            try:
                held.enter_context(take_lease(release.folder / MANIFEST))
            except FileNotFoundError:
                continue
            return HomeReader(releases, open_release(release.folder), held.pop_all())
    raise NoReleaseError(f"{releases}: no release stayed long enough to be opened in {_TRIES} tries; try again")
