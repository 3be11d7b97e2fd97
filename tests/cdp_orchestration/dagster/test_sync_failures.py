"""A failed sync states what failed, on which rows, what to do, and what readers see; it repeats no value of a row."""

import json
from collections.abc import Callable

import dagster as dg
import duckdb
import pytest

from cdp_orchestration.dagster.gates import GATE
from cdp_orchestration.dagster.sync_failures import failure_message, was_interrupted
from cdp_orchestration.errors import CdpError, DbtFailedError

TOO_LARGE = "largest profile is credible: found 400, allowed at most 200; 400 failing: p1"
ON_AVERAGE = "records per profile on average: found 21.5, allowed between 1 and 20"
UNUSUAL = "largest profile is of a usual size: found 400, allowed at most 50; 400 failing: p1"


@pytest.mark.parametrize(
    ("failing", "state"),
    [("live", "the live release is untouched"), ("customer_360", "the new release is live")],
)
def test_a_failed_sync_states_what_readers_see(failing: str, state: str) -> None:
    def fail_if(name: str) -> None:
        if name == failing:
            raise OSError("no space left")

    @dg.asset(key=["release", "live"])
    def live() -> None:
        fail_if("live")

    @dg.asset(key=["release", "customer_360"], deps=[live])
    def customer_360() -> None:
        fail_if("customer_360")

    message = _message(live, customer_360)
    assert message.splitlines()[0].endswith(f"failed; {state}")
    assert f"step release__{failing} failed: OSError: no space left" in message


def _stop_query() -> None:
    raise RuntimeError("Query interrupted") from dg.DagsterExecutionInterruptedError()


def _break() -> None:
    raise OSError("no space left")


@pytest.mark.parametrize(("fail", "is_interrupted"), [(_stop_query, True), (_break, False)])
def test_a_sync_that_was_asked_to_end_is_known_by_any_of_its_errors(
    fail: Callable[[], None], is_interrupted: bool
) -> None:
    @dg.asset
    def candidate() -> None:
        fail()

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([candidate], instance=instance, raise_on_error=False)
        assert was_interrupted(instance, result.run_id) is is_interrupted


def test_every_failed_expectation_of_every_failed_gate_is_listed_with_what_to_do() -> None:
    @dg.asset(key=["identity", "profile_assignments"])
    def assignments() -> None: ...

    @dg.asset(key=["identity", "match_edges"])
    def edges() -> None: ...

    first = _gate(assignments, "identity.profile_assignments", critical=(TOO_LARGE, ON_AVERAGE), warning=(UNUSUAL,))
    second = _gate(edges, "identity.match_edges", critical=("no record is linked to itself: found 1 row",))
    message = _message(assignments, edges, first, second)
    listed = f"- {TOO_LARGE}\n- {ON_AVERAGE}\n- {UNUSUAL} (only a warning)"
    assert f"gate identity.profile_assignments failed:\n{listed}\nTo do: look at these records and profiles" in message
    assert "gate identity.match_edges failed:\n- no record is linked to itself: found 1 row\nTo do: " in message


def test_a_gate_that_only_warns_stops_nothing() -> None:
    @dg.asset(key=["identity", "profile_assignments"])
    def assignments() -> None: ...

    gate = _gate(assignments, "identity.profile_assignments", warning=(UNUSUAL,))
    with dg.DagsterInstance.ephemeral() as instance:
        assert dg.materialize([assignments, gate], instance=instance).success


def _raise_conversion() -> None:
    duckdb.connect().execute("select 'secret@mail.org'::date")


def _raise_value() -> None:
    int("secret@mail.org")


def _raise_dbt() -> None:
    raise DbtFailedError("1 of the models failed:\n- model x\nTo do: correct it")


def _raise_own() -> None:
    try:
        _raise_value()
    except ValueError as error:
        raise CdpError("orders.csv has no header line; deliver it with one") from error


@pytest.mark.parametrize(
    ("raises", "reason"),
    [
        (_raise_conversion, "Conversion Error: a text cannot be converted to date"),
        (_raise_value, "ValueError (its text may quote a value, so it is only in the run)"),
        (_raise_dbt, "1 of the models failed:\n- model x\nTo do: correct it"),
        (_raise_own, "orders.csv has no header line; deliver it with one"),
    ],
)
def test_the_project_s_own_errors_are_shown_in_full_and_other_texts_never_quote_a_value(
    raises: Callable[[], None], reason: str
) -> None:
    @dg.asset(key=["staging", "orders"])
    def orders() -> None:
        raises()

    message = _message(orders)
    assert f"step staging__orders failed: {reason}\n" in message
    assert "secret" not in message


def _gate(
    asset: dg.AssetsDefinition, name: str, *, critical: tuple[str, ...] = (), warning: tuple[str, ...] = ()
) -> dg.AssetChecksDefinition:
    @dg.asset_check(asset=asset, name=GATE, blocking=True)
    def gate() -> dg.AssetCheckResult:
        failures = [
            *({"gate": name, "severity": "critical", "failure": each} for each in critical),
            *({"gate": name, "severity": "warning", "failure": each} for each in warning),
        ]
        severity = dg.AssetCheckSeverity.ERROR if critical else dg.AssetCheckSeverity.WARN
        return dg.AssetCheckResult(
            passed=False, severity=severity, metadata={"failures": json.loads(json.dumps(failures))}
        )

    return gate


def _message(*definitions: dg.AssetsDefinition) -> str:
    with dg.DagsterInstance.ephemeral() as instance:
        run = dg.materialize(list(definitions), instance=instance, raise_on_error=False)
        assert not run.success
        return failure_message(instance, run.run_id)
