"""The chain from what has landed to the last stage: where it is complete and passed, and where it is broken.

A release may be cut only where the chain is complete: each stage was built, all of it, from what the stages before it
hold now, by the present code, and its gates have passed on just that.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import duckdb

from cdp_orchestration.dbt.project import PUBLISHED_STAGES
from cdp_orchestration.home.code_version import code_version
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.landing import stream_states
from cdp_orchestration.release.reader import Release, live_release
from cdp_orchestration.sources import declared_streams
from cdp_orchestration.stages.builds import StageBuild, read_builds
from cdp_orchestration.stages.gate_results import StoredResult, read_gate_results
from cdp_orchestration.stages.inputs import (
    BUILT_STAGES,
    CODE,
    DECISIONS,
    PERSON_DECISIONS,
    RESTRICTIONS,
    present_inputs,
)
from expectations import GATED_TABLES, listed_keys

Kind = Literal["behind", "interrupted", "failed", "mixed", "refused", "unchecked"]


@dataclass(frozen=True)
class BrokenLink:
    """A stage that keeps a release from being cut: what is wrong with it, and what to do."""

    stage: str
    kind: Kind
    found: str
    remedy: str

    def __str__(self) -> str:
        """Return both in one sentence."""
        return f"{self.found}; {self.remedy}"


@dataclass(frozen=True)
class Chain:
    """All stages in order.

    Attributes:
        broken: the stages at which the chain is broken, in order of the stages.
        states: what each stream has landed (``landing.<table>``) and what each built stage holds.
        gate_states: what each gate (``<stage>.<table>``) has to have evaluated.
        fingerprint: a hash of the states and of all code that a release is made by.
    """

    broken: tuple[BrokenLink, ...]
    states: Mapping[str, str]
    gate_states: Mapping[str, str]
    fingerprint: str

    @property
    def is_complete(self) -> bool:
        """Whether a release may be cut."""
        return not self.broken

    def broken_at(self, stage: str) -> BrokenLink | None:
        """Return why the chain is broken at a stage, None if it is complete there."""
        return next((link for link in self.broken if link.stage == stage), None)


def read_chain(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Chain:
    """Read the chain of a home.

    Args:
        connection: the warehouse; one that only reads will do.
        settings: the home.

    Returns:
        The chain as it is now.
    """
    builds, results = read_builds(connection), read_gate_results(connection)
    states = _states(connection, builds)
    gate_states = _gate_states(connection, builds)
    live = live_release(settings.releases)
    broken = [_gates("landing", gate_states, results)]
    for stage in BUILT_STAGES:
        build = builds.get(stage)
        inputs = present_inputs(connection, settings, stage, builds)
        link = _build(stage, build, inputs) or (build and _continuation(build, live, states))
        broken.append(link or _gates(stage, gate_states, results))
    return Chain(tuple(link for link in broken if link), states, gate_states, _fingerprint(states))


def unlinked_chain(connection: duckdb.DuckDBPyConnection) -> Chain:
    """Return what the stages hold without a look at where the chain is broken, nor at the releases."""
    builds = read_builds(connection)
    states = _states(connection, builds)
    return Chain((), states, _gate_states(connection, builds), _fingerprint(states))


def _states(connection: duckdb.DuckDBPyConnection, builds: Mapping[str, StageBuild]) -> dict[str, str]:
    states = {f"landing.{table}": state for table, state in stream_states(connection).items()}
    return states | {stage: builds[stage].state for stage in BUILT_STAGES if stage in builds}


def _fingerprint(states: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps([states, code_version()], sort_keys=True).encode()).hexdigest()


def _gate_states(connection: duckdb.DuckDBPyConnection, builds: Mapping[str, StageBuild]) -> dict[str, str]:
    landed = stream_states(connection, with_refused=True)
    return {f"landing.{stream.table}": landed[stream.table] for stream in declared_streams()} | {
        f"{stage}.{table}": builds[stage].state
        for stage in BUILT_STAGES
        if stage in builds
        for table in GATED_TABLES[stage]
    }


def _build(stage: str, build: StageBuild | None, inputs: Mapping[str, str]) -> BrokenLink | None:
    again = f"materialize the group {stage}"
    if build is None:
        return BrokenLink(stage, "behind", f"{stage} was never built", again)
    if build.status == "building":
        return BrokenLink(stage, "interrupted", f"run {build.run_id} did not complete its build of {stage}", again)
    if build.status == "failed":
        return BrokenLink(stage, "failed", f"the build of {stage} failed in run {build.run_id}", again)
    if build.status == "mixed":
        by = "by hand" if build.started_by == "hand" else "by a sync"
        found = f"{stage} was built in part {by} ({listed_keys(build.part)} in run {build.run_id})"
        return BrokenLink(stage, "mixed", found, again)
    if dict(build.inputs) != dict(inputs):
        found = f"{stage} is behind: {listed_keys(list(_changed(build.inputs, inputs)))}"
        return BrokenLink(stage, "behind", found, again)
    return None


def _continuation(build: StageBuild, live: Release | None, states: Mapping[str, str]) -> BrokenLink | None:
    live_id = live.release_id if live else None
    # A release that was cut from this very chain holds what the growing tables hold now.
    is_from_this_chain = live is not None and live.manifest.get("states") == dict(states)
    if build.stage not in PUBLISHED_STAGES or build.continues_from == live_id or is_from_this_chain:
        return None
    found = f"{build.stage} continues release {build.continues_from or '(none)'}, and {live_id or 'none'} is live now"
    return BrokenLink(build.stage, "behind", found, f"materialize the group {build.stage}")


def _changed(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(before.keys() | now.keys()):
        if before.get(name) == now.get(name):
            continue
        if name == CODE:
            yield "its code has changed since"
        elif name == DECISIONS:
            yield "decisions about identities have changed since"
        elif name in (PERSON_DECISIONS, RESTRICTIONS):
            yield "restrictions or rectifications of people have changed since"
        elif name.startswith("landing."):
            yield f"{name.removeprefix('landing.')} has landed since"
        else:
            yield f"{name} has been built since"


def _gates(
    stage: str, gate_states: Mapping[str, str], results: Mapping[tuple[str, str], StoredResult]
) -> BrokenLink | None:
    missing = []
    for gate, state in gate_states.items():
        if gate.partition(".")[0] != stage:
            continue
        result = results.get((stage, gate.partition(".")[2]))
        if result and result.state == state and not result.is_passed:
            found = f"gate {gate} refuses what {stage} holds: {'; '.join(result.critical_failures)}"
            remedy = f"correct the rows at their source and deliver them again, then materialize the group {stage}"
            return BrokenLink(stage, "refused", found, remedy)
        if result is None or (result.state, result.code_version) != (state, gate_code(stage)):
            missing.append(gate)
    if not missing:
        return None
    found = f"{listed_keys(missing)}: these gates have not evaluated what {stage} holds now"
    return BrokenLink(stage, "unchecked", found, f"materialize the group {stage}, or execute these checks")


def gate_code(stage: str) -> str:
    """Return the version of the code by which the gates of a stage evaluate."""
    return code_version("landing", "gates") if stage == "landing" else code_version("gates")
