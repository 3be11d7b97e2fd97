"""How runs ended, as findings: a sync that failed or was killed, and the checks that warn, until a run says otherwise.

Read from the event log after the run, and not by hooks of Dagster: a hook belongs to one op and runs in the process of
the run, so that one that was killed calls none, and a run status sensor sees one status, and nothing between two runs.
The log has every run, whoever started it: the command, the daemon, or a person in the UI.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from cdp_orchestration.dagster.delivery_checks import IN_TIME
from cdp_orchestration.dagster.gates import GATE
from cdp_orchestration.dagster.identity_checks import NO_CANDIDATE_WAITS
from cdp_orchestration.dagster.run_history import SYNC_JOB, is_sync
from cdp_orchestration.dagster.sync_failures import failed_step_kinds, failure_before_steps, failure_message
from cdp_orchestration.notifications import Finding, Observed, Outbox

RUNS_READ = 50
_SAID_ELSEWHERE = {GATE, IN_TIME, NO_CANDIDATE_WAITS}
"""Checks whose findings have a kind of their own."""


def ended_run_findings(instance: dg.DagsterInstance, outbox: Outbox) -> Iterator[Observed]:
    """Yield what stands after each run that has ended since this was last asked, in the order of their ends.

    Args:
        instance: Dagster's storage of the home.
        outbox: what stood before, and which runs were taken up.

    Yields:
        The failed syncs and the warning checks that stand after the run. A run counts as taken up once the next one
        is asked for.
    """
    noted = outbox.noted_runs()
    for record in _ended_runs(instance, noted):
        run = record.dagster_run
        standing = outbox.standing()
        failed = _failed_after([each for each in standing if each.kind == "failed_run"], instance, record)
        yield Observed(frozenset({"failed_run"}), tuple(failed))
        outbox.keep_warnings(_warnings_after(outbox.kept_warnings(), instance, run.run_id))
        outbox.note_runs([run.run_id])


def _ended_runs(instance: dg.DagsterInstance, noted: set[str]) -> list[dg.RunRecord]:
    """Return the ended runs that were not taken up, the oldest first; of a home that never asked, from a success on."""
    statuses = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE]
    found = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=statuses), limit=RUNS_READ):
        if record.dagster_run.run_id not in noted:
            found.append(record)
        if not noted and record.dagster_run.is_success and record.dagster_run.job_name == SYNC_JOB:
            break
    return sorted(found, key=lambda record: record.end_time or 0.0)


def _failed_after(standing: list[Finding], instance: dg.DagsterInstance, record: dg.RunRecord) -> list[Finding]:
    run = record.dagster_run
    if not is_sync(run.job_name):
        return standing
    others = [each for each in standing if each.subject != run.job_name]
    if run.is_success:
        return [] if run.job_name == SYNC_JOB else others  # a sync of all sources does the work of each
    kinds = failed_step_kinds(instance, run.run_id)
    if kinds and all(kind is None for kind in kinds.values()):
        return standing  # gates alone have failed, which is a blocked release
    former = next((each for each in standing if each.subject == run.job_name), None)
    return [*others, _failed(instance, record, kinds, former)]


def _failed(
    instance: dg.DagsterInstance, record: dg.RunRecord, kinds: dict[str, str | None], former: Finding | None
) -> Finding:
    run = record.dagster_run
    steps = ", ".join(f"{step} ({kind})" if kind else step for step, kind in sorted(kinds.items())[:5])
    reason = f"at {steps}" if kinds else _before_steps(instance, run.run_id)
    ended = datetime.fromtimestamp(record.end_time or 0.0, UTC).isoformat(timespec="seconds")
    found = Finding(
        kind="failed_run",
        subject=run.job_name,
        severity="critical",
        what=f"Run {run.run_id} failed {reason}. The live release is as the last complete sync left it.",
        remedy="Correct the cause; `cdp sync` then goes on from there.",
        occurrence=f"{reason}; {run.run_id}",
        since=ended,
        counts={"failed_runs": 1},
        run_id=run.run_id,
        details=tuple(failure_message(instance, run.run_id).splitlines()),
    )
    if former is None or former.occurrence.rpartition("; ")[0] != reason:
        return found
    # The same failure again: it is heard of once, until a sync succeeds or fails otherwise
    count = former.counts.get("failed_runs", 1) + 1
    return replace(found, occurrence=former.occurrence, since=former.since, counts={"failed_runs": count})


def _before_steps(instance: dg.DagsterInstance, run_id: str) -> str:
    kind = failure_before_steps(instance, run_id)
    return f"before its first step ({kind})" if kind else "before any step failed: its process was killed"


def _warnings_after(kept: Iterable[Finding], instance: dg.DagsterInstance, run_id: str) -> list[Finding]:
    """Return the checks that warn after a run; one that the run did not evaluate is as it was."""
    standing = {each.subject: each for each in kept}
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION):
        check = entry.get_dagster_event().asset_check_evaluation_data
        if check.check_name in _SAID_ELSEWHERE:
            continue
        name = f"{'/'.join(check.asset_key.path)}: {check.check_name}"
        standing.pop(name, None)
        if not check.passed:
            standing[name] = _warned(name, check, run_id)
    return list(standing.values())


def _warned(name: str, check: Any, run_id: str) -> Finding:
    # What a check says of itself may hold keys and names of folders: it is shown on the machine alone
    said = tuple(str(check.description).splitlines()) if check.description else ()
    return Finding(
        kind="check_warning",
        subject=name,
        severity="warning",
        what=f"Check {name} warns.",
        remedy="Its page in `cdp dev` says what was found.",
        run_id=run_id,
        details=said,
    )
