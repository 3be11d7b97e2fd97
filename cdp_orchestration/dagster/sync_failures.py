"""What failed in a run and what to do about it, read from the run's event log.

The text goes to terminals and logs, so it holds keys, counts and the project's own words. The text of a foreign
exception may quote a customer's value and stays in the run's own page.
"""

import builtins
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import dagster as dg

from cdp_orchestration.dagster.gates import GATE
from cdp_orchestration.dagster.sync_state import FOUND_TAG
from cdp_orchestration.dbt.error_reasons import reason_without_values
from expectations import FIGURES

RELEASE_STEP = "release__live"  # what comes after it can fail without a change of what readers see
_INTERRUPTIONS = (dg.DagsterExecutionInterruptedError.__name__, KeyboardInterrupt.__name__)
_OWN_PACKAGES = ("cdp_orchestration.", "identity.", "expectations.")
_REMEDIES = {
    "landing": "correct these lines of the delivered files and deliver the files again",
    "staging": "correct these rows at their source, or the rule of dbt_project/models/staging that let them pass",
    "identity": "look at these records and profiles, separate what is wrongly linked (`cdp identity unlink A B`)",
    "profiles": "compare these rows with identity's assignments, correct the models in dbt_project/models/profiles",
    "journeys": "compare these rows with staging's interactions, correct the models in dbt_project/models/journeys",
    "release": "look for another program that changed the release's folder or the warehouse",
}

_REMEDY_OF_FIGURES = (
    "look at what was delivered; if it is wrong, take it back (`cdp source withdraw SOURCE/STREAM FILE`), if it is "
    "right, accept it (`cdp gates accept RUN --why ...`; `cdp gates list` shows what waits)"
)


def failure_message(instance: dg.DagsterInstance, run_id: str, objections: Iterable[str] = ()) -> str:
    """Return which gates and steps of a run failed, why, what to do, and what readers see now.

    Args:
        instance: Dagster's storage of the home.
        run_id: a run that has ended.
        objections: why the live release should not be trusted, one sentence a reason.

    Returns:
        Several lines: the state of the live release first, then one block a failed gate or step.
    """
    gates = _failed_gates(instance, run_id)
    blocks = []
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        event = entry.get_dagster_event()
        step = str(event.step_key)
        blocks.append(_gate_block(gates[step]) if step in gates else _step_block(step, event.step_failure_data.error))
    ended = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_SUCCESS)
    went_live = any(entry.step_key == RELEASE_STEP for entry in ended)
    state = "the new release is live" if went_live else "the live release is untouched"
    reasons = "\n".join(blocks) or "the run was stopped before any step failed"
    run = instance.get_run_by_id(run_id)
    found = run.tags.get(FOUND_TAG) if run else None
    notes = "".join(f"{note}\n" for note in (*([f"Found: {found}"] if found else []), *objections))
    return f"sync {run_id} failed; {state}\n{notes}{reasons}\nThe run with all its checks: `cdp dev`"


def failed_step_kinds(instance: dg.DagsterInstance, run_id: str) -> dict[str, str | None]:
    """Return the failed steps of a run with the kind of their error: None for a gate, the class for any other.

    A class says what sort of thing went wrong and quotes no value, as the text of an error might.
    """
    gates = _failed_gates(instance, run_id)
    found: dict[str, str | None] = {}
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        event = entry.get_dagster_event()
        step = str(event.step_key)
        found[step] = None if step in gates else _kind(event.step_failure_data.error)
    return found


def failure_before_steps(instance: dg.DagsterInstance, run_id: str) -> str | None:
    """Return the kind of the error by which a run ended before its steps, such as a lock that another process held."""
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.RUN_FAILURE):
        error = getattr(entry.get_dagster_event().event_specific_data, "error", None)
        if error is not None:
            return _kind(error)
    return None


def _kind(error: Any) -> str:
    kinds = []
    while error is not None:
        kinds.append(_split(error)[0])
        error = error.cause
    own = next((kind for kind in kinds if kind.startswith(_OWN_PACKAGES)), kinds[-1] if kinds else "no reason")
    return own.rpartition(".")[2]


def was_interrupted(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Return whether a step of a run ended because its process was asked to, by Ctrl-C or by a signal."""
    entries = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    return any(_is_interruption(entry.get_dagster_event().step_failure_data.error) for entry in entries)


def _is_interruption(error: Any) -> bool:
    if error is None:
        return False
    is_named = error.cls_name in _INTERRUPTIONS
    return is_named or _is_interruption(error.cause) or _is_interruption(error.context)


def _failed_gates(instance: dg.DagsterInstance, run_id: str) -> dict[str, list[Mapping[str, Any]]]:
    """Return the failures of each gate that stopped the run, by the key of its step."""
    gates: dict[str, list[Mapping[str, Any]]] = {}
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION):
        event = entry.get_dagster_event()
        check = event.asset_check_evaluation_data
        failures = check.metadata.get("failures")
        if check.check_name == GATE and check.severity == dg.AssetCheckSeverity.ERROR and not check.passed and failures:
            gates[str(event.step_key)] = list(failures.value)  # type: ignore[arg-type] # as gates.py writes them
    return gates


def _gate_block(failures: list[Mapping[str, Any]]) -> str:
    return "\n".join(_gate_lines(failures))


def _gate_lines(failures: list[Mapping[str, Any]]) -> Iterator[str]:
    stopping = dict.fromkeys(failure["gate"] for failure in failures if failure["severity"] == "critical")
    for gate in stopping:
        of_gate = [failure for failure in failures if failure["gate"] == gate]
        yield f"gate {gate} failed:"
        for failure in of_gate:
            warning = " (only a warning)" if failure["severity"] == "warning" else ""
            yield f"- {failure['failure']}{warning}"
    compared, others = _split_by_kind(stopping)
    if compared:
        yield f"To do: {_REMEDY_OF_FIGURES}; then run `cdp sync`"
    if others:
        yield f"To do: {_REMEDIES[others[0].partition('.')[0]]}; then run `cdp sync`"


def _split_by_kind(gates: Iterable[str]) -> tuple[list[str], list[str]]:
    compared = [gate for gate in gates if gate.endswith(FIGURES)]
    return compared, [gate for gate in gates if gate not in compared]


def _step_block(step: str, error: Any) -> str:
    if _is_interruption(error):
        return f"step {step} was stopped, as this process was asked to end; the next sync goes on from there"
    causes = []
    while error is not None:
        causes.append(_split(error))
        error = error.cause
    # An error of the project names the remedy; what caused it is a detail.
    own = next((text for kind, text in causes if kind.startswith(_OWN_PACKAGES)), None)
    return f"step {step} failed: {own or (_foreign(*causes[-1]) if causes else 'no reason was recorded')}"


def _split(error: Any) -> tuple[str, str]:
    kind, _, text = str(error.message).strip().partition(": ")
    return kind, text


def _foreign(kind: str, text: str) -> str:
    if kind.startswith(("duckdb.", "_duckdb.")):
        return reason_without_values(text)
    known = getattr(builtins, kind, None)
    if isinstance(known, type) and issubclass(known, OSError):
        return f"{kind}: {text}"
    return f"{kind} (its text may quote a value, so it is only in the run)"
