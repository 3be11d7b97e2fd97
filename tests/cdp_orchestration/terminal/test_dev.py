"""What `cdp dev` says once Dagster answers; tests/test_dagster_ui.py starts it."""

from cdp_orchestration.terminal.dev import ready_sentence


def test_the_sentence_names_the_address_what_is_running_and_where_to_change_it() -> None:
    shown = ready_sentence("127.0.0.1", 3000, {"hourly_sync": True, "inbox_sensor": False})
    assert shown == (
        "Dagster's UI is at http://127.0.0.1:3000; running: hourly_sync; stopped: inbox_sensor: "
        "start and stop them there under Automation"
    )
