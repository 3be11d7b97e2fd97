"""A run that is asked to end does so, whichever library the signal passes on its way."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import dagster as dg
import pytest

from cdp_orchestration.dagster.home_resource import Home
from cdp_orchestration.dagster.sync_failures import failure_message, was_interrupted


def _lose_a_signal() -> None:
    with suppress(BaseException):  # as a callback within a library does
        os.kill(os.getpid(), signal.SIGTERM)


def test_a_signal_that_one_step_loses_stops_the_run_at_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CDP_HOME", str(tmp_path / "home"))
    done: list[str] = []

    @dg.asset
    def loses_it(home: dg.ResourceParam[Home]) -> None:
        with home.warehouse():
            _lose_a_signal()
        done.append("the first")

    @dg.asset(deps=[loses_it])
    def comes_next(home: dg.ResourceParam[Home]) -> None:
        with home.warehouse():
            done.append("the next")

    @dg.asset(deps=[loses_it])
    def comes_last(home: dg.ResourceParam[Home]) -> None:
        with home.warehouse():
            done.append("the last")

    with dg.DagsterInstance.ephemeral() as instance:
        assets = [loses_it, comes_next, comes_last]
        ended = dg.materialize(assets, resources={"home": Home()}, instance=instance, raise_on_error=False)
        assert done == ["the first"]
        assert not ended.success
        assert was_interrupted(instance, ended.run_id)
        message = failure_message(instance, ended.run_id)
    assert "was stopped, as this process was asked to end; the next sync goes on from there" in message
    assert message.count("was stopped") == 1
