"""Landing: delivered files become immutable, typed batches; what breaks the contract goes to the quarantine.

``files/`` reads the forms of files, ``contract/`` checks and types their rows, ``storage/`` holds the ledger, the
quarantine and the views of the schema ``landing``, ``erasure/`` takes erased people out, and ``states/`` says how the
sources stand. The modules here put these together; ``land.py`` is where a stream lands. Not here: which streams and
fields there are (``sources/``), which version of a key counts and what a value means
(``dbt_project/models/staging/``), and when a stream is landed (``dagster/``).
"""

from cdp_orchestration.landing.fetching import FetchOutcome, fetch_stream
from cdp_orchestration.landing.inbox import inbox_fingerprint
from cdp_orchestration.landing.land import LandedStream, land_stream
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.landing.states.notices import delivery_notices
from cdp_orchestration.landing.states.source_states import SourceState, source_states
from cdp_orchestration.landing.storage.ledger import stream_states
from cdp_orchestration.landing.storage.views import BatchLostError, create_landing_views

__all__ = [
    "BatchLostError",
    "FetchOutcome",
    "FileRefusedError",
    "LandedStream",
    "SourceState",
    "create_landing_views",
    "delivery_notices",
    "fetch_stream",
    "inbox_fingerprint",
    "land_stream",
    "source_states",
    "stream_states",
]
