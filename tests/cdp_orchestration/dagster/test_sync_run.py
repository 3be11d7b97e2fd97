"""What a failed sync says of the release that readers see."""

import dagster as dg
import pytest

from cdp_orchestration.dagster.sync_run import failure_message


@pytest.mark.parametrize(
    ("failing", "told"),
    [("live", "the live release is untouched"), ("customer_360", "the new release is live")],
)
def test_a_failed_sync_says_what_readers_see(failing: str, told: str) -> None:
    def fail_if(name: str) -> None:
        if name == failing:
            raise OSError("no space left")

    @dg.asset(key=["release", "live"])
    def live() -> None:
        fail_if("live")

    @dg.asset(key=["release", "customer_360"], deps=[live])
    def customer_360() -> None:
        fail_if("customer_360")

    with dg.DagsterInstance.ephemeral() as instance:
        run = dg.materialize([live, customer_360], instance=instance, raise_on_error=False)
        message = failure_message(instance, run.run_id)
    assert f"release__{failing}: " in message
    assert told in message
