"""What may go on: the records that identity may resolve, the chain that a release is cut from, what goes live."""

from collections.abc import Mapping
from typing import Any

import duckdb

from cdp_orchestration.errors import MissingInputsError, ReleaseRefusedError
from cdp_orchestration.home.settings import Settings
from cdp_orchestration.release.bundle import file_sha256
from cdp_orchestration.release.publication import candidate_folder
from cdp_orchestration.stages.builds import read_builds
from cdp_orchestration.stages.chain import Chain, gate_code, read_chain
from cdp_orchestration.stages.gate_results import read_gate_results


def require_passed_records(connection: duckdb.DuckDBPyConnection) -> None:
    """Make sure that the gate of the person records has passed: ids and events of identity are never taken back.

    Args:
        connection: the warehouse.

    Raises:
        MissingInputsError: staging is not complete, or its gate has not passed what it holds.
    """
    build = read_builds(connection).get("staging")
    result = read_gate_results(connection).get(("staging", "person_records"))
    if build is None or not build.is_complete:
        found = f"staging is {build.status}" if build else "staging was never built"
    elif result is None or (result.state, result.code_version) != (build.state, gate_code("staging")):
        found = "gate staging.person_records has not evaluated what staging holds now"
    elif not result.is_passed:
        found = f"gate staging.person_records refuses what staging holds: {'; '.join(result.critical_failures)}"
    else:
        return
    raise MissingInputsError(
        f"identity resolves only records that have passed, because its ids and events are never taken back; {found}; "
        "materialize the group staging with its checks first, or run `cdp sync`"
    )


def require_complete_chain(connection: duckdb.DuckDBPyConnection, settings: Settings) -> Chain:
    """Return the chain of a home.

    Args:
        connection: the warehouse.
        settings: the home.

    Returns:
        The chain, complete and passed.

    Raises:
        ReleaseRefusedError: it is broken; the message names the first stage at which it is, and what to do.
    """
    chain = read_chain(connection, settings)
    if chain.broken:
        raise ReleaseRefusedError(f"no release can be cut: {chain.broken[0]}, or run `cdp sync`")
    return chain


def require_passed_candidate(
    connection: duckdb.DuckDBPyConnection, settings: Settings, manifest: Mapping[str, Any]
) -> Chain:
    """Return the chain that a candidate was cut from.

    Args:
        connection: the warehouse.
        settings: the home.
        manifest: the candidate's manifest.

    Returns:
        The chain, complete and passed, as it was when the candidate was cut.

    Raises:
        ReleaseRefusedError: the gate has not passed this candidate, its files are not those that the gate has read, or
            the warehouse has changed since it was cut.
    """
    chain = require_complete_chain(connection, settings)
    release_id = manifest["release_id"]
    remedy = "materialize release/candidate with its check, or run `cdp sync`"
    if chain.fingerprint != manifest.get("inputs_fingerprint"):
        raise ReleaseRefusedError(f"candidate {release_id} was cut before the stages were built anew; {remedy}")
    result = read_gate_results(connection).get(("release", "candidate"))
    if result is None or (result.state, result.code_version) != (release_id, gate_code("release")):
        raise ReleaseRefusedError(f"the gate of release/candidate has not evaluated candidate {release_id}; {remedy}")
    if not result.is_passed:
        failures = "; ".join(result.critical_failures)
        raise ReleaseRefusedError(f"the gate of release/candidate refuses candidate {release_id}: {failures}; {remedy}")
    folder = candidate_folder(settings.releases, release_id)
    changed = [e["file"] for e in manifest["tables"].values() if file_sha256(folder / e["file"]) != e["sha256"]]
    if changed:
        raise ReleaseRefusedError(
            f"{len(changed)} files of candidate {release_id} have changed since they were written, the first is "
            f"{changed[0]}; {remedy}"
        )
    return chain
