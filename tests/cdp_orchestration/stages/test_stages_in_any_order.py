"""Whatever is delivered, built, checked, killed or published in whatever order, a release has one set of passed inputs.

The notes, the gates' results and the admission are the real ones, in a real warehouse. The tables are a model: each
holds the sets of files that it reflects, so that one which was built from two of them shows both.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from examples import examples
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cdp_orchestration.errors import CdpError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse
from cdp_orchestration.landing.storage.ledger import LedgerEntry, create_ledger, record_entries
from cdp_orchestration.release.pointer import current_release_id
from cdp_orchestration.release.publication import (
    candidate_folder,
    publish,
    remove_unpublished,
    the_candidate,
)
from cdp_orchestration.stages.admission import (
    require_complete_chain,
    require_passed_candidate,
    require_passed_records,
)
from cdp_orchestration.stages.builds import note_end, read_builds
from cdp_orchestration.stages.chain import gate_code, read_chain
from cdp_orchestration.stages.gate_results import StoredResult, store_gate_result
from cdp_orchestration.stages.inputs import BUILT_STAGES
from cdp_orchestration.stages.planning import begin_build, noted_resolution
from cdp_orchestration.stages.publications import is_live, record_publication
from expectations import GATED_TABLES

TABLES = {**GATED_TABLES, "staging": ("stg_contacts", *GATED_TABLES["staging"])}
READS = {
    "staging": (),
    "identity": ("staging",),
    "profiles": ("staging", "identity"),
    "journeys": ("staging", "identity", "profiles"),
}
FILES = ("contacts.csv", "orders.csv")
REFUSING = "staging.interactions"

Landed = frozenset[tuple[str, int, bool]]  # file, version, whether it is damaged


class AnyOrder(RuleBasedStateMachine):
    """A home in the hands of a person, a scheduler and a power supply that fails."""

    @initialize()
    def open_a_new_home(self) -> None:
        self.resources = ExitStack()
        self.settings = Settings(Path(self.resources.enter_context(tempfile.TemporaryDirectory())))
        self.settings.releases.mkdir(parents=True)
        self.connection = self.resources.enter_context(open_warehouse(self.settings.warehouse))
        create_ledger(self.connection)
        self.delivered: dict[str, tuple[int, bool]] = {}
        self.landed: dict[str, tuple[int, bool]] = {}
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.runs = 0
        self.contents: dict[tuple[str, str], frozenset[Landed]] = {}
        self.released: dict[str, dict[tuple[str, str], frozenset[Landed]]] = {}
        self.passed: set[str] = set()
        for file in FILES:
            self.deliver(file, is_damaged=False)
        self.sync()

    def teardown(self) -> None:
        if hasattr(self, "resources"):
            self.resources.close()

    @rule(file=st.sampled_from(FILES), is_damaged=st.sampled_from([False] * 4 + [True]))
    def deliver(self, file: str, is_damaged: bool) -> None:
        version, _ = self.delivered.get(file, (0, False))
        self.delivered[file] = (version + 1, is_damaged)

    @rule(file=st.sampled_from(FILES), is_checked=st.booleans())
    def land_one_by_hand(self, file: str, is_checked: bool) -> None:
        self._land([file])
        if is_checked:
            self._check("landing")

    @rule(
        stage=st.sampled_from(BUILT_STAGES),
        part=st.integers(0, 6),
        tables_built=st.integers(1, 3),
        end=st.sampled_from(["checked", "unchecked", "failed", "killed"]),
        arriving=st.sampled_from((None, *FILES)),
        goes_on=st.sampled_from([False, True, True]),
    )
    def build_by_hand(
        self, stage: str, part: int, tables_built: int, end: str, arriving: str | None, goes_on: bool
    ) -> None:
        """Build a stage or one of its tables, and perhaps go on; one that fails or is killed has built a few tables."""
        tables = TABLES[stage] if part >= len(TABLES[stage]) else (TABLES[stage][part],)
        if arriving:
            self.deliver(arriving, is_damaged=False)
        if goes_on:
            self._land(FILES)
            self._check("landing")
        try:
            self._build(stage, tables, end, tables_built)
        except CdpError:
            return
        if end == "checked":
            self._check(stage, tables)
        if goes_on:
            self._check(stage)
            self.go_on_to_a_release_by_hand(BUILT_STAGES.index(stage) + 1)

    @rule(stage=st.sampled_from(("landing", *BUILT_STAGES)))
    def execute_the_checks_of_a_stage(self, stage: str) -> None:
        self._check(stage)

    @rule(first=st.integers(0, len(BUILT_STAGES)))
    def go_on_to_a_release_by_hand(self, first: int) -> None:
        """Do what a person does who has repaired something: every later stage in order, whatever fails on the way."""
        for stage in BUILT_STAGES[first:]:
            try:
                self._build(stage, TABLES[stage], "checked", 0)
            except CdpError:
                return
            self._check(stage)
        self.cut_a_candidate("passed")
        self.publish_by_hand()

    @rule(gate=st.sampled_from(["passed", "passed", "refused", "not executed"]))
    def cut_a_candidate(self, gate: str) -> None:
        try:
            self._cut(gate)
        except CdpError:
            return

    @rule()
    def publish_by_hand(self) -> None:
        try:
            self._publish()
        except CdpError:
            return

    @rule(actions=st.integers(0, 9))
    def kill_a_sync(self, actions: int) -> None:
        for number, action in enumerate(self._sync()):
            if number == actions:
                return
            if not action():
                return

    @rule()
    def sync(self) -> None:
        """After a sync all that landed is live, or a damaged file has stopped it."""
        for action in self._sync():
            if not action():
                break
        if any(is_damaged for _, is_damaged in self.delivered.values()):
            return
        live = current_release_id(self.settings.releases)
        assert live is not None
        assert set(self.released[live].values()) == {frozenset([self._snapshot()])}
        assert list(self._sync()) == [], "a second sync finds something to do"

    @precondition(lambda self: hasattr(self, "settings"))
    @invariant()
    def the_live_release_has_one_set_of_undamaged_files(self) -> None:
        live = current_release_id(self.settings.releases)
        if live is None:
            return
        assert live in self.passed, f"{live} is live, and its own gate has not passed"
        reflected = {files for content in self.released[live].values() for files in content}
        assert len(reflected) == 1, f"{live} mixes {reflected}"
        assert not any(is_damaged for _, _, is_damaged in next(iter(reflected)))

    def _sync(self) -> Iterator[Callable[[], bool]]:
        """Yield what a sync does, one action at a time; each returns whether the sync goes on."""
        if self._land(FILES, dry=True) or self._unchecked("landing"):
            yield lambda: self._land(FILES) or True
            yield lambda: self._check("landing")
        chain = read_chain(self.connection, self.settings)
        if chain.is_complete and is_live(self.connection, self.settings, chain):
            return
        for stage in BUILT_STAGES:
            yield lambda stage=stage: self._build(stage, TABLES[stage], "checked", 0)  # type: ignore[misc]
            yield lambda stage=stage: self._check(stage)  # type: ignore[misc]
        yield lambda: self._cut("passed")
        yield self._publish

    def _snapshot(self) -> Landed:
        return frozenset((file, *version) for file, version in self.landed.items())

    def _land(self, files: tuple[str, ...] | list[str], *, dry: bool = False) -> bool:
        new = [file for file in files if file in self.delivered and self.landed.get(file) != self.delivered[file]]
        if dry:
            return bool(new)
        for file in new:
            self.now += timedelta(seconds=1)
            version, _ = self.landed[file] = self.delivered[file]
            loaded_at = self.now.replace(tzinfo=None)
            entry = LedgerEntry(f"{file} {version}", "crm", "contacts", file, 1, version, None, "landed", loaded_at)
            record_entries(self.connection, [entry])
        return bool(new)

    def _build(self, stage: str, tables: tuple[str, ...], end: str, tables_built: int) -> bool:
        self.runs += 1
        run_id = f"run {self.runs}"
        if stage == "identity":  # its tables change in one transaction
            require_passed_records(self.connection)
            if end in {"failed", "killed"}:
                begin_build(self.connection, self.settings, stage, (), run_id=run_id, started_by="hand")
                return False
            with noted_resolution(self.connection, self.settings, run_id=run_id, started_by="hand", is_full=False):
                self._fill(stage, TABLES[stage])
            return True
        missing = [read for read in READS[stage] if read not in read_builds(self.connection)]
        if missing:
            raise CdpError(f"{missing} were never built")
        part = tables if tables != TABLES[stage] else ()
        plan = begin_build(self.connection, self.settings, stage, part, run_id=run_id, started_by="hand")
        built = tables[:tables_built] if end in {"failed", "killed"} else tables
        self._fill(stage, built)
        if end != "killed":
            note_end(self.connection, plan.on_success, is_failed=end == "failed")
        return end not in {"failed", "killed"}

    def _fill(self, stage: str, tables: tuple[str, ...]) -> None:
        read = [self.contents.get((of, table), frozenset()) for of in READS[stage] for table in TABLES[of]]
        content = frozenset().union(*read) if READS[stage] else frozenset([self._snapshot()])
        for table in tables:
            self.contents[stage, table] = content

    def _unchecked(self, stage: str) -> bool:
        return read_chain(self.connection, self.settings).broken_at(stage) is not None

    def _check(self, stage: str, tables: tuple[str, ...] | None = None) -> bool:
        """Execute gates on what the tables hold now; return whether all have passed."""
        all_passed = True
        for gate, state in read_chain(self.connection, self.settings).gate_states.items():
            of, _, table = gate.partition(".")
            if of != stage or (tables is not None and table not in tables):
                continue
            content = self.contents.get((of, table), frozenset())
            is_damaged = any(damaged for files in content for _, _, damaged in files)
            is_passed = gate != REFUSING or not is_damaged
            failures = [] if is_passed else [{"gate": gate, "severity": "critical", "failure": "damaged"}]
            result = StoredResult(of, table, state, gate_code(of), is_passed, {"failures": failures}, "a run")
            store_gate_result(self.connection, result)
            all_passed &= is_passed
        return all_passed

    def _cut(self, gate: str) -> bool:
        chain = require_complete_chain(self.connection, self.settings)
        remove_unpublished(self.settings.releases)
        self.runs += 1
        release_id = f"release {self.runs:06d}"
        folder = candidate_folder(self.settings.releases, release_id)
        folder.mkdir()
        manifest = {
            "release_id": release_id,
            "inputs_fingerprint": chain.fingerprint,
            "states": dict(chain.states),
            "gates": dict(chain.gate_states),
            "tables": {},
        }
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        self.released[release_id] = dict(self.contents)
        if gate == "not executed":
            return False
        if gate == "passed":
            self.passed.add(release_id)
        failures = [{"gate": "release.candidate", "severity": "critical", "failure": "a row is missing"}]
        report = {"failures": [] if gate == "passed" else failures}
        code = gate_code("release")
        result = StoredResult("release", "candidate", release_id, code, gate == "passed", report, "a run")
        store_gate_result(self.connection, result)
        return gate == "passed"

    def _publish(self) -> bool:
        folder = the_candidate(self.settings.releases)
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        chain = require_passed_candidate(self.connection, self.settings, manifest)
        publish(self.settings.releases, manifest, self.now)
        record_publication(self.connection, chain, manifest["release_id"], f"run {self.runs}", "hand")
        return True


@pytest.mark.slow
@pytest.mark.scenario
class TestStagesInAnyOrder(AnyOrder.TestCase):  # type: ignore[misc] # built at runtime
    """Some sequences of twenty steps, others each time."""

    settings = settings(max_examples=examples(10), stateful_step_count=20, deadline=None)
