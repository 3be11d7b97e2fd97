"""A release is cut only where every stage was built, all of it, from what its inputs hold now, and passed its gates."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from cdp_orchestration.errors import MissingInputsError, ReleaseRefusedError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.home.warehouse import open_warehouse, read_warehouse
from cdp_orchestration.landing.storage.ledger import LedgerEntry, Status, create_ledger, record_entries
from cdp_orchestration.release.reader import Release
from cdp_orchestration.stages.admission import require_complete_chain, require_passed_records
from cdp_orchestration.stages.builds import note_end, read_builds
from cdp_orchestration.stages.chain import gate_code, read_chain
from cdp_orchestration.stages.gate_results import StoredResult, store_gate_result
from cdp_orchestration.stages.inputs import BUILT_STAGES
from cdp_orchestration.stages.planning import BuildPlan, begin_build, noted_resolution

PASSED = {"failures": []}
REFUSED = {
    "failures": [
        {"gate": "staging.interactions", "severity": "critical", "failure": "currency is known: found 50 %"},
        {"gate": "staging.interactions", "severity": "warning", "failure": "fewer rows than usual"},
    ]
}


class Stages:
    """A home whose stages are built and checked without a row: only the notes are written."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
        self.connection, self.settings = connection, settings

    def begin(self, stage: str, *part: str, run_id: str = "a run") -> BuildPlan:
        return begin_build(self.connection, self.settings, stage, part, run_id=run_id, started_by="hand")

    def build(self, stage: str, *part: str, is_failed: bool = False) -> BuildPlan:
        plan = self.begin(stage, *part)
        note_end(self.connection, plan.on_success, is_failed=is_failed)
        return plan

    def check(self, *stages: str, refused: str | None = None) -> None:
        for gate, state in read_chain(self.connection, self.settings).gate_states.items():
            stage, _, table = gate.partition(".")
            if stage in stages:
                is_passed = gate != refused
                report = PASSED if is_passed else REFUSED
                result = StoredResult(stage, table, state, gate_code(stage), is_passed, report, "a run")
                store_gate_result(self.connection, result)

    def sync(self) -> None:
        self.check("landing")
        for stage in BUILT_STAGES:
            self.build(stage)
            self.check(stage)

    def land(self, batch_id: str, status: Status = "landed") -> None:
        entry = LedgerEntry(batch_id, "crm", "contacts", batch_id, 1, 1, None, status, datetime(2026, 1, 1))  # noqa: DTZ001
        create_ledger(self.connection)
        record_entries(self.connection, [entry])

    def broken(self) -> list[tuple[str, str]]:
        return [(link.stage, link.kind) for link in read_chain(self.connection, self.settings).broken]

    def refusal(self) -> str:
        with pytest.raises(ReleaseRefusedError) as refused:
            require_complete_chain(self.connection, self.settings)
        return str(refused.value)


@pytest.fixture
def stages(tmp_path: Path) -> Iterator[Stages]:
    settings = Settings(tmp_path)
    with open_warehouse(settings.warehouse) as connection:
        yield Stages(connection, settings)


@pytest.fixture
def synced(stages: Stages) -> Stages:
    stages.sync()
    return stages


def test_a_chain_that_was_built_in_order_and_passed_is_complete(synced: Stages) -> None:
    assert synced.broken() == []
    assert require_complete_chain(synced.connection, synced.settings).fingerprint


def test_a_home_in_which_nothing_was_built_says_what_to_do_first(stages: Stages) -> None:
    assert stages.broken()[0] == ("landing", "unchecked")
    stages.check("landing")
    assert stages.refusal() == (
        "no release can be cut: staging was never built; materialize the group staging, or run `cdp sync`"
    )


def test_files_that_land_leave_staging_behind_and_are_named(synced: Stages) -> None:
    synced.land("a batch")
    assert synced.broken()[0] == ("landing", "unchecked")
    synced.check("landing")
    assert "staging is behind: crm_contacts has landed since; materialize the group staging" in synced.refusal()


def test_a_file_that_is_refused_as_a_whole_is_for_the_gate_and_leaves_staging_as_it_is(synced: Stages) -> None:
    synced.land("a batch", "refused")
    assert synced.broken() == [("landing", "unchecked")]
    synced.check("landing")
    assert synced.broken() == []


def test_a_part_built_from_newer_files_leaves_the_stage_mixed_and_names_the_part(synced: Stages) -> None:
    synced.land("a batch")
    synced.check("landing")
    synced.build("staging", "stg_crm__contacts")
    synced.check("staging")
    assert ("staging", "mixed") in synced.broken()
    assert "staging was built in part by hand (stg_crm__contacts in run a run)" in synced.refusal()


def test_a_part_built_again_from_the_same_inputs_leaves_the_chain_complete(synced: Stages) -> None:
    for stage, part in (("staging", "stg_crm__contacts"), ("profiles", "profiles"), ("journeys", "journeys")):
        synced.build(stage, part)
    assert synced.broken() == []


def test_parts_that_were_built_one_after_the_other_stay_mixed_until_the_stage_is_built(synced: Stages) -> None:
    synced.land("a batch")
    synced.build("staging", "b")
    synced.build("staging", "a")
    assert read_builds(synced.connection)["staging"].part == ("a", "b")
    synced.build("staging")
    assert read_builds(synced.connection)["staging"].is_complete


@pytest.mark.parametrize("part", [(), ("interactions",)])
def test_a_failed_build_marks_the_stage_as_failed_even_of_a_part(synced: Stages, part: tuple[str, ...]) -> None:
    synced.build("staging", *part, is_failed=True)
    assert synced.broken()[0] == ("staging", "failed")
    assert "the build of staging failed in run a run" in synced.refusal()


def test_a_build_that_was_killed_leaves_the_stage_unfinished(synced: Stages) -> None:
    synced.begin("journeys", run_id="r7")
    assert synced.broken() == [("journeys", "interrupted")]
    assert "run r7 did not complete its build of journeys" in synced.refusal()


def test_a_stage_built_anew_leaves_the_later_ones_behind_only_if_its_inputs_were_others(synced: Stages) -> None:
    synced.build("staging")
    assert synced.broken() == []
    synced.land("a batch")
    synced.check("landing")
    synced.build("staging")
    synced.check("staging")
    assert [stage for stage, _ in synced.broken()] == ["identity", "profiles", "journeys"]


def test_a_gate_that_refuses_stops_the_release_whatever_is_built_after_it(synced: Stages) -> None:
    synced.check("staging", refused="staging.interactions")
    for stage in ("profiles", "journeys"):
        synced.build(stage)
        synced.check(stage)
    assert synced.broken() == [("staging", "refused")]
    refusal = synced.refusal()
    assert "gate staging.interactions refuses what staging holds" in refusal
    assert "currency is known: found 50 %" in refusal
    assert "fewer rows" not in refusal


def test_a_result_of_a_gate_counts_only_for_the_rows_that_it_evaluated(synced: Stages) -> None:
    synced.land("a batch")
    synced.check("landing")
    synced.build("staging")
    assert synced.broken()[0] == ("staging", "unchecked")


def test_identity_resolves_only_person_records_that_have_passed(synced: Stages) -> None:
    require_passed_records(synced.connection)
    synced.check("staging", refused="staging.person_records")
    with pytest.raises(MissingInputsError, match=r"gate staging\.person_records refuses"):
        require_passed_records(synced.connection)
    synced.begin("staging", "person_records")
    with pytest.raises(MissingInputsError, match="staging is building"):
        require_passed_records(synced.connection)


def test_identity_resolved_again_from_the_same_inputs_keeps_its_state(synced: Stages) -> None:
    def resolve(*, is_full: bool) -> str:
        about = {"run_id": "r2", "started_by": "hand", "is_full": is_full}
        with noted_resolution(synced.connection, synced.settings, **about):  # type: ignore[arg-type]
            pass
        return read_builds(synced.connection)["identity"].state

    first = resolve(is_full=True)
    assert resolve(is_full=False) == first


def test_a_resolution_that_fails_leaves_identity_unfinished(synced: Stages) -> None:
    about = {"run_id": "r2", "started_by": "hand", "is_full": False}
    with (
        pytest.raises(OSError, match="no space left"),
        noted_resolution(synced.connection, synced.settings, **about),  # type: ignore[arg-type]
    ):
        raise OSError("no space left")
    assert synced.broken()[0] == ("identity", "interrupted")


def test_tables_by_touched_profile_are_built_anew_after_one_was_built_without_its_numbers(synced: Stages) -> None:
    assert not synced.build("journeys").is_full_refresh
    synced.land("a batch")
    synced.build("staging")
    assert not synced.build("journeys").is_full_refresh  # the profiles have not numbered these rows
    synced.build("identity")
    synced.build("profiles")
    assert synced.build("journeys").is_full_refresh
    assert not synced.build("journeys").is_full_refresh


def test_a_full_refresh_that_fails_is_due_again(synced: Stages) -> None:
    synced.land("a batch")
    synced.build("staging")
    synced.build("journeys", "journeys")
    synced.build("identity")
    synced.build("profiles")
    assert synced.build("journeys", is_failed=True).is_full_refresh
    assert synced.build("journeys").is_full_refresh
    assert not synced.build("journeys").is_full_refresh


def test_a_killed_build_continues_by_touched_profile(synced: Stages) -> None:
    synced.begin("journeys")
    assert not synced.build("journeys").is_full_refresh


def test_a_stage_is_as_published_until_it_is_built_again(synced: Stages) -> None:
    states = require_complete_chain(synced.connection, synced.settings).states
    release = Release(synced.settings.releases, {"run_id": "a run", "states": dict(states)})
    assert synced.begin("profiles").begins_as_published(release)
    assert not synced.build("profiles").begins_as_published(release)  # the build that has begun may have added rows
    assert synced.begin("journeys", run_id="another run").begins_as_published(release)
    assert not synced.begin("journeys").begins_as_published(None)


def test_a_stage_that_another_run_built_from_the_same_inputs_is_not_as_published(synced: Stages) -> None:
    states = require_complete_chain(synced.connection, synced.settings).states
    release = Release(synced.settings.releases, {"run_id": "the run of the release", "states": dict(states)})
    assert not synced.begin("profiles").begins_as_published(release)


def test_the_chain_is_read_from_a_warehouse_that_is_only_read(synced: Stages) -> None:
    before = read_chain(synced.connection, synced.settings)
    synced.connection.close()
    with read_warehouse(synced.settings.warehouse) as connection:
        assert read_chain(connection, synced.settings) == before
