"""Whatever is materialized, delivered, damaged, synced or killed, and in whatever order: only whole passed releases."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from release_comparison import comparable_tables, partition, release_of

from cdp_orchestration.dagster.code_location import build_definitions
from cdp_orchestration.dagster.instance import open_instance
from cdp_orchestration.dagster.sync_run import run_sync
from cdp_orchestration.demo import write_demo
from cdp_orchestration.errors import SyncFailedError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing.storage.withdrawn_deliveries import (
    NoSuchDeliveryError,
    take_up_delivery,
    withdraw_delivery,
)
from cdp_orchestration.release.reader import live_release
from cdp_orchestration.sources import declared_stream

pytestmark = pytest.mark.long

SEQUENCES = int(os.environ.get("CDP_TEST_SEQUENCES", "5"))
STAGES = ("landing", "staging", "identity", "profiles", "journeys", "release")
NEW_FILES = (1, 2)
# A model that is trained again weighs a little differently
WEIGHTS = {"match_probability", "match_weight", "model_version", "comparison_levels", "identity_confidence"}
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}

Step = tuple[str, object]


@dataclass
class World:
    """A home, what was delivered to it, and what its releases have shown."""

    home: Path
    original: Path
    expected: Callable[[frozenset[int]], object]
    delivered: set[int] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    @cached_property
    def settings(self) -> Settings:
        return Settings(self.home)

    @cached_property
    def definitions(self) -> dg.Definitions:
        return build_definitions()

    def asset(self, number: object) -> None:
        keys = sorted(spec.key for spec in self.definitions.resolve_all_asset_specs())
        self._materialize([keys[int(str(number)) % len(keys)]])

    def group(self, stage: object) -> None:
        self._materialize([spec.key for spec in self.definitions.resolve_all_asset_specs() if spec.group_name == stage])

    def sync(self, full: object) -> bool:
        try:
            run_sync(self.settings, full=bool(full), on_progress=lambda *_: None)
        except SyncFailedError as failed:
            note(str(failed))
            return False
        return True

    def deliver(self, number: object) -> None:
        self.delivered.add(int(str(number)))
        stream = declared_stream("crm/contacts", self.settings)
        take_up_delivery(stream, f"zz_{number}.csv", self.settings)
        deliver_contacts(self.home, int(str(number)))

    def withdraw(self, number: object) -> None:
        """Take a delivery back, if it has landed, as a person does who also removes the file."""
        name = f"zz_{number}.csv"
        with suppress(NoSuchDeliveryError):
            withdraw_delivery(declared_stream("crm/contacts", self.settings), name, self.settings, by="test")
            self.delivered.discard(int(str(number)))

    def damage(self, _: object) -> None:
        damage_currency(self._file(self.home), self._file(self.original))

    def correct(self, _: object) -> None:
        shutil.copy(self._file(self.original), self._file(self.home))

    def kill(self, seconds: object) -> None:
        """Start a sync in another process, and kill it after so many seconds."""
        command = [str(Path(sys.executable).parent / "cdp"), "sync"]
        with subprocess.Popen(
            command,
            env={**os.environ, "CDP_HOME": str(self.home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                process.wait(float(str(seconds)))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)

    def check(self) -> None:
        """A release that went live since the last look equals that of a home with the files that it reflects."""
        live = live_release(self.settings.releases)
        if live is None or live.release_id in self.seen:
            return
        self.seen.add(live.release_id)
        reflected = files_in(self.home)
        assert reflected <= set(NEW_FILES)
        assert content(self.home) == self.expected(frozenset(reflected))

    def _file(self, home: Path) -> Path:
        return sorted((home / "inbox" / "in_store" / "transactions").glob("*.parquet"))[0]

    def _materialize(self, keys: list[dg.AssetKey]) -> None:
        job = self.definitions.resolve_implicit_global_asset_job_def()
        with open_instance(self.settings) as instance:
            result = job.execute_in_process(
                instance=instance, asset_selection=keys, raise_on_error=False, run_config=QUIET
            )
        note(f"{'done' if result.success else 'failed'}")


def deliver_contacts(home: Path, number: int) -> None:
    header = "Id,FirstName,LastName,Email,SystemModstamp"
    rows = (
        f"N{number}{n},Nora{number}{n},Newman{n},nora{number}{n}@new.example,2026-06-30T00:00:00Z" for n in range(3)
    )
    (home / "inbox" / "crm" / "contacts" / f"zz_{number}.csv").write_text("\n".join([header, *rows]), encoding="utf-8")


def damage_currency(file: Path, original: Path) -> None:
    """Write 'EURO' as the currency of every second transaction."""
    table = pq.read_table(original)
    name = next(column for column in table.column_names if "currency" in column.lower())
    second = pa.array([number % 2 == 0 for number in range(table.num_rows)])
    values = pc.if_else(second, pa.scalar("EURO"), table[name].cast(pa.string()))
    pq.write_table(table.set_column(table.column_names.index(name), name, values), file)


def files_in(home: Path) -> set[int]:
    """The new files of which a release shows contacts."""
    query = "select distinct source_record_id[2:2] from profile_records where source_record_id like 'N__'"
    return {int(row[0]) for row in release_of(home).connect().execute(query).fetchall()}


def content(home: Path) -> object:
    return comparable_tables(release_of(home), WEIGHTS), partition(release_of(home))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home that has been synced once."""
    home = tmp_path_factory.mktemp("any order") / "base"
    write_demo(home / "inbox", home / "demo_truth.csv", customers=15, seed=5)
    with on_home(home):
        run_sync(Settings(home), on_progress=lambda *_: None)
        yield home


@pytest.fixture(scope="module")
def expected(base: Path) -> Callable[[frozenset[int]], object]:
    """The content of a fresh home that was synced once, with some of the new files."""
    known: dict[frozenset[int], object] = {}

    def of_files(numbers: frozenset[int]) -> object:
        if numbers not in known:
            home = base.parent / f"fresh {sorted(numbers)}"
            shutil.copytree(base / "inbox", home / "inbox")
            for number in numbers:
                deliver_contacts(home, number)
            with on_home(home):
                run_sync(Settings(home), on_progress=lambda *_: None)
            known[numbers] = content(home)
        return known[numbers]

    return of_files


class on_home:  # noqa: N801 - reads as a statement
    """Let Dagster work on a home while the block runs."""

    def __init__(self, home: Path) -> None:
        self.environment = pytest.MonkeyPatch()
        self.home = home

    def __enter__(self) -> None:
        self.environment.setenv("CDP_HOME", str(self.home))
        self.environment.setenv("DAGSTER_HOME", "")

    def __exit__(self, *_: object) -> None:
        self.environment.undo()


steps = st.lists(
    st.one_of(
        st.tuples(st.just("asset"), st.integers(0, 999)),
        st.tuples(st.just("group"), st.sampled_from(STAGES)),
        st.tuples(st.just("deliver"), st.sampled_from(NEW_FILES)),
        st.tuples(st.just("withdraw"), st.sampled_from(NEW_FILES)),
        st.tuples(st.just("damage"), st.none()),
        st.tuples(st.just("correct"), st.none()),
        st.tuples(st.just("sync"), st.sampled_from([False, False, True])),
        st.tuples(st.just("kill"), st.floats(2, 20)),
    ),
    min_size=2,
    max_size=7,
)


@settings(
    max_examples=SEQUENCES,
    deadline=None,
    phases=[Phase.generate],
    derandomize="CDP_TEST_SEQUENCES" not in os.environ,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps)
def test_no_order_of_steps_publishes_anything_but_what_landed_and_passed(
    base: Path, expected: Callable[[frozenset[int]], object], tmp_path: Path, sequence: list[Step]
) -> None:
    home = tmp_path / f"home {time.monotonic_ns()}"
    shutil.copytree(base, home)
    with on_home(home):
        world = World(home, base, expected)
        world.seen.add(release_of(home).release_id)
        # Views of the landing schema name the batches of the home that they were made in
        world.group("landing")
        for kind, argument in sequence:
            note(f"{kind} {argument}")
            getattr(world, kind)(argument)
            world.check()
        world.correct(None)
        assert world.sync(full=False)
        world.check()
        assert files_in(home) == world.delivered
    shutil.rmtree(home)


def test_a_delivery_that_is_taken_back_is_gone_from_every_table(
    base: Path, expected: Callable[[frozenset[int]], object], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(base, home)
    with on_home(home):
        world = World(home, base, expected)
        world.deliver(1)
        assert world.sync(full=False)
        assert files_in(home) == {1}
        world.withdraw(1)
        assert world.sync(full=False)

        assert files_in(home) == set()
        assert content(home) == expected(frozenset())
