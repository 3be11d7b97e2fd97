"""Where the live release is published to besides the home: PostgreSQL, a folder or bucket, Delta Lake.

A destination shows one release as a whole, and another one from one moment to the next. It follows the live release and
never changes it: what fails here is noted, and tried again.

Not here: when a destination is published to (``dagster/``), and what is wrong with one (``health/``).
"""

from cdp_orchestration.destinations.declaration import Destination, destinations_file, read_destinations
from cdp_orchestration.destinations.faults import DestinationError, PassingDestinationError
from cdp_orchestration.destinations.publishing import publish_to
from cdp_orchestration.destinations.sending import Sent
from cdp_orchestration.destinations.states import Standing, standings

__all__ = [
    "Destination",
    "DestinationError",
    "PassingDestinationError",
    "Sent",
    "Standing",
    "destinations_file",
    "publish_to",
    "read_destinations",
    "standings",
]
