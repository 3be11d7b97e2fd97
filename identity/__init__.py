"""Identity resolution: from person records to clusters with stable profile ids, edges and evidence.

A pure library on Splink and DuckDB: it knows no orchestrator, no environment and no path but a folder of the caller.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from identity.decision import Resolution
    from identity.errors import IdentityError
    from identity.explanation.explain import Evidence, Explanation, explain
    from identity.incremental.resolve_changes import can_resolve_changes, resolve_changes, stored_state_token
    from identity.incremental.state import move_state
    from identity.incremental.verification import Verification, verify_sample
    from identity.limits import Limits
    from identity.model.trained_model import TrainedModel
    from identity.partitioned.loop_engine import LoopEngine
    from identity.partitioned.resolve_partitioned import resolve_partitioned
    from identity.prepare.overrides import check_overrides
    from identity.prepare.records import PLATFORM_MAPPING, RecordMapping
    from identity.profiles.profile_ids import ProfileChanges, assign_profile_ids
    from identity.profiles.replaced_records import find_replaced_records, kept_links
    from identity.quality.evaluation import Evaluation, evaluate
    from identity.resolution import resolve
    from identity.schemas import BLOCKLIST, CLUSTERS, OUTPUT_SCHEMAS, OVERRIDE_CHANGES, OVERRIDES, REPLACED

__all__ = [
    "BLOCKLIST",
    "CLUSTERS",
    "OUTPUT_SCHEMAS",
    "OVERRIDES",
    "OVERRIDE_CHANGES",
    "PLATFORM_MAPPING",
    "REPLACED",
    "Evaluation",
    "Evidence",
    "Explanation",
    "IdentityError",
    "Limits",
    "LoopEngine",
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
    "find_replaced_records",
    "kept_links",
    "move_state",
    "resolve",
    "resolve_changes",
    "resolve_partitioned",
    "stored_state_token",
    "verify_sample",
]

# A caller of one part does not wait for the import of all: scipy, Splink and the clusters take half a second
_DECLARED_IN = {
    "Resolution": "identity.decision",
    "IdentityError": "identity.errors",
    "Evidence": "identity.explanation.explain",
    "Explanation": "identity.explanation.explain",
    "explain": "identity.explanation.explain",
    "can_resolve_changes": "identity.incremental.resolve_changes",
    "resolve_changes": "identity.incremental.resolve_changes",
    "stored_state_token": "identity.incremental.resolve_changes",
    "move_state": "identity.incremental.state",
    "Verification": "identity.incremental.verification",
    "verify_sample": "identity.incremental.verification",
    "Limits": "identity.limits",
    "TrainedModel": "identity.model.trained_model",
    "LoopEngine": "identity.partitioned.loop_engine",
    "resolve_partitioned": "identity.partitioned.resolve_partitioned",
    "check_overrides": "identity.prepare.overrides",
    "PLATFORM_MAPPING": "identity.prepare.records",
    "RecordMapping": "identity.prepare.records",
    "ProfileChanges": "identity.profiles.profile_ids",
    "assign_profile_ids": "identity.profiles.profile_ids",
    "find_replaced_records": "identity.profiles.replaced_records",
    "kept_links": "identity.profiles.replaced_records",
    "Evaluation": "identity.quality.evaluation",
    "evaluate": "identity.quality.evaluation",
    "resolve": "identity.resolution",
    "BLOCKLIST": "identity.schemas",
    "CLUSTERS": "identity.schemas",
    "OUTPUT_SCHEMAS": "identity.schemas",
    "OVERRIDES": "identity.schemas",
    "OVERRIDE_CHANGES": "identity.schemas",
    "REPLACED": "identity.schemas",
}

if not TYPE_CHECKING:  # the type checker knows every name by its import above

    def __getattr__(name: str) -> object:
        if name not in _DECLARED_IN:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it offers {', '.join(__all__)}")
        return getattr(import_module(_DECLARED_IN[name]), name)
