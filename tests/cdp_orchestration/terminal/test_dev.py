"""What `cdp dev` says once Dagster answers; tests/test_dagster_ui.py starts it."""

import pytest

from cdp_orchestration.errors import SettingsError
from cdp_orchestration.terminal.dev import ready_sentence, require_consent


def test_the_sentence_names_the_address_what_is_running_and_where_to_change_it() -> None:
    shown = ready_sentence("127.0.0.1", 3000, {"hourly_sync": True, "inbox_sensor": False})
    assert shown == (
        "Dagster's UI is at http://127.0.0.1:3000; running: hourly_sync; stopped: inbox_sensor: "
        "start and stop them there under Automation"
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1", "[::1]"])
def test_an_address_of_this_machine_alone_needs_no_consent(host: str) -> None:
    require_consent(host, is_agreed=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "cdp.example.com", ""])
def test_an_address_that_others_reach_needs_a_word_of_consent(host: str) -> None:
    with pytest.raises(SettingsError, match=r"asks for no password.*proxy with a login.*--without-login"):
        require_consent(host, is_agreed=False)
    require_consent(host, is_agreed=True)
