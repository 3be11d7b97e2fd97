"""Whether the schedule and the sensor run by themselves."""

from cdp_orchestration.dagster.instance import open_instance
from cdp_orchestration.dagster.jobs import hourly_schedule, inbox_sensor
from cdp_orchestration.home.settings import Settings


def automation_states(settings: Settings) -> dict[str, bool]:
    """Return whether the schedule and the sensor are running, by name; both are stopped until a user starts them."""
    stored = {state.instigator_name: state.is_running for state in open_instance(settings).all_instigator_state()}
    return {name: stored.get(name, False) for name in (hourly_schedule().name, inbox_sensor().name)}
