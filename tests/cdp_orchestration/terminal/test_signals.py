"""A command that is asked to end does so, even if a library on the way loses the signal."""

import os
import signal

import pytest

from cdp_orchestration.terminal.signals import ends_in_order


def test_a_signal_ends_the_command() -> None:
    with pytest.raises(SystemExit, match="143"), ends_in_order():
        os.kill(os.getpid(), signal.SIGTERM)


def test_a_signal_that_a_library_lost_ends_the_command_when_it_asks() -> None:
    with ends_in_order() as end_if_asked:
        end_if_asked()
        signal.signal(signal.SIGTERM, lambda *_: None)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(SystemExit, match="143"):
            end_if_asked()


def test_a_terminal_that_hangs_up_during_a_run_is_the_request_to_end_that_the_run_knows() -> None:
    with ends_in_order() as end_if_asked:
        seen: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _: seen.append(number))
        os.kill(os.getpid(), signal.SIGHUP)
        assert seen == [signal.SIGTERM]
        with pytest.raises(SystemExit, match=r"129|143"):
            end_if_asked()


def test_former_handlers_are_in_place_again() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with ends_in_order():
        assert signal.getsignal(signal.SIGTERM) != before
    assert signal.getsignal(signal.SIGTERM) == before
