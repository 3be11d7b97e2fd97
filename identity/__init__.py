"""Identity resolution: from person records to clusters with stable profile ids, edges and evidence.

A pure library on Splink and DuckDB: it knows no orchestrator, no environment and no path but a folder of the caller.
"""

from identity.decision import Resolution
from identity.errors import IdentityError
from identity.explanation.explain import Evidence, Explanation, explain
from identity.incremental.resolve_changes import can_resolve_changes, resolve_changes, stored_state_token
from identity.incremental.state import move_state
from identity.incremental.verification import Verification, verify_sample
from identity.limits import Limits
from identity.model.trained_model import TrainedModel
from identity.prepare.overrides import check_overrides
from identity.prepare.records import PLATFORM_MAPPING, RecordMapping
from identity.profiles.profile_ids import ProfileChanges, assign_profile_ids
from identity.quality.evaluation import Evaluation, evaluate
from identity.resolution import resolve
from identity.schemas import BLOCKLIST, OUTPUT_SCHEMAS, OVERRIDES

__all__ = [
    "BLOCKLIST",
    "OUTPUT_SCHEMAS",
    "OVERRIDES",
    "PLATFORM_MAPPING",
    "Evaluation",
    "Evidence",
    "Explanation",
    "IdentityError",
    "Limits",
    "ProfileChanges",
    "RecordMapping",
    "Resolution",
    "TrainedModel",
    "Verification",
    "assign_profile_ids",
    "can_resolve_changes",
    "check_overrides",
    "evaluate",
    "explain",
    "move_state",
    "resolve",
    "resolve_changes",
    "stored_state_token",
    "verify_sample",
]
