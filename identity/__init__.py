"""Who is who: person records in, clusters with stable profile ids, edges and evidence out.

A pure library on Splink and DuckDB: no orchestrator, no environment, no path but a folder that the caller names.
"""

from identity.errors import IdentityError
from identity.evaluation import Evaluation, evaluate
from identity.explanation import Evidence, Explanation, explain
from identity.incremental import can_resolve_changes, kept_token, resolve_changes
from identity.limits import Limits
from identity.model import TrainedModel
from identity.overrides import check_overrides
from identity.profile_ids import ProfileChanges, assign_profile_ids
from identity.records import PLATFORM_MAPPING, RecordMapping
from identity.resolution import Resolution, resolve
from identity.schemas import BLOCKLIST, OUTPUT_SCHEMAS, OVERRIDES
from identity.state import move_state
from identity.verification import Verification, verify_sample

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
    "kept_token",
    "move_state",
    "resolve",
    "resolve_changes",
    "verify_sample",
]
