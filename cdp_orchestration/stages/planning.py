"""What a build of a stage, or of a part of it, will leave: decided before it begins."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import duckdb

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.pointer import current_release_id
from cdp_orchestration.release.reader import Release
from cdp_orchestration.stages.builds import StageBuild, StartedBy, note_begin, note_end, read_builds
from cdp_orchestration.stages.chain import read_chain
from cdp_orchestration.stages.inputs import present_inputs, state_from
from cdp_orchestration.stages.person_decisions import store_person_decisions

# The stage in which the changes of each profile are numbered, and the one that builds by these numbers as well
_NUMBERING, _NUMBERED = "profiles", "journeys"
_READ_DECISIONS = ("staging", "profiles")


@dataclass(frozen=True)
class BuildPlan:
    """What a build will leave if it succeeds, and what it begins with.

    Attributes:
        on_success: the build as it will be noted.
        is_full_refresh: whether the tables by touched profile have to be built anew.
        former: the build before it, if any.
    """

    on_success: StageBuild
    is_full_refresh: bool
    former: StageBuild | None

    def begins_as_published(self, release: Release | None) -> bool:
        """Return whether the tables of the stage are those from which a release was cut."""
        if release is None or self.former is None or not self.former.is_complete:
            return False
        cut_from = release.manifest.get("states", {}).get(self.former.stage)
        return (cut_from, release.manifest.get("run_id")) == (self.former.state, self.former.run_id)


def begin_build(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    stage: str,
    part: Sequence[str],
    *,
    run_id: str,
    started_by: StartedBy,
) -> BuildPlan:
    """Note that a build of a stage begins; from now on the stage is not complete until the build has ended.

    A part that is built again from just what the stage was built from leaves the stage complete; any other part
    leaves it mixed.

    Args:
        connection: the warehouse.
        settings: the home.
        stage: the stage.
        part: the tables that are built, empty for all of them.
        run_id: the run.
        started_by: whether a sync or a person started it.

    Returns:
        The plan; its ``on_success`` is for ``note_end``.
    """
    builds = read_builds(connection)
    former = builds.get(stage)
    inputs = present_inputs(connection, settings, stage, builds)
    live = current_release_id(settings.releases)
    is_numbered = _has_present_numbers(connection, settings, stage, part, builds)
    was_due = former is not None and former.is_refresh_due
    plan = StageBuild(
        stage=stage,
        status="complete",
        state=state_from(inputs),
        inputs=inputs,
        continues_from=live,
        is_refresh_due=not is_numbered,
        run_id=run_id,
        started_by=started_by,
    )
    if part:
        link = read_chain(connection, settings).broken_at(stage)
        is_same = former is not None and former.is_complete and (link is None or link.kind in {"refused", "unchecked"})
        plan = replace(
            plan,
            status="complete" if is_same else "mixed",
            continues_from=former.continues_from if former else live,
            part=() if is_same else tuple(sorted({*part, *(former.part if former else ())})),
            is_refresh_due=was_due or not is_numbered,
        )
    if stage in _READ_DECISIONS:
        store_person_decisions(connection, settings)
    note_begin(connection, replace(plan, is_refresh_due=was_due or not is_numbered))
    return BuildPlan(plan, was_due and not part, former)


@contextmanager
def noted_resolution(
    connection: duckdb.DuckDBPyConnection, settings: Settings, *, run_id: str, started_by: StartedBy, is_full: bool
) -> Iterator[None]:
    """Note that identity is resolved during the block; a block that fails leaves it as not completed.

    Profile ids depend on the ids before, so that the state names the run; a run that resolves the very same inputs
    again changes nothing and leaves the former state.

    Args:
        connection: the warehouse.
        settings: the home.
        run_id: the run.
        started_by: whether a sync or a person started it.
        is_full: whether a model is trained, which may then decide otherwise.

    Yields:
        Nothing.
    """
    former = read_builds(connection).get("identity")
    build = begin_build(connection, settings, "identity", (), run_id=run_id, started_by=started_by).on_success
    is_same = former is not None and former.is_complete and former.inputs == build.inputs and not is_full
    yield
    state = former.state if former and is_same else state_from(build.inputs, run_id)
    note_end(connection, replace(build, state=state))


def _has_present_numbers(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    stage: str,
    part: Sequence[str],
    builds: Mapping[str, StageBuild],
) -> bool:
    """Return whether the numbers of touched profiles are those of what the build reads.

    A table that was built from other rows than those that were numbered would never be corrected by its number.
    """
    if stage not in {_NUMBERING, _NUMBERED} or (stage == _NUMBERING and not part):
        return True
    numbering = builds.get(_NUMBERING)
    return (
        numbering is not None
        and numbering.is_complete
        and dict(numbering.inputs) == present_inputs(connection, settings, _NUMBERING, builds)
    )
