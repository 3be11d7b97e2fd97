"""Landing: delivered files become immutable, typed batches; what breaks the contract goes to the quarantine.

Here belong the readers of the file formats, the checks of a stream's contract, the ledger of batches and the views of
the schema ``landing``. Not here: which streams and fields there are (``sources/``), which version of a key counts
and what a value means (``dbt_project/models/staging/``), and when a stream is landed (``dagster/``).
"""

from cdp_orchestration.landing.fetching import FetchOutcome, fetch_stream
from cdp_orchestration.landing.inbox import inbox_fingerprint
from cdp_orchestration.landing.land import LandedStream, land_stream
from cdp_orchestration.landing.ledger import stream_states
from cdp_orchestration.landing.notices import delivery_notices
from cdp_orchestration.landing.refusals import FileRefusedError
from cdp_orchestration.landing.source_states import SourceState, source_states
from cdp_orchestration.landing.views import BatchLostError, create_landing_views

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
