"""Homes that faults strike, the undisturbed one they are compared with, and what is asked after each fault."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from cdp_orchestration.benchmark.faults.processes import answer, command, each_line, run
from cdp_orchestration.benchmark.planted.homes import renew_views
from cdp_orchestration.benchmark.same_history import rows_of_one_history
from cdp_orchestration.dagster.progress import StageEnded, StepStarted
from cdp_orchestration.dagster.sync_run import run_sync
from cdp_orchestration.demo import DROP_COUNT, write_demo
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.writer_lock import current_holder
from cdp_orchestration.reader import open_home
from cdp_orchestration.release.integrity import damaged_files
from cdp_orchestration.release.reader import require_live_release


@dataclass
class Tally:
    """One kind of fault: how often it was tried, how often survived, and what was otherwise where it was not.

    Attributes:
        kind: the kind, in words.
        tried: how many faults struck.
        problems: for each that was not survived, what differed.
        remark: what a reader of the figures should know.
    """

    kind: str
    tried: int = 0
    problems: list[str] = field(default_factory=list)
    remark: str = ""

    @property
    def survived(self) -> int:
        """How many were survived; a problem that shows at the end of several counts once."""
        return max(self.tried - len(self.problems), 0)

    def note(self, what: str, problems: list[str]) -> None:
        """Count one fault.

        Args:
            what: the fault, in words.
            problems: what was otherwise afterwards; none where it was survived.
        """
        self.tried += 1
        self.add(what, problems)

    def add(self, what: str, problems: list[str]) -> None:
        """Add what shows only after several faults."""
        if problems:
            self.problems.append(f"{what}: {each_line(problems)}")


class FaultHomes:
    """Homes with a release and a delivery that no sync has seen, and one in which it was synced undisturbed."""

    def __init__(self, folder: Path, customers: int, seed: int) -> None:
        """Make them.

        Args:
            folder: an empty one, or one in which they were made before: ``waiting``, ``undisturbed``, and how long
                the stages took, in ``stage_seconds.json``.
            customers: how many customers the demo has.
            seed: of the demo.
        """
        self.folder = folder
        self.customers = customers
        self.seed = seed
        self._waiting = folder / "waiting"
        self.undisturbed = folder / "undisturbed"
        made = folder / "stage_seconds.json"
        if not made.exists():
            made.write_text(json.dumps(self._make()), encoding="utf-8")
        self.stage_seconds: dict[str, float] = json.loads(made.read_text(encoding="utf-8"))
        self._rows: dict[str, list[str]] = answer(
            partial(_published, self.undisturbed, self._waiting), self.undisturbed
        )

    def _make(self) -> dict[str, float]:
        self._deliver(self._waiting, 0)
        self.require(self._waiting, "sync")
        self._deliver(self._waiting, 1)
        self.copy(self._waiting, "undisturbed")
        seconds: dict[str, float] = answer(_seconds_of_stages, self.undisturbed)
        return seconds

    def waiting(self, name: str) -> Path:
        """Return a new home with a release, in which a delivery waits to be synced."""
        return self.copy(self._waiting, name)

    def synced(self, name: str) -> Path:
        """Return a new home in which that delivery has been synced as well."""
        return self.copy(self.undisturbed, name)

    def copy(self, source: Path, name: str) -> Path:
        """Return a copy of a home, whose views name its own files."""
        home = self.folder / name
        shutil.copytree(source, home, symlinks=True)
        answer(partial(renew_views, home), home)
        return home

    def copy_as_it_is(self, source: Path, name: str) -> Path:
        """Return a copy of a home that is damaged, whose views may name the files of the other one."""
        return Path(shutil.copytree(source, self.folder / name, symlinks=True))

    def deliver_more(self, home: Path, drop: int) -> None:
        """Put a later delivery into the inbox of a home; there are as many as the demo has drops."""
        assert 1 < drop < DROP_COUNT  # noqa: S101 - 0 and 1 are delivered
        self._deliver(home, drop)

    def require(self, home: Path, *arguments: str) -> str:
        """Run a command that must succeed.

        Args:
            home: the home.
            arguments: the command.

        Returns:
            What it wrote.

        Raises:
            RuntimeError: it failed.
        """
        ended = run(command(*arguments), home)
        if ended.code != 0:
            raise RuntimeError(f"cdp {' '.join(arguments)} on {home}: {ended.output[-2_000:]}")
        return ended.output

    def problems(self, home: Path, *, is_damaged: bool = False) -> list[str]:
        """Return what is wrong with a home right after a fault, for its readers and for the next command.

        Args:
            home: the home.
            is_damaged: whether files of it are damaged on purpose, so that its release cannot be whole.

        Returns:
            What is wrong, a sentence each.
        """
        found: list[str] = answer(partial(_unsound, home, is_damaged=is_damaged), home)
        status = run(command("status"), home)
        if status.code not in {0, 1, 2} or "Traceback" in status.output:
            found.append(f"`cdp status` ended with {status.code}: {status.last_line}")
        return found

    def after_sync(self, home: Path, *arguments: str) -> list[str]:
        """Sync a home and return what is otherwise than in the undisturbed one.

        Args:
            home: the home.
            arguments: of the sync.

        Returns:
            The failure of the sync, tables that differ, profiles whose ids changed; nothing where all is the same.
        """
        synced = run(command("sync", *arguments), home)
        if synced.code != 0:
            return [f"the next sync failed: {synced.last_line}"]
        rows: dict[str, list[str]] = answer(partial(_published, home, self._waiting), home)
        return [
            *self.problems(home),
            *(_difference(name, self._rows.get(name, []), rows.get(name, [])) for name in self._differing(rows)),
        ]

    def drop(self, home: Path) -> None:
        """Remove a home."""
        shutil.rmtree(home)

    def _differing(self, rows: dict[str, list[str]]) -> list[str]:
        return sorted(name for name in rows.keys() | self._rows.keys() if rows.get(name) != self._rows.get(name))

    def _deliver(self, home: Path, drop: int) -> None:
        make: Callable[..., object] = partial(
            write_demo, home / "inbox", home / "demo_truth.csv", customers=self.customers, seed=self.seed, processes=1
        )
        home.mkdir(exist_ok=True)
        answer(lambda: bool(make(drops=(drop,))), home)


def _difference(name: str, expected: list[str], found: list[str]) -> str:
    lost, new = set(expected) - set(found), set(found) - set(expected)
    return f"{name}: {len(lost)} rows of the undisturbed run are missing, {len(new)} are others"


def _unsound(home: Path, *, is_damaged: bool) -> list[str]:
    settings = Settings(home)
    found = [f"the lock stays with {holder}"] if (holder := current_holder(settings.writer_lock)) else []
    if is_damaged:
        return found
    found += [str(file) for file in damaged_files(require_live_release(settings.releases))]
    with open_home(home) as reader:
        for name, table in reader.tables.items():
            manifest = require_live_release(settings.releases).manifest["tables"][name]
            if len(table) != manifest["rows"]:
                found.append(f"{name} has {len(table)} rows, its manifest says {manifest['rows']}")
    return found


def _published(home: Path, before: Path) -> dict[str, list[str]]:
    """Return every published table, and which of the profile ids that were live before hold which records."""
    rows = rows_of_one_history(require_live_release(Settings(home).releases))
    with open_home(before) as former:
        known = {row["profile_id"] for row in former.sql("select profile_id from profiles").to_dicts()}
    with open_home(home) as live:
        held = live.sql("select profile_id, person_record_id from profile_records").to_dicts()
    rows["ids of profiles"] = sorted(
        f"{row['profile_id']} {row['person_record_id']}" for row in held if row["profile_id"] in known
    )
    return rows


def _seconds_of_stages() -> dict[str, float]:
    """Sync the home of this process, and return how long each stage took."""
    seconds: dict[str, float] = {}

    def noted(progress: StepStarted | StageEnded) -> None:
        if isinstance(progress, StageEnded):
            seconds[progress.stage] = progress.seconds

    run_sync(Settings.from_environment(), on_progress=noted)
    return seconds


def live_release_id(home: Path) -> str:
    """Return the release that the link of a home names."""
    return (home / "releases" / "current").readlink().name
